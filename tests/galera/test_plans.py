"""A plan is made from what the cluster knows, not from what its node has got to."""

from __future__ import annotations

import threading
import time
from contextlib import closing

import pytest

from greffe.commands.plan import plan
from greffe.config import Config
from tests.galera.seasons import Lab
from tests.lab.galera import Node

_LOAD = 20_000


@pytest.fixture
def ballast(lab: Lab) -> str:
    """A table whose change keeps the other nodes busy for a moment; its UPDATE."""
    site = lab.nights.site
    site.execute("CREATE OR REPLACE TABLE ballast (id INT PRIMARY KEY, n INT) ENGINE = InnoDB")
    site.execute(f"INSERT INTO ballast SELECT seq, 0 FROM seq_1_to_{_LOAD}")
    return "UPDATE ballast SET n = n + 1"


def test_a_plan_right_after_a_write_on_another_node_sees_it(lab: Lab, ballast: str) -> None:
    _written_here_planned_there(lab, ballast, 15)


@pytest.mark.long
def test_plans_right_after_a_write_on_another_node_see_it(lab: Lab, ballast: str) -> None:
    _written_here_planned_there(lab, ballast, 300)


def _written_here_planned_there(lab: Lab, ballast: str, times: int) -> None:
    nights, (here, there, _) = lab.nights, lab.nodes
    nights.turn()
    nights.night()
    config = _config(lab, there)
    table = f"`{nights.site.dbname}`.`mdl_user_enrolments`"
    active = int(here.run(f"SELECT COUNT(*) FROM {table} WHERE status = 0")[0][0])
    connection = here.server.connect(nights.site.dbname, autocommit=False)
    watching = there.server.connect()
    look = f"SELECT COUNT(*) FROM {table} WHERE status = 0"
    with connection.cursor() as cursor, watching.cursor() as watcher:
        for number in range(times):
            suspended = number % 2 == 0
            cursor.execute(ballast)
            if suspended:
                cursor.execute(f"UPDATE {table} SET status = 2 WHERE status = 0")
            else:
                cursor.execute(f"UPDATE {table} SET status = 0 WHERE status = 2")
            connection.commit()
            lab.tally.plans += 1
            watcher.execute(look)
            lab.tally.behind += watcher.fetchone() != (0 if suspended else active,)
            assert plan(config).plan.size == (active if suspended else 0), number
        cursor.execute(f"UPDATE {table} SET status = 0 WHERE status = 2")
        connection.commit()
    connection.close()
    watching.close()


def test_a_plan_waits_for_a_node_that_is_behind(lab: Lab) -> None:
    nights, (here, there, _) = lab.nights, lab.nodes
    nights.turn()
    with closing(there.server.connect()) as held, held.cursor() as cursor:
        cursor.execute(
            "FLUSH TABLES WITH READ LOCK"
        )  # it takes what the others write, and applies nothing of it
        assert nights.night().state == "done"
        lab.tally.tried("node behind the others")
        count = f"SELECT COUNT(*) FROM `{nights.site.dbname}`.`mdl_local_greffe_change`"
        assert there.run(count) != here.run(count)
        config, found = _config(lab, there), []
        planner = threading.Thread(target=lambda: found.append(plan(config).plan.size))
        planner.start()
        time.sleep(1)
        assert planner.is_alive()
        cursor.execute("UNLOCK TABLES")
    planner.join()
    assert found == [0]
    lab.same()


def _config(lab: Lab, node: Node) -> Config:
    before = lab.nights.site
    lab.nights.through(node)
    config = lab.nights.config()
    lab.nights.site = before
    return config
