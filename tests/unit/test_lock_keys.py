"""The keys under which Moodle locks its tasks: what its own PHP computes for dbname=moodle, prefix=mdl_."""

from __future__ import annotations

import pytest

from greffe.moodle.filelocks import path_of
from greffe.moodle.locks import TASKS, own_key, task_key


@pytest.mark.parametrize(
    ("method", "name", "key2"),
    [
        ("database", "a28d02011d6570462c56a4d97bc640ba5fdac180", 2307241),
        ("cohort", "d631f9fd55e42b06fe8de06674e3a8c1798af8d6", 167500488),
        ("meta", "719cabfb87c08aed2395ae36da4eb9aa30d2de13", 167038283),
        ("manual", "675be333378707891ee38ce764cea7ec1111b80f", 185235583),
        ("self", "6b3fc0fc3a41b5a5dfb80706a56acb0a503c07ca", 145460835),
        ("flatfile", "9b37f6d17ae6207e624fcd6cd815f1e043be5a1b", 119335513),
    ],
)
def test_keys_of_tasks(method: str, name: str, key2: int) -> None:
    assert task_key("mariadb", "moodle:mdl_", TASKS[method]).key1 == name
    found = task_key("postgresql", "moodle:mdl_", TASKS[method])
    assert (found.key1, found.key2) == (1289808297, key2)


def test_the_first_key_is_signed() -> None:
    # PHP's crc32('m1:mdl_') is 3887375000, beyond the int4 that pg_try_advisory_lock takes
    assert task_key("postgresql", "m1:mdl_", "x").key1 == 3887375000 - (1 << 32)


@pytest.mark.parametrize("engine", ["mariadb", "postgresql"])
def test_greffe_has_a_key_of_its_own_for_each_site(engine: str) -> None:
    keys = {own_key(engine, site) for site in ("moodle:mdl_", "moodle:m2_", "other:mdl_")}
    assert len(keys | {task_key(engine, "moodle:mdl_", t) for t in TASKS.values()}) == 3 + len(TASKS)


def test_the_file_of_a_lock() -> None:
    found = path_of("/data/lock", "cron_" + TASKS["database"])
    assert str(found) == "/data/lock/a0/a08490399d3468fe2c929e8152542c19"
