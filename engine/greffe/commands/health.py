"""``greffe health``: what monitoring asks each few minutes. Six checks, the same as the plugin's own."""

from __future__ import annotations

from contextlib import closing

from greffe.apply import register
from greffe.apply.register import Found, Register
from greffe.apply.schema import SCHEMA
from greffe.commands._session import reach
from greffe.config import Config
from greffe.config.amounts import seconds
from greffe.errors import GreffeError
from greffe.report.health import Check, Health, Limits, Status
from greffe.report.texts import age, command_line, count, limits_once, visible

_DAY = 86400
_APART = 300
"""Seconds that clocks may differ; the plugin's check of the same name has the same."""
_GRAVITY = {"critical": 2, "error": 2, "warning": 1}


def health(config: Config, limits: Limits | None = None) -> Health:
    """Look; a database that does not answer is an answer too (UNKNOWN)."""
    limits = limits or Limits()
    try:
        with closing(reach(config.moodle)) as db:
            db.patience = 0  # whoever asks asks again in five minutes
            found = register.read(db)
    except GreffeError as e:
        return unknown(e, limits)
    checks = [
        _night(found, limits, config.path), _guard(found, config.path), _feeds(found, config, limits), _relay(found, limits), _drift(found.findings, config.path),
        _tables(found),
    ]  # fmt: skip
    worst = max((c.status for c in checks), key=lambda status: status.gravity)
    return Health(worst, checks, limits, found)


def unknown(error: GreffeError, limits: Limits) -> Health:
    """Nothing can be told, and why."""
    return Health(Status.UNKNOWN, [Check("tables", Status.UNKNOWN, str(error), error.todo)], limits, None)


def _night(found: Register, limits: Limits, file: str) -> Check:
    night, good = found.night, found.good
    if night is None:
        return Check(
            "night",
            Status.WARNING,
            "Greffe has not run on this site yet.",
            f"Run `{command_line(file, 'nightly')}`.",
        )
    look = f"`{command_line(file, f'show {night.id}')}` tells what became of it."
    if good is None:
        text = f"No night has ended well yet; run {night.id}: {night.state}."
        return Check("night", Status.CRITICAL, text, look)
    ago = found.now - good.ended
    if ago > limits.night:
        text = f"The last good night ended {age(ago)} ago; more than {age(limits.night)} is too long."
        return Check(
            "night", Status.CRITICAL, text, look if night.id != good.id else "See why no timer starts it."
        )
    ahead = max(good.ended, night.started, night.ended) - found.now
    if ahead > _APART:
        text = (
            f"The last night (run {night.id}) is dated {age(ahead)} ahead of now: a clock is, or was, wrong."
        )
        return Check(
            "night",
            Status.WARNING,
            text,
            "Set the clock of the database's server right; a night that begins after that is dated rightly.",
        )
    if night.id != good.id and night.state != "running":
        text = f"The last good night ended {age(ago)} ago, but run {night.id} after it did not end well: {night.state}."
        return Check("night", Status.WARNING, text, look)
    return Check("night", Status.OK, f"The last good night ended {age(ago)} ago.")


def _guard(found: Register, file: str) -> Check:
    night = found.night
    if night is None or not night.waits_for_approval:
        return Check("guard", Status.OK, "No guard holds the last night.")
    limits = count(len(limits_once(night.verdicts)), "limit")
    if found.approved_by:
        text = f"Run {night.id} is held by a guard; {visible(found.approved_by)} let its plan pass."
        return Check("guard", Status.WARNING, text, "The next night makes it.")
    show, approve = (
        command_line(file, words) for words in (f"show {night.id}", f"approve {night.digest[:12]}")
    )
    todo = f"If its plan is right (`{show}`): `{approve}`."
    if night.state == "held":
        text = f"The guards hold run {night.id} ({limits} reached): nothing was changed."
        return Check("guard", Status.CRITICAL, text, todo)
    text = f"A guard holds what people would lose in some places of run {night.id} ({limits} reached)."
    return Check("guard", Status.WARNING, text, todo)


def _feeds(found: Register, config: Config, limits: Limits) -> Check:
    if not found.feeds:
        return Check("feeds", Status.OK, "No night has read a feed yet.")
    if bad := [f.feed for f in found.feeds if f.problems]:
        text = f"Feeds that cannot be trusted: {', '.join(bad)}. What they reach was left as it is."
        return Check(
            "feeds",
            Status.CRITICAL,
            text,
            f"`{command_line(config.path, 'doctor')}` says why; have them delivered again.",
        )
    old = [f.feed for f in found.feeds if found.now - f.delivered > _longest(config, f.feed, limits)]
    if old:
        text = f"Feeds that are too old: {', '.join(old)}."
        return Check("feeds", Status.WARNING, text, "Have them delivered again.")
    return Check(
        "feeds", Status.OK, f"{count(len(found.feeds), 'feed')} read by the last night, good and fresh."
    )


def _longest(config: Config, feed: str, limits: Limits) -> int:
    """How old a feed may be: what the configuration grants it at night, and the day until the next one."""
    named = config.feed.get(feed)
    granted = seconds(named.max_age) + _DAY if named is not None and named.max_age else 0
    return max(granted, limits.feeds)


def _relay(found: Register, limits: Limits) -> Check:
    backlog = found.backlog
    if backlog is None:
        return Check("relay", Status.OK, "Nobody relays: the plugin local_greffe is not installed.")
    waited = found.now - backlog.oldest if backlog.oldest else 0
    wait, none = ("waits", "not") if backlog.pending == 1 else ("wait", "none of them")
    waiting = f"{count(backlog.pending, 'change')} {wait}"
    if waited > limits.relay:
        text = f"{waiting} for Moodle to be told, the oldest for {age(waited)}."
        status = Status.CRITICAL if waited > _DAY else Status.WARNING
        return Check("relay", status, text, "See that Moodle's cron runs, and its task of local_greffe.")
    if backlog.failures:
        text = f"{count(backlog.failures, 'change')} could not be relayed within the last day."
        return Check("relay", Status.WARNING, text, "The plugin's health page names them.")
    if backlog.pending:
        return Check("relay", Status.OK, f"{waiting}, {none} for long.")
    return Check("relay", Status.OK, "Moodle has been told of every change.")


def _drift(findings: list[Found], file: str) -> Check:
    gravity = {f.audit: 1 if f.error else _GRAVITY.get(f.severity, 0) if f.amount else 0 for f in findings}
    bad = [audit for audit, grave in gravity.items() if grave]
    if not findings:
        return Check("drift", Status.OK, "No audit has run yet.")
    if not bad:
        return Check("drift", Status.OK, f"{count(len(findings), 'audit')} found nothing.")
    worst = max(bad, key=lambda audit: gravity[audit])
    text = f"{len(bad)} of {count(len(findings), 'audit')} found what somebody should look at, first of all {worst}."
    return Check(
        "drift",
        Status(gravity[worst]),
        text,
        f"`{command_line(file, 'audit')}` shows what, and how to mend it.",
    )


def _tables(found: Register) -> Check:
    if not found.used:
        return Check("tables", Status.OK, "Greffe has no tables here yet: its first night makes them.")
    return Check("tables", Status.OK, f"Greffe's tables have schema {SCHEMA}, as this Greffe.")
