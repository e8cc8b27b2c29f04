"""Throw-away certificate authorities and the certificates that they issue, made when they are needed."""

from __future__ import annotations

import ipaddress
import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Authority:
    """One authority. `ca_file` is its certificate as a PEM file in `folder`."""

    def __init__(self, folder: Path, name: str = "Throw-away CA") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._name = _name(name)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._issued = 0
        certificate = self._certificate(self._name, self._key, ca=True, names=[])
        self.ca_file = folder / "ca.pem"
        self.ca_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def context(self, *hosts: str, days: int = 2, begins: int = -10, with_ca: bool = False) -> ssl.SSLContext:
        """A server's context with a certificate for hosts (names or addresses) that ends in `days`, or ended before.

        `begins` is the day of its first validity from now. `with_ca` sends the authority's own certificate along.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._certificate(_name(hosts[0]), key, ca=False, names=hosts, days=days, begins=begins)
        return self._serving(certificate, key, with_ca=with_ca)

    def self_signed(self, host: str) -> ssl.SSLContext:
        """A server's context with a certificate that nobody has signed but its own key; `ca_file` is not needed."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._certificate(_name(host), key, ca=False, names=[host], signed_by_itself=True)
        return self._serving(certificate, key, with_ca=False)

    def _serving(
        self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey, *, with_ca: bool
    ) -> ssl.SSLContext:
        self._issued += 1
        chain = self._folder / f"server-{self._issued}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        sent = certificate.public_bytes(serialization.Encoding.PEM)
        chain.write_bytes(private + sent + (self.ca_file.read_bytes() if with_ca else b""))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        return context

    def _certificate(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        *,
        ca: bool,
        names: tuple[str, ...] | list[str],
        days: int = 2,
        begins: int = -10,
        signed_by_itself: bool = False,
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        signing, issuer = (key, subject) if signed_by_itself else (self._key, self._name)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + timedelta(days=begins))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
        )
        if ca:
            usage = x509.KeyUsage(
                digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False,
                key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False,
                decipher_only=False,
            )  # fmt: skip
            builder = builder.add_extension(usage, critical=True)
        else:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([_general(each) for each in names]), critical=False
            )
        return builder.sign(signing, hashes.SHA256())


def make_certificates(folder: Path, host: str = "localhost") -> tuple[Path, ssl.SSLContext]:
    """The CA's PEM file in `folder`, and a server's context with a certificate for `host` and 127.0.0.1."""
    authority = Authority(folder)
    return authority.ca_file, authority.context(host, "127.0.0.1")


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _general(name: str) -> x509.GeneralName:
    with suppress(ValueError):
        return x509.IPAddress(ipaddress.ip_address(name))
    return x509.DNSName(name)
