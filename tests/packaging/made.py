"""Tiny real packages of each system, made when a test wants one."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

_SPEC = """Name: {name}
Version: 1.0
Release: 1
Summary: A package
License: Apache-2.0
BuildArch: noarch
%description
A package.
%files
"""
_WXS = """<?xml version="1.0"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
  <Product Id="*" Name="Tiny" Language="1033" Version="1.0" Manufacturer="Paragone"
           UpgradeCode="0A6E6F4C-7B0C-4B7F-9B57-2E9C3E1D5B11">
    <Package InstallerVersion="200" Compressed="yes"/>
    <Directory Id="TARGETDIR" Name="SourceDir">
      <Component Id="C" Guid="0A6E6F4C-7B0C-4B7F-9B57-2E9C3E1D5B12"><CreateFolder/></Component>
    </Directory>
    <Feature Id="F" Level="1"><ComponentRef Id="C"/></Feature>
  </Product>
</Wix>
"""


def missing(*programs: str) -> str:
    """Which of these are not installed, as a reason to skip; empty where all are."""
    absent = [name for name in programs if not shutil.which(name)]
    return f"not installed: {', '.join(absent)}" if absent else ""


def deb(folder: Path, name: str = "tiny") -> Path:
    """A Debian package without files."""
    control = folder / f"{name}-deb" / "DEBIAN"
    control.mkdir(parents=True)
    facts = f"Package: {name}\nVersion: 1.0\nArchitecture: amd64\nMaintainer: N <n@example.com>\nDescription: tiny\n"
    (control / "control").write_text(facts)
    made = folder / f"{name}_1.0_amd64.deb"
    subprocess.run(["dpkg-deb", "--build", str(control.parent), str(made)], check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(control.parent)
    return made


def rpm(folder: Path, name: str = "tiny") -> Path:
    """An rpm package without files."""
    spec, top = folder / f"{name}.spec", folder / "rpmbuild"
    spec.write_text(_SPEC.format(name=name))
    words = ["rpmbuild", "--quiet", "-bb", "--define", f"_topdir {top}", str(spec)]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    (found,) = top.rglob("*.rpm")
    made = found.rename(folder / found.name)
    shutil.rmtree(top)
    spec.unlink()
    return made


def msi(folder: Path) -> Path:
    """An MSI without files."""
    source, made = folder / "tiny.wxs", folder / "tiny.msi"
    source.write_text(_WXS)
    subprocess.run(["wixl", "-o", str(made), str(source)], check=True, stdout=subprocess.DEVNULL)
    source.unlink()
    return made


def exe(path: Path) -> Path:
    """A program for 64-bit Windows of one empty section."""
    dos = b"MZ" + bytes(58) + struct.pack("<I", 64)
    coff = struct.pack("<4sHHIIIHH", b"PE\0\0", 0x8664, 1, 0, 0, 0, 240, 0x22)
    optional = struct.pack("<HBBIIIII", 0x20B, 14, 0, 512, 0, 0, 0x1000, 0x1000)
    optional += struct.pack("<QIIHHHHHHI", 0x140000000, 0x1000, 512, 6, 0, 0, 0, 6, 0, 0)
    optional += struct.pack("<IIIHHQQQQII", 0x2000, 512, 0, 3, 0, 1 << 20, 4096, 1 << 20, 4096, 0, 16)
    optional += bytes(16 * 8)
    section = struct.pack("<8sIIIIIIHHI", b".text", 512, 0x1000, 512, 512, 0, 0, 0, 0, 0x60000020)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((dos + coff + optional + section).ljust(512, b"\0") + bytes(512))
    return path
