"""A real Prometheus reads what a night left, through a real node exporter, and the shipped rules call somebody."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from greffe.errors import Exit
from tests.integration.commandline import Site
from tests.lab.binary import free_port
from tests.lab.lacking import lacking

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
RULES = DEPLOY / "prometheus" / "greffe.rules.yml"
METRIC = re.compile(r"\bgreffe_[a-z_]+\b")
_SOON = 30


def program(name: str) -> str:
    """Where it is; without it a machine cannot be asked, and in CI it has to be there."""
    found = shutil.which(name)
    if found is None:
        lacking(f"{name} is not installed")
    return found


def documented() -> set[str]:
    """Metrics of the manual."""
    text = (ROOT / "docs" / "en" / "monitoring.md").read_text(encoding="utf-8")
    return set(re.findall(r"^\| `(greffe_\w+)`", text, re.MULTILINE))


def dashboard() -> list[str]:
    """Every query of the dashboard, for all sites."""
    panels = json.loads((DEPLOY / "grafana" / "greffe.json").read_text(encoding="utf-8"))["panels"]
    return [t["expr"].replace("$site", ".*") for panel in panels for t in panel["targets"]]


@contextlib.contextmanager
def running(*command: str) -> Iterator[None]:
    """A program, while the block runs."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def ask(port: int, path: str, **query: str) -> list[dict[str, Any]]:
    """What Prometheus answers; nothing while it does not."""
    url = f"http://127.0.0.1:{port}/api/v1/{path}?{urllib.parse.urlencode(query)}"
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            data = json.load(answer)["data"]
    except urllib.error.HTTPError as e:
        if e.code != http.client.SERVICE_UNAVAILABLE:
            raise  # a query that is none
        return []
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return []
    found: list[dict[str, Any]] = data["result" if path == "query" else "alerts"]
    return found


def eventually(look: Callable[[], Any]) -> Any:
    """The first answer that is one."""
    until = time.monotonic() + _SOON
    while not (found := look()):
        assert time.monotonic() < until, "it never came"
        time.sleep(0.2)
    return found


def test_rules_fire_when_they_should_and_use_known_metrics() -> None:
    promtool = program("promtool")
    for what, file in (("check", RULES), ("test", RULES.with_suffix(".test.yml"))):
        done = subprocess.run([promtool, what, "rules", file], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    rules = RULES.read_text(encoding="utf-8")
    assert set(METRIC.findall(rules)) - {"greffe_health"} <= documented()
    used = {name for expr in dashboard() for name in METRIC.findall(expr)}
    assert used <= documented()
    assert len(used) > 10
    tested = RULES.with_suffix(".test.yml").read_text(encoding="utf-8")
    for alert in re.findall(r"alert: (\w+)", rules):
        assert alert in tested


@pytest.mark.parametrize("server", [pytest.param("mariadb", marks=pytest.mark.mariadb)], indirect=True)
def test_prometheus_sees_a_held_night_of_one_site_among_several(site: Site) -> None:
    tools = [program(name) for name in ("prometheus", "prometheus-node-exporter")]
    site.configure("[guards]\nfeed = { above = 5 }\n")
    site("nightly")
    site.deliver(range(80))
    assert site("nightly")[0] == Exit.HELD
    sites, textfiles = site.directory / "sites", site.directory / "textfiles"
    sites.mkdir()
    textfiles.mkdir()
    shutil.copy(site.directory / "greffe.toml", sites / "ecampus.toml")
    (sites / "sante.toml").write_text("[moodle]\n", encoding="utf-8")
    site("health", "--all", "--directory", str(sites), "--prometheus", str(textfiles / "greffe.prom"))

    (site.directory / "rules.yml").write_text(
        re.sub(r"for: \w+", "for: 0s", RULES.read_text(encoding="utf-8")), encoding="utf-8"
    )
    exporter, port = free_port(), free_port()
    settings = site.directory / "prometheus.yml"
    settings.write_text(
        "global: { scrape_interval: 1s, evaluation_interval: 1s }\nrule_files: [rules.yml]\n"
        f"scrape_configs: [{{ job_name: node, static_configs: [{{ targets: ['127.0.0.1:{exporter}'] }}] }}]\n",
        encoding="utf-8",
    )
    with (
        running(
            tools[1], "--collector.disable-defaults", "--collector.textfile",
            f"--collector.textfile.directory={textfiles}", f"--web.listen-address=127.0.0.1:{exporter}",
        ),
        running(
            tools[0], f"--config.file={settings}", f"--storage.tsdb.path={site.directory / 'tsdb'}",
            f"--web.listen-address=127.0.0.1:{port}",
        ),
    ):  # fmt: skip
        held = eventually(lambda: ask(port, "query", query='greffe_guard_tripped{site="ecampus"}'))
        assert held[0]["value"][1] == "1"
        assert ask(port, "query", query='greffe_check_status{site="sante"}')[0]["value"][1] == "3"
        assert not ask(port, "query", query="node_textfile_scrape_error > 0")

        def firing() -> dict[tuple[str, str], str]:
            alerts = [a for a in ask(port, "alerts") if a["state"] == "firing" and "site" in a["labels"]]
            found = {
                (a["labels"]["alertname"], a["labels"]["site"]): a["annotations"]["summary"] for a in alerts
            }
            return found if len(found) > 1 else {}

        assert eventually(firing) == {
            ("GreffeHeld", "ecampus"): "ecampus: a guard holds the last night",
            ("GreffeUnknown", "sante"): "sante: the register cannot be read",
        }
        silent = {
            name
            for expr in dashboard()
            if not ask(port, "query", query=expr)
            for name in METRIC.findall(expr)
        }
        # a held night changed nothing; the plugin is not here, and no audit was made
        assert silent == {
            "greffe_changes",
            "greffe_relay_pending",
            "greffe_relay_oldest_seconds",
            "greffe_findings",
        }
