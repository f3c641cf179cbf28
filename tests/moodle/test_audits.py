"""The audits on a real Moodle: nothing is wrong with a new one, and the accounts of ``greffe grants`` can look and see so."""

from __future__ import annotations

import msgspec
import pytest

from greffe.audit.catalogue import chosen
from greffe.audit.running import run
from greffe.config import parse
from tests.integration.accounts import SECRET, account, statements
from tests.lab.server import Server
from tests.lab.site import MoodleSite
from tests.moodle.site import Sites
from tests.moodle.tree import VERSIONS


@pytest.mark.moodle
@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_is_wrong_with_a_new_moodle(version: str, moodles: Sites, server: Server) -> None:
    site = moodles(version)
    site.reset()
    real = MoodleSite(server, site.name)
    with site.database() as database:
        config = parse({"moodle": database.configuration()}, "test.toml")
    with account(real) as writer, account(real) as reader:
        granted = statements(config, writer, reader)
        # all of them as they are printed, but those on Greffe's own tables, which are not there yet
        for statement in (*granted[writer][0], *granted[reader][0]):
            real.execute(statement)
        wanted = [a for a in chosen(server.engine) if not a.own]
        for user in (reader, writer):
            as_user = msgspec.structs.replace(real.settings, user=user, password=SECRET)
            found = list(run(as_user, wanted, examples=5, seconds=60, at_once=2))
            assert [(o.audit.name, o.error, o.examples) for o in found if o.amount or o.error] == []
            assert len(found) == len(wanted)
