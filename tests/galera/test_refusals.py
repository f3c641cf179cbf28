"""What a cluster refuses, or Greffe on a cluster, is refused with a word that helps."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from greffe.cli import run
from greffe.commands.doctor import doctor
from greffe.errors import Exit, ServerAwayError, SiteNotReadyError, TransactionTooLargeError
from greffe.moodle.database import Database, connect
from greffe.moodle.settings import settings_of
from tests.galera.seasons import Lab
from tests.lab.galera import Node
from tests.lab.toml import moodle_table


@contextmanager
def setting(node: Node, name: str, value: str) -> Iterator[None]:
    """A global variable of one node, set for the block."""
    before = node.run(f"SELECT @@GLOBAL.{name}")[0][0]
    node.run(f"SET GLOBAL {name} = {value}")
    try:
        yield
    finally:
        node.run(f"SET GLOBAL {name} = {before}")


def test_a_whole_cluster_is_fit_for_a_night(lab: Lab) -> None:
    found = doctor(lab.nights.config())
    assert [f for f in found if f.severity in ("stop", "bad")] == []
    (warning,) = [f for f in found if "Galera" in f.what]
    assert warning.severity == "warn"
    assert warning.what == "a Galera cluster of 3 nodes: locks hold on one node only"
    assert "same node" in warning.todo


def test_a_node_outside_its_cluster_is_refused_in_so_many_words(
    lab: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    s = lab.nights.site
    file = lab.nights.directory / "greffe.toml"
    file.write_text(
        moodle_table(s.server, s.dbname)
        + f"[feed.ip]\ncsv = '{lab.nights.directory / 'ip.csv'}'\nperson = 'who'\n"
        "[[course]]\nfeed = 'ip'\ncourse = '{{ course }}'\n"
    )
    lab.patch.setattr(Database, "patience", 1.0)
    own = lab.nodes[0]
    own.isolate()
    own.wait("non-Primary")
    lab.tally.tried("start on a node that is cut off")
    for command in ("nightly", "plan"):
        began = time.monotonic()
        assert run(["-c", str(file), command]) == Exit.NOT_READY
        assert time.monotonic() - began > 1
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        assert "this Galera node is outside its cluster (MariaDB error 1047" in " ".join(err.split())
        assert "host in [moodle]" in " ".join(err.split())
    began = time.monotonic()
    (only,) = doctor(lab.nights.config())
    assert time.monotonic() - began < 1
    assert only.severity == "stop"
    assert only.what.startswith("this Galera node is outside its cluster")
    lab.nights.cluster.heal()
    assert [f for f in doctor(lab.nights.config()) if f.severity == "stop"] == []


def test_what_reads_no_table_is_refused_as_what_does(lab: Lab) -> None:
    """The server says 1205 then, as if somebody held a lock."""
    db = connect(settings_of(lab.nights.config().moodle))
    db.patience = 0
    own = lab.nodes[0]
    assert db.value("clock")
    own.isolate()
    own.wait("non-Primary")
    lab.tally.tried("clock of a node that is cut off")
    with pytest.raises(ServerAwayError, match=r"outside its cluster.*1205"):
        db.value("clock")
    own.isolate(False)
    db.patience = 150
    assert db.value("clock")  # waits
    assert db.run_text("SELECT @@wsrep_sync_wait") == [(1,)]
    db.close()


def test_a_node_that_lags_on_purpose_is_refused(lab: Lab) -> None:
    own = lab.nodes[0]
    with setting(own, "wsrep_desync", "1"):
        stops = [f for f in doctor(lab.nights.config()) if f.severity == "stop"]
        assert [f.what for f in stops] == ["this Galera node is Donor/Desynced, not Synced"]
        with pytest.raises(SiteNotReadyError, match="not Synced") as raised:
            lab.nights.night()
        assert raised.value.exit is Exit.NOT_READY
    own.wait()
    lab.nights.turn()
    assert lab.nights.night().exit is Exit.DONE
    lab.same()


@pytest.mark.parametrize(("limit", "value"), [("wsrep_max_ws_rows", "100"), ("wsrep_max_ws_size", "30000")])
def test_a_transaction_that_is_too_large_names_the_key_to_turn(lab: Lab, limit: str, value: str) -> None:
    moodle = lab.nights.more["moodle"]
    rows = moodle["transaction_rows"]
    lab.nights.turn()
    with setting(lab.nodes[0], limit, value):
        moodle["transaction_rows"] = 10_000
        lab.tally.tried(f"transaction beyond {limit}")
        with pytest.raises(TransactionTooLargeError, match=limit) as raised:
            lab.nights.night()
        assert raised.value.exit is Exit.DATABASE
        assert "transaction_rows" in raised.value.todo
        moodle["transaction_rows"] = 15
        assert lab.nights.night().exit is Exit.DONE
    moodle["transaction_rows"] = rows
    lab.same()
