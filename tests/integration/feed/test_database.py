"""SQL feeds on both real databases: the contract, the text of every type, and the words for what goes wrong."""

from __future__ import annotations

import re
import resource
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from greffe.config.feeds import Feed
from greffe.config.secret import Secret
from greffe.errors import FeedError
from greffe.feed.opening import open_feed
from greffe.model import Table
from tests.contracts.table import Deliver, TableContract
from tests.integration.feed.sis import Sis


class TestContractOfAQuery(TableContract):
    @pytest.fixture
    def deliver(self, sis: Sis) -> Deliver:
        mark = "`" if sis.server.engine == "mariadb" else '"'

        def make(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
            sis.fill(rows)
            columns = ", ".join(f"c{n} as {mark}{name}{mark}" for n, name in enumerate(header))
            return sis.ask(f"select {columns} from ip order by n")

        return make


TYPES = {
    "mariadb": """
        select 1 as i, null as nothing, cast('2026-09-01' as date) as d,
               cast('2026-09-01 08:30:00' as datetime) as t, cast(101 as decimal(10, 0)) as whole,
               cast(12.5 as decimal(10, 2)) as part, cast(101 as double) as f, true as b,
               cast('é' as binary) as bytes, '%s' as sign
    """,
    "postgresql": """
        select 1 as i, null as nothing, date '2026-09-01' as d,
               timestamp '2026-09-01 08:30:00' as t, 101::numeric(10, 0) as whole,
               12.5::numeric(10, 2) as part, 101::float8 as f, (true)::int as b,
               convert_from('\\xc3a9', 'UTF8') as bytes, '%s' as sign;
    """,
}


def test_every_type_is_the_text_that_the_database_writes(sis: Sis) -> None:
    [(line, cells)] = sis.ask(TYPES[sis.server.engine]).rows()
    assert line == 1
    assert cells == ["1", "", "2026-09-01", "2026-09-01 08:30:00", "101", "12.50", "101", "1", "é", "%s"]


def test_the_source_is_named_without_its_secrets(sis: Sis) -> None:
    table = sis.ask("select 1 as a")
    table.close()
    assert table.source == sis.dsn.partition("?")[0]
    assert sis.password not in table.source


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("select * from nowhere", "nowhere"),
        ("select nowhere from ip", "nowhere"),
        ("selec 1", "selec"),
        ("", "."),
        ("select 1 as a, 2 as a", "names a more than once"),
        ("delete from ip", "."),
        ("update ip set c0 = 'x'", "."),
        ("insert into ip values (9, '', '', '')", "."),
        ("select 1 as a; delete from ip", "."),
        ("drop table ip", "."),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(sis: Sis, sql: str, words: str) -> None:
    sis.fill([["a", "b", "c"]])
    with pytest.raises(FeedError, match=rf"^\[feed\.ip\] {sis.server.engine}://.*{words}") as caught:
        list(sis.ask(sql).rows())
    assert sis.password not in str(caught.value)
    assert sis.run("select n, c0 from ip") == [(1, "a")]


def test_a_function_that_writes_is_stopped_by_the_database(sis: Sis) -> None:
    sis.fill([["a", "b", "c"]])
    if sis.server.engine == "mariadb":
        body = "returns int modifies sql data begin delete from ip; return 1; end"
    else:
        body = "returns int language plpgsql as 'begin delete from ip; return 1; end'"
    sis.run(f"create function sly() {body}")
    with pytest.raises(FeedError, match=r"(?i)read[- ]only transaction"):
        list(sis.ask("select sly() as a").rows())
    assert len(sis.run("select n from ip")) == 1


def test_an_error_in_the_middle_of_the_rows(sis: Sis) -> None:
    sis.fill([[f"{n}", "", ""] for n in range(1, 5001)])
    table = sis.ask(
        "select case when n = 4500 then (select c0 from ip limit 2) else c0 end as a from ip order by n"
    )
    rows = table.rows()
    assert next(rows) == (1, ["1"])
    with pytest.raises(FeedError, match=r"(?i)more than (1|one) row"):
        list(rows)


def test_bytes_that_are_no_text(sis: Sis) -> None:
    if sis.server.engine == "mariadb":
        with pytest.raises(FeedError, match=r"a binary value that is no text: b'\\xff\\xfe'"):
            list(sis.ask("select x'fffe' as a").rows())
    else:
        assert list(sis.ask("select '\\xfffe'::bytea as a").rows()) == [(1, ["\\xfffe"])]


def test_a_user_who_may_not_enter(sis: Sis, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("s3cret-word")
    dsn = re.sub("//[^@]*@", "//stranger@", sis.dsn)
    with pytest.raises(FeedError, match=r"^\[feed\.ia\] .*stranger") as caught:
        open_feed("ia", Feed(dsn=dsn, password=Secret(file=str(wrong)), sql="select 1 as a"))
    assert "s3cret" not in str(caught.value)


def test_a_secret_that_the_database_repeats_is_hidden(sis: Sis) -> None:
    with pytest.raises(FeedError, match=r"\*\*\*") as caught:
        sis.ask(f"select '{sis.password}' from no_table_{sis.password}")
    assert sis.password not in str(caught.value)


def test_rows_are_streamed_and_hanging_up_early_is_quick(sis: Sis) -> None:
    sis.fill([["x" * 50, "", ""]] * 200)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin = time.monotonic()
    table = sis.ask("select a.c0, b.n, c.c0 as more from ip a, ip b, ip c")  # eight million rows
    assert next(table.rows()) == (1, ["x" * 50, "1", "x" * 50])
    table.close()
    assert time.monotonic() - begin < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024  # KiB


@pytest.mark.parametrize("how", ["walked", "closed", "refused"])
def test_no_session_stays_behind(sis: Sis, how: str) -> None:
    sis.fill([["a", "b", "c"]] * 10)
    if how == "refused":
        with pytest.raises(FeedError):
            sis.ask("select 1 as a, 2 as a")
    else:
        table = sis.ask("select c0 from ip")
        table.close() if how == "closed" else list(table.rows())
    if sis.server.engine == "mariadb":
        sessions = f"select count(*) from information_schema.processlist where db = '{sis.dbname}'"
    else:
        sessions = f"select count(*) from pg_stat_activity where datname = '{sis.dbname}'"
    deadline = time.monotonic() + 5
    while sis.run(sessions) != [(1,)]:  # the one that asks
        assert time.monotonic() < deadline
        time.sleep(0.05)
