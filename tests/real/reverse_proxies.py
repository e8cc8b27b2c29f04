"""nginx, HAProxy and Caddy in front of servers of models, each with settings of one file in a folder of the run."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.real.environments import program_of
from tests.real.server_process import ServerProcess, answers


@dataclass(frozen=True, kw_only=True)
class ReverseProxy:
    """One kind of proxy. `settings` gives the text of its file; `buffers` says that it can hold answers back.

    `is_patient` says that it lets answers come to their end before it ends itself.
    """

    name: str
    packages: tuple[str, ...]
    words: Callable[[Path, Path], Sequence[str]]
    settings: Callable[[ProxySettings], str]
    ask_version: str
    buffers: bool = False
    is_patient: bool = False
    environ: Mapping[str, str] = field(default_factory=dict[str, str])

    def install(self, folder: Path) -> tuple[Path, dict[str, str]]:
        """The program and what its environment needs. Raises NotTriedError."""
        return program_of(folder, self.name, self.packages)

    def version(self, folder: Path) -> str:
        """What the program says of itself: the first number with a point."""
        program, environ = self.install(folder)
        done = subprocess.run((str(program), self.ask_version), env=environ, capture_output=True, text=True)
        words = (done.stdout + done.stderr).replace("/", " ").split()
        return next(word for word in words if word.lstrip("v")[:1].isdigit() and "." in word).partition("-")[0]

    def process(self, folder: Path, settings: ProxySettings) -> ServerProcess:
        """A proxy that is not started yet."""
        program, environ = self.install(folder)
        file = settings.work / f"{self.name}-{settings.port}.conf"
        file.write_text(self.settings(settings), "utf-8")
        return ServerProcess(
            self.words(program, file),
            log=settings.work / f"{self.name}.log",
            ready=answers(f"{settings.url}/models"),
            environ={**environ, **self.environ, "HOME": str(settings.work)},
        )


@dataclass(frozen=True, kw_only=True)
class ProxySettings:
    """Where a proxy listens, which ports are behind it, how long it waits for an answer to begin."""

    work: Path
    port: int
    behind: tuple[int, ...]
    held_back: bool = False
    wait_s: int = 60

    @property
    def url(self) -> str:
        """What Paragone is given."""
        return f"http://127.0.0.1:{self.port}/v1"


def _nginx(asked: ProxySettings) -> str:
    servers = " ".join(f"server 127.0.0.1:{port};" for port in asked.behind)
    places = "\n".join(
        f"  {kind}_temp_path {asked.work}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # As long as it is not told otherwise nginx asks in HTTP/1.0 and holds back what then comes without chunks
    buffering = (
        "proxy_ignore_headers X-Accel-Buffering;" if asked.held_back else "proxy_http_version 1.1; proxy_buffering off;"
    )
    return f"""user root;
daemon off;
worker_processes 1;
pid {asked.work}/nginx.pid;
error_log stderr;
events {{ }}
http {{
  access_log off;
{places}
  upstream models {{ {servers} }}
  server {{
    listen 127.0.0.1:{asked.port};
    location / {{
      proxy_pass http://models;
      {buffering}
      proxy_read_timeout {asked.wait_s}s;
      proxy_next_upstream off;
    }}
  }}
}}
"""


def _haproxy(asked: ProxySettings) -> str:
    servers = "\n".join(
        f"  server model-{place} 127.0.0.1:{port} check inter 500 maxconn 2"
        for place, port in enumerate(asked.behind, 1)
    )
    return f"""global
  maxconn 200
defaults
  mode http
  timeout connect 5s
  timeout client 300s
  timeout queue 300s
  timeout server {asked.wait_s}s
frontend chats
  bind 127.0.0.1:{asked.port}
  stats enable
  stats uri /stats
  default_backend models
backend models
  balance leastconn
  option httpchk GET /health
{servers}
"""


def _caddy(asked: ProxySettings) -> str:
    servers = " ".join(f"127.0.0.1:{port}" for port in asked.behind)
    return f"""{{
  admin off
  auto_https off
}}
http://127.0.0.1:{asked.port} {{
  reverse_proxy {servers} {{
    transport http {{
      response_header_timeout {asked.wait_s}s
    }}
  }}
}}
"""


PROXIES = {
    proxy.name: proxy
    for proxy in (
        ReverseProxy(
            name="nginx",
            packages=("nginx",),
            words=lambda program, file: (str(program), "-p", str(file.parent), "-e", "stderr", "-c", str(file)),
            settings=_nginx,
            ask_version="-v",
            buffers=True,
        ),
        ReverseProxy(
            name="haproxy",
            packages=(
                *("haproxy", "liblua5.4-0", "libopentracing-c-wrapper0t64", "libopentracing1"),
                *("libjemalloc2", "libpcre2-8-0"),
            ),
            words=lambda program, file: (str(program), "-db", "-f", str(file)),
            settings=_haproxy,
            ask_version="-v",
        ),
        ReverseProxy(
            name="caddy",
            packages=("caddy",),
            words=lambda program, file: (str(program), "run", "--adapter", "caddyfile", "--config", str(file)),
            settings=_caddy,
            ask_version="version",
            is_patient=True,
        ),
    )
}
