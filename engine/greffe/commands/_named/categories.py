"""Course categories as people write them: by id, idnumber, name, or the way through the tree."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from greffe.moodle.database import Database

KINDS = ("path", "id", "idnumber", "name")
"""Fields of a category, in the order in which a text of which nothing more is known is tried; as Moodle's upload does."""


@dataclass(frozen=True, slots=True)
class Category:
    """A course category."""

    id: int
    context: int
    path: str
    """Ids of the categories on the way to it: ``/1/7``."""


class Categories:
    """Looks categories up. Read at first use."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def find(self, text: str, kind: str = "name") -> Category | str:
        """The category that is meant, or why none is. ``kind``: one of ``KINDS``; a name may be any of them."""
        for one in KINDS if kind == "name" else (kind,):
            found = self._by[one].get(text, [])
            if len(found) > 1:
                return f"several course categories have this {one}: name it by its id"
            if found:
                return found[0]
        return f"there is no course category with this {'path, id, idnumber or name' if kind == 'name' else kind}"

    def names(self) -> list[str]:
        """Where each stands in the tree: ``Law / Bachelor``."""
        return sorted(self._by["path"])

    @cached_property
    def _by(self) -> dict[str, dict[str, list[Category]]]:
        """Field → its text → categories."""
        rows = [
            (Category(int(i), int(x), str(path or "")), str(idnumber or ""), str(name))
            for i, idnumber, name, path, x in self._db.query("categories_named")
        ]
        names = {str(category.id): name for category, _, name in rows}
        found: dict[str, dict[str, list[Category]]] = {kind: defaultdict(list) for kind in KINDS}
        for category, idnumber, name in rows:
            way = [names.get(n, n) for n in category.path.strip("/").split("/")]
            texts = {"path": " / ".join(way), "id": str(category.id), "idnumber": idnumber, "name": name}
            for kind, text in texts.items():
                if text:
                    found[kind][text].append(category)
        return found
