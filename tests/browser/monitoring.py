"""The endpoint and the checks, asked as a monitoring asks them; what they say is what the engine says."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import urllib.error
import urllib.request

from greffe.commands.health import health
from greffe.report.metrics import write
from tests.browser.university import EVIL, University
from tests.moodle.site import PHP

TOKEN = "5f0c3f5fd1c34f4c9d0e5b1f2a7c8d9e"
SAMPLE = re.compile(r"(greffe_\w+)(?:\{(\w+)=\"([^\"]*)\"\})? ([0-9.e+]+)")
STATUSES = ("ok", "warning", "critical", "unknown")


def ask(
    campus: University, format_: str = "json", token: str = TOKEN, path: str = ""
) -> tuple[int, str, str]:
    """Status, content type, body."""
    return fetch(campus, f"format={format_}{path}", token)


def fetch(campus: University, query: str, token: str, **more: str) -> tuple[int, str, str]:
    """The same, by the query as it is, with further headers."""
    url = f"{campus.root}/local/greffe/monitor.php?{query}"
    headers = more | ({"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as answer:  # noqa: S310
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], error.read().decode()


def switch(campus: University, **settings: str) -> None:
    """Settings of the plugin."""
    campus.php(
        "".join(f"set_config('{name}', '{value}', 'local_greffe');" for name, value in settings.items())
    )


def same_as_the_engine(campus: University, status: str) -> None:
    """The same metrics, labels, values and checks as ``greffe health``; nobody's name is among them."""
    switch(campus, monitorenabled="1", monitortoken=hashlib.sha256(TOKEN.encode()).hexdigest())
    code, kind, text = ask(campus, "prometheus")
    assert (code, kind) == (200, "text/plain; version=0.0.4; charset=utf-8")
    said, file = health(campus.nights.config()), campus.nights.directory / "greffe.prom"
    write({"campus": said}, file)
    # the endpoint is one site, and says so by its address
    written = re.sub(r'(?<=[{,])site="campus",?', "", file.read_text()).replace(",}", "}").replace("{}", "")
    ours, theirs = _samples(text), _samples(written)
    assert ours.keys() == theirs.keys()
    for name, value in ours.items():
        assert abs(value - theirs[name]) <= (10 if "seconds" in name[0] else 0), name

    code, kind, text = ask(campus)
    assert (code, kind) == (200, "application/json; charset=utf-8")
    found = json.loads(text)
    assert found["checks"] == {check.name: STATUSES[int(check.status)] for check in said.checks}
    assert found["status"] == status
    for secret in ("Bernard", "e001", "2200", EVIL, "root"):
        assert secret not in text


def checks_end(campus: University, code: int) -> str:
    """admin/cli/checks.php ends so, as Nagios wants it; what it said."""
    script = campus.site.tree.runnable / "admin" / "cli" / "checks.php"
    done = subprocess.run(
        [*PHP, str(script), "--filter=local_greffe", "--verbose"],
        env=campus.site.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stdout
    for check in ("night", "guard", "feeds", "relay", "drift", "tables"):
        assert f"(local_greffe_{check})" in done.stdout
    return done.stdout


def _samples(text: str) -> dict[tuple[str, str], float]:
    """(metric, label's value) → value."""
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            sample = SAMPLE.fullmatch(line)
            assert sample, line
            found[sample[1], sample[3] or ""] = float(sample[4])
    return found
