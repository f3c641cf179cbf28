"""The plugin's install.xml and the engine's own statements make the same tables."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest

from greffe.apply.schema import SCHEMA
from greffe.moodle import statements
from tests.moodle.tree import PLUGIN

CODE = PLUGIN / "local" / "greffe"
XML = CODE / "db" / "install.xml"
ENGINES = ("mariadb", "postgresql")
Shape = dict[str, Any]


def by_moodle() -> dict[str, Shape]:
    """Table → its columns (kind, length, default) and indexes, as XMLDB would make them."""
    found = {}
    for table in ElementTree.parse(XML).getroot().iter("TABLE"):
        columns = {
            f.attrib["NAME"]: (f.attrib["TYPE"], int(f.get("LENGTH", 0)), f.get("DEFAULT", ""), f.attrib["NOTNULL"] == "true")
            for f in table.iter("FIELD")
        }  # fmt: skip
        indexes = {
            (i.attrib["UNIQUE"] == "true", i.attrib["FIELDS"].replace(" ", "")) for i in table.iter("INDEX")
        }
        found[table.attrib["NAME"]] = {"columns": columns, "indexes": indexes}
    return found


def by_engine(engine: str) -> dict[str, Shape]:
    """The same, of the engine's statements."""
    found: dict[str, Shape] = {}
    for name, statement in statements.library(engine).items():
        if not name.startswith("create_"):
            continue
        text = str(getattr(statement, "text", statement))
        if made := re.search(r"CREATE TABLE IF NOT EXISTS \{(\w+)\} \((.*)\n\)", text, re.DOTALL):
            lines = [line.strip().rstrip(",") for line in made[2].strip().splitlines()]
            keys = [k for line in lines if (k := re.fullmatch(r"(UNIQUE )?KEY \w+ \((.*)\)", line))]
            found[made[1]] = {
                "columns": dict(_column(line) for line in lines if not re.match(r"(UNIQUE )?KEY ", line)),
                "indexes": {(bool(k[1]), k[2].replace(" ", "")) for k in keys},
            }
        else:
            index = re.search(r"CREATE (UNIQUE )?INDEX IF NOT EXISTS \{\w+\} ON \{(\w+)\} \((.*)\)", text)
            assert index, text
            found[index[2]]["indexes"].add((bool(index[1]), index[3].replace(" ", "")))
    return found


def _column(line: str) -> tuple[str, tuple[str, int, str, bool]]:
    name, kind = line.split(" ", 1)
    default = re.search(r"DEFAULT (\S+)", kind)
    value = default[1].strip("'") if default else ""
    if kind.startswith("VARCHAR"):
        length = re.search(r"\d+", kind)
        assert length
        return name, ("char", int(length[0]), value, "NOT NULL" in kind)
    if kind in ("TEXT", "LONGTEXT"):
        return name, ("text", 0, "", False)
    assert kind.startswith("BIG"), line
    return name, ("int", 10, value, True)


@pytest.mark.parametrize("engine", ENGINES)
def test_both_make_the_same_tables(engine: str) -> None:
    assert by_moodle() == by_engine(engine)


def test_both_know_the_same_schema_version() -> None:
    """In what is installed, in what its code knows (at one place), and where its last step leads."""
    assert f"schema {SCHEMA}," in XML.read_text(encoding="utf-8").splitlines()[1]
    known = {
        file.name: found
        for file in CODE.rglob("*.php")
        if (found := re.findall(r"const (?:SCHEMA|VERSION) = (.*);", file.read_text(encoding="utf-8")))
    }
    assert known == {"schema.php": [f"'{SCHEMA}'"]}
    upgrade = (CODE / "db" / "upgrade.php").read_text(encoding="utf-8")
    steps = re.findall(r"'value', '(\d+)', \['name' => 'schema'\]", upgrade)
    assert steps == [str(n) for n in range(2, int(SCHEMA) + 1)]
