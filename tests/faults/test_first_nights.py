"""Two first nights at once: both find none of Greffe's own tables and make them, and neither fails by the other."""

from __future__ import annotations

import threading

from greffe.apply.schema import ensure_tables, has_tables
from greffe.errors import GreffeError
from greffe.moodle.database import connect
from tests.lab.site import MoodleSite

ROUNDS = 25


def test_own_tables_are_made_by_two_at_once(moodle_site: MoodleSite) -> None:
    failed: list[str] = []

    def make(start: threading.Barrier) -> None:
        db = connect(moodle_site.settings)
        try:
            start.wait()
            ensure_tables(db)
            assert has_tables(db)
        except GreffeError as e:
            failed.append(str(e))
        finally:
            db.close()

    for _ in range(ROUNDS):
        start = threading.Barrier(2)
        both = [threading.Thread(target=make, args=[start]) for _ in range(2)]
        for one in both:
            one.start()
        for one in both:
            one.join()
        for table in _own(moodle_site):
            moodle_site.execute(f"DROP TABLE {table}")
    assert failed == []


def _own(site: MoodleSite) -> list[str]:
    schema = "DATABASE()" if site.engine == "mariadb" else "current_schema()"
    rows = site.fetch(
        f"SELECT table_name AS t FROM information_schema.tables WHERE table_schema = {schema}"
        f" AND table_name LIKE '{site.prefix}local_greffe_%%'"
    )
    return [str(row["t"]) for row in rows]
