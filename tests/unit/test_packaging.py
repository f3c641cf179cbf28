"""``sql/`` is read the same way from a checkout and from an installed wheel."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

from greffe.feed.ready import ready_queries
from greffe.moodle.statements import library

ROOT = Path(__file__).parents[2]
#: questions that only one of the two servers can be asked
ONE_ENGINE_ONLY = {
    "galera_state",
    "grant_on_schema",
    "grant_on_sequence",
    "returning",
    "engines",
    "sequences",
    "set_schema",
    "enrolments_of_instances",
    "table_rows",
    "current_role",
    "let_read",
    "rename_sequence",
    "sequence_of",
    "next_number",
    "skip_numbers",
}
PRINT = (
    "import json; from greffe.moodle.statements import library; from greffe.sqlroot import sql_root;"
    "from greffe.feed.ready import ready_queries;"
    "print(json.dumps([str(sql_root()), ready_queries(), {e: {n: s.text for n, s in library(e).items()} for e in ('mariadb', 'postgresql')}]))"
)


def test_a_wheel_reads_the_same_statements(tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "-w", tmp_path, ROOT], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("greffe-*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--target", tmp_path / "installed", wheel], check=True)
    done = subprocess.run(
        [sys.executable, "-c", PRINT],
        env={"PYTHONPATH": str(tmp_path / "installed")},
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    where, ready, texts = json.loads(done.stdout)
    assert where == str(tmp_path / "installed" / "greffe" / "sql")
    assert [tuple(query) for query in ready] == ready_queries()
    assert texts == {e: {n: s.text for n, s in library(e).items()} for e in ("mariadb", "postgresql")}


def test_both_engines_have_the_same_statements_to_run() -> None:
    own = {e: {n for n in library(e) if "_index" not in n} for e in ("mariadb", "postgresql")}
    assert own["mariadb"] ^ own["postgresql"] == ONE_ENGINE_ONLY


def test_every_statement_says_what_it_is_for_or_is_plain() -> None:
    for engine in ("mariadb", "postgresql"):
        for statement in library(engine).values():
            assert statement.text
            assert "\n\n" not in statement.text, f"{statement.name} holds two statements"


def test_nothing_that_is_said_names_a_page_that_a_wheel_lacks() -> None:
    said: dict[str, str] = {}
    for file in sorted((ROOT / "engine" / "greffe").rglob("*.py")):
        nodes = [*ast.walk(ast.parse(file.read_text(encoding="utf-8")))]
        comments = {id(n.value) for n in nodes if isinstance(n, ast.Expr)}
        for node in nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in comments:
                said |= {node.value: file.name} if "docs/" in node.value else {}
    assert said == {}
