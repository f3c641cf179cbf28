"""Debian's slapd with a SupAnn-like schema, run in a directory of its own on loopback."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import time
from base64 import b64encode
from collections.abc import Iterable, Mapping
from pathlib import Path

import trustme

from .binary import find, free_port, run
from .server import Unavailable

BASE = "ou=people,dc=univ,dc=example"
READER = "cn=greffe,dc=univ,dc=example"
PASSWORD = "s3cret of the directory"
_SCHEMAS = ("core", "cosine", "inetorgperson")
_TREE = f"""\
dn: dc=univ,dc=example
objectClass: dcObject
objectClass: organization
dc: univ
o: univ

dn: {READER}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: greffe
userPassword: {PASSWORD}

dn: {BASE}
objectClass: organizationalUnit
ou: people
"""
Values = Mapping[str, str | bytes | list[str]]


def ldif(dn: str, values: Values) -> str:
    """One entry; every value in base64, so that it can be anything. An empty one is none, as in a directory."""
    lines = [f"dn:: {_packed(dn)}"]
    for name, of in values.items():
        lines += [f"{name}:: {_packed(value)}" for value in (of if isinstance(of, list) else [of]) if value]
    return "\n".join(lines) + "\n"


def _packed(value: str | bytes) -> str:
    return b64encode(value.encode() if isinstance(value, str) else value).decode()


def slapd_version() -> str:
    """What the summary names."""
    try:
        done = subprocess.run([find("slapd"), "-VV"], capture_output=True, text=True, check=False)
    except Unavailable:
        return "no slapd"
    found = re.search(r"slapd ([\d.]+)", done.stdout + done.stderr)
    return f"slapd {found[1]}" if found else "slapd"


class Directory:
    """A server that is set up, filled and started by one test; ``settings`` are lines of its slapd.conf."""

    def __init__(self, home: Path) -> None:
        self._slapd, self._slapadd = find("slapd"), find("slapadd")
        self._home = home
        self._process: subprocess.Popen[bytes] | None = None
        self.port, self.tls_port = free_port(), free_port()
        self.settings: list[str] = [f'limits dn.exact="{READER}" size=unlimited']
        self.common: list[str] = []
        """Lines for the server as a whole."""

    @property
    def url(self) -> str:
        return f"ldap://127.0.0.1:{self.port}"

    @property
    def tls_url(self) -> str:
        return f"ldaps://127.0.0.1:{self.tls_port}"

    def certify(self, authority: trustme.CA, *names: str) -> None:
        """Give the server a certificate for these names."""
        self._home.mkdir(exist_ok=True)
        certificate = authority.issue_cert(*names)
        key, chain = self._home / "key.pem", self._home / "chain.pem"
        certificate.private_key_pem.write_to_path(key)
        for n, blob in enumerate(certificate.cert_chain_pems):
            blob.write_to_path(chain, append=bool(n))
        self.common += [f"TLSCertificateFile {chain}", f"TLSCertificateKeyFile {key}"]

    def serve(self, entries: Iterable[str]) -> None:
        """Load these entries below BASE, in their order, and start."""
        data = self._home / "data"
        data.mkdir(parents=True)
        content = self._home / "content.ldif"
        with content.open("w", encoding="utf-8") as file:
            file.write(_TREE)
            file.writelines(f"\n{entry}" for entry in entries)
        self._config.write_text("\n".join(self._configuration(data)) + "\n")
        run([self._slapadd, "-q", "-f", str(self._config), "-l", str(content)])
        self.start()

    def start(self) -> None:
        """Start, or start again; returns once it answers."""
        urls = f"{self.url} {self.tls_url}" if any("TLS" in line for line in self.common) else self.url
        with (self._home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._slapd, "-f", str(self._config), "-h", urls, "-d", "0"], stdout=log, stderr=log
            )
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError as error:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(
                        f"slapd does not answer: {(self._home / 'log').read_text()}"
                    ) from error
                time.sleep(0.02)
            else:
                return

    def signal(self, number: signal.Signals) -> None:
        """Send the server a signal: KILL as a power cut, STOP to make it hang."""
        assert self._process is not None
        self._process.send_signal(number)

    def stop(self) -> None:
        """End the server, whatever it is doing."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    @property
    def _config(self) -> Path:
        return self._home / "slapd.conf"

    def _configuration(self, data: Path) -> list[str]:
        return [
            *(f"include /etc/ldap/schema/{name}.schema" for name in _SCHEMAS),
            f"include {Path(__file__).with_name('supann.schema')}",
            f"pidfile {self._home}/pid",
            "modulepath /usr/lib/ldap",
            "moduleload back_mdb",
            *self.common,
            "database mdb",
            'suffix "dc=univ,dc=example"',
            f"directory {data}",
            "maxsize 268435456",
            "dbnosync",
            "index objectClass eq",
            f'access to * by dn.exact="{READER}" read by anonymous auth by * none',
            *self.settings,
        ]
