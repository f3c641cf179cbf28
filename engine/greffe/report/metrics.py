"""The health of the register for Prometheus. Names, labels and meanings are those of docs/en/monitoring.md, which the plugin's
endpoint gives too, without the label ``site``: it is one site. Nobody's name, number or line is among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from greffe.apply.register import Register
from greffe.apply.schema import SCHEMA
from greffe.privatefile import public_file
from greffe.report.health import Check, Health
from greffe.report.texts import limits_once

STATES = ("running", "done", "partial", "held", "failed", "interrupted", "killed")
LEVELS = ("feed", "course", "cohort")


def write(sites: Mapping[str, Health], file: Path) -> None:
    """Write the textfile of the node exporter, all of it or nothing. ``sites``: name → its health. Raises OSError."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Sites(sites))
    with public_file(file) as out:
        out.write(generate_latest(registry).decode())


class _Sites(Collector):
    """What the registry collects once, when the file is written."""

    def __init__(self, sites: Mapping[str, Health]) -> None:
        self._sites = sites

    def collect(self) -> Iterator[Metric]:
        """Metrics that have a value now: each once, with the samples of every site."""
        found: dict[str, Metric] = {}
        for site, health in self._sites.items():
            for metric in _metrics(health):
                if metric.samples:
                    whole = found.setdefault(
                        metric.name, Metric(metric.name, metric.documentation, metric.type)
                    )
                    for sample in metric.samples:
                        whole.add_sample(sample.name, {"site": site, **sample.labels}, sample.value)
        yield from found.values()


def _metrics(health: Health) -> Iterator[GaugeMetricFamily]:
    found = health.register
    if found is not None:
        yield _info(found)
        yield _gauge(
            "greffe_schema_version", "Version of Greffe's own tables", int(SCHEMA) if found.used else 0
        )
    yield _checks(health.checks)
    if found is not None:
        yield from _night(found)
        yield from _feeds(found)
        yield from _rest(found)


def _gauge(name: str, about: str, value: float | None) -> GaugeMetricFamily:
    """A gauge without labels; without a value it is left out."""
    metric = GaugeMetricFamily(name, about)
    if value is not None:
        metric.add_metric([], value)
    return metric


def _labelled(name: str, about: str, label: str, values: dict[str, float]) -> GaugeMetricFamily:
    metric = GaugeMetricFamily(name, about, labels=[label])
    for key, value in values.items():
        metric.add_metric([key], value)
    return metric


def _info(found: Register) -> GaugeMetricFamily:
    versions = {found.night.version: 1.0} if found.night else {}
    return _labelled("greffe_info", "The engine of the last night", "version", versions)


def _checks(checks: list[Check]) -> GaugeMetricFamily:
    status = {c.name: float(c.status) for c in checks}
    return _labelled("greffe_check_status", "0 ok, 1 warning, 2 critical, 3 unknown", "check", status)


def _night(found: Register) -> Iterator[GaugeMetricFamily]:
    night, good, ended = found.night, found.good, found.ended
    last = (night.ended or night.started) if night else None
    yield _gauge(
        "greffe_last_run_timestamp_seconds", "When the last night ended, or began while it runs", last
    )
    when = good.ended if good else None
    yield _gauge("greffe_last_good_run_timestamp_seconds", "When the last good night ended", when)
    states = {s: float(night.state == s) for s in STATES} if night else {}
    yield _labelled("greffe_last_run_state", "1 for the state of the last night", "state", states)
    took = ended.ended - ended.started if ended else None
    yield _gauge("greffe_run_duration_seconds", "How long the last night that ended took", took)
    counts = {a: float(n) for a, n in night.counts.items()} if night else {}
    yield _labelled("greffe_changes", "Changes that the last night made", "action", counts)
    held = int(night.waits_for_approval) if night else None
    yield _gauge("greffe_guard_tripped", "1 if a guard holds the last night, whole or in part", held)
    reached = (
        {v: float(sum(one.level == v for one in limits_once(night.verdicts))) for v in LEVELS}
        if night
        else {}
    )
    yield _labelled("greffe_guard_verdicts", "Limits that the last night reached", "level", reached)


def _feeds(found: Register) -> Iterator[GaugeMetricFamily]:
    ages = {f.feed: float(max(0, found.now - f.delivered)) for f in found.feeds if f.delivered}
    yield _labelled("greffe_feed_age_seconds", "How old the feed is that the last night read", "feed", ages)
    rows = {f.feed: float(f.rows) for f in found.feeds}
    yield _labelled("greffe_feed_rows", "Rows that were delivered", "feed", rows)
    people = {f.feed: float(f.people) for f in found.feeds}
    yield _labelled("greffe_feed_people", "People whom the rows that count name", "feed", people)
    good = {f.feed: float(not f.problems) for f in found.feeds}
    yield _labelled("greffe_feed_good", "1 if the feed could be trusted", "feed", good)
    waiting = {feed: float(n) for feed, n in found.waiting.items()}
    yield _labelled("greffe_waiting_people", "People without account whom the feed names", "feed", waiting)


def _rest(found: Register) -> Iterator[GaugeMetricFamily]:
    backlog = found.backlog
    if backlog:
        pending = "Changes that Moodle has not been told of yet"
        yield _gauge("greffe_relay_pending", pending, backlog.pending)
        oldest = max(0, found.now - backlog.oldest) if backlog.oldest else 0
        yield _gauge("greffe_relay_oldest_seconds", "Age of the oldest of these", oldest)
        failed = "Changes of the last 24 hours whose relay failed"
        yield _gauge("greffe_relay_failures", failed, backlog.failures)
    audited = max((f.made for f in found.findings), default=None)
    yield _gauge("greffe_last_audit_timestamp_seconds", "When the last audit was made", audited)
    amounts: dict[str, float] = {}
    for one in found.findings:
        amounts[one.severity] = amounts.get(one.severity, 0) + one.amount
    yield _labelled("greffe_findings", "Rows that the latest run of each audit found", "severity", amounts)
