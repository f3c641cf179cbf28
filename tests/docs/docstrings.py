"""What the code says of its own fields and members: the strings that stand below them."""

from __future__ import annotations

import ast
import inspect
from functools import cache
from pathlib import Path


def below_fields(owner: type) -> dict[str, str]:
    """Name → the string below its line in the class or one that it is made from, on one line; '' where there is none."""
    ours = [kind for kind in reversed(owner.__mro__) if kind.__module__.startswith("greffe.")]
    return {
        k: v for one in ours for k, v in _of_module(inspect.getsourcefile(one) or "")[one.__name__].items()
    }


@cache
def _of_module(file: str) -> dict[str, dict[str, str]]:
    tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    return {node.name: _of_class(node) for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}


def _of_class(node: ast.ClassDef) -> dict[str, str]:
    found: dict[str, str] = {}
    latest = ""
    for line in node.body:
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            found[latest := line.target.id] = ""
        elif isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
            found[latest := line.targets[0].id] = ""
        elif latest and isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant):
            found[latest] = " ".join(inspect.cleandoc(str(line.value.value)).split())
        else:
            latest = ""
    return found
