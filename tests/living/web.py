"""A real Moodle over HTTP: PHP's own server, and people who log in there."""

from __future__ import annotations

import http.cookiejar
import json
import re
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.moodle.site import PHP, Site

PASSWORD = "Judge-1234"
"""The administrator's, and of everybody whose hash is a copy of his."""


@dataclass(frozen=True)
class Page:
    """What came back."""

    status: int
    text: str
    url: str

    @property
    def title(self) -> str:
        """What the page calls itself, and the first lines of an error."""
        found = re.search(r"<title>(.*?)</title>", self.text, re.DOTALL)
        error = re.search(r'class="errormessage">(.*?)<', self.text, re.DOTALL)
        return " / ".join(m[1].strip() for m in (found, error) if m) or self.text[:300]


class Visitor:
    """One browser's worth of cookies."""

    def __init__(self, root: str) -> None:
        self._root = root
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(jar)

    def get(self, path: str, form: dict[str, str] | None = None) -> Page:
        """Open a page of the site, following its redirects; with a form, send that."""
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        try:
            with self._opener.open(self._root + path, data, timeout=60) as answer:
                return Page(answer.status, answer.read().decode(errors="replace"), answer.url)
        except urllib.error.HTTPError as error:
            with error:
                return Page(error.code, error.read().decode(errors="replace"), error.url or "")

    def log_in(self, username: str) -> None:
        """As somebody with the usual password."""
        form = self.get("/login/index.php")
        token = re.search(r'name="logintoken" value="(\w+)"', form.text)
        assert token, f"no login form: {form.status} {form.title}"
        page = self.get(
            "/login/index.php", {"username": username, "password": PASSWORD, "logintoken": token[1]}
        )
        assert "/login/index.php" not in page.url, page.title


@contextmanager
def served(site: Site, workers: int = 3) -> Iterator[str]:
    """The site's address for as long as the block lasts."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    root = f"http://127.0.0.1:{port}"
    config = json.loads(site.environment["GREFFE_MOODLE"]) | {"wwwroot": root, "debugdisplay": 0}
    environment = site.environment | {
        "GREFFE_MOODLE": json.dumps(config),
        "PHP_CLI_SERVER_WORKERS": str(workers),
    }
    code = site.tree.runnable / "public"
    code = code if (code / "version.php").is_file() else site.tree.runnable
    with (site.dataroot / "web.log").open("wb") as log:
        process = subprocess.Popen(
            [*PHP, "-S", f"127.0.0.1:{port}", "-t", str(code)],
            env=environment, stdout=log, stderr=log, cwd=code, start_new_session=True,
        )  # fmt: skip
    try:
        _wait(port, process)
        yield root
    finally:
        _end(process)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("PHP's server does not start")


def _end(process: subprocess.Popen[bytes]) -> None:
    """With its workers: they are in a session of their own."""
    import os
    import signal

    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
