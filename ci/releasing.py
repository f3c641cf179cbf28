"""What ci/release does in Python: the plugin's zip, what wheel and source archive must hold, the answer of the audit."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path


def plugin_zip(plugin: Path, out: Path) -> None:
    """``local_greffe-VERSION.zip`` as Moodle installs one: a folder ``greffe``; the same files are the same bytes."""
    release = re.search(
        r"\$plugin->release = '([^']+)'", (plugin / "version.php").read_text(encoding="utf-8")
    )
    if release is None:
        sys.exit(f"{plugin}/version.php names no release")
    moment = time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"]))[:6]
    with zipfile.ZipFile(out / f"local_greffe-{release[1]}.zip", "w") as archive:
        for file in sorted(p for p in plugin.rglob("*") if p.is_file()):
            entry = zipfile.ZipInfo(f"greffe/{file.relative_to(plugin)}", moment)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes())


def contents(wheel: Path, source: Path) -> None:
    """Every file of ``engine/greffe`` and ``sql`` is in the wheel, every one that tests need in the source archive."""
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    wanted = {f.removeprefix("engine/") for f in _tracked("engine/greffe")}
    wanted |= {f"greffe/{f}" for f in _tracked("sql")}
    _refuse_missing(wheel, wanted - inside)
    with tarfile.open(source) as tar:
        unpacked = {name.partition("/")[2] for name in tar.getnames()}
    rooms = (
        "engine",
        "sql",
        "tests",
        "ci",
        "docs",
        "moodle_plugin",
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "LICENSE",
    )
    _refuse_missing(source, set(_tracked(*rooms)) - unpacked)
    sys.stdout.write(f"{wheel.name}: {len(inside)} files, {source.name}: {len(unpacked)}\n")


def requirements(report: Path, out: Path) -> None:
    """What pip would install (its ``--report``), as lines that pip-audit reads; Greffe itself is not asked for."""
    found = [item["metadata"] for item in json.loads(report.read_text(encoding="utf-8"))["install"]]
    lines = [f"{m['name']}=={m['version']}\n" for m in found if m["name"] != "greffe"]
    out.write_text("".join(sorted(lines)), encoding="utf-8")


def audit(answer: Path) -> None:
    """Refuse what has known vulnerabilities, and what nobody was there to tell of."""
    try:
        found = json.loads(answer.read_text(encoding="utf-8"))["dependencies"]
    except (OSError, ValueError, KeyError):
        found = []
    untold = [d["name"] for d in found if "skip_reason" in d]
    if untold or not found:
        sys.exit(
            f"release: nobody could be asked for known vulnerabilities ({', '.join(untold) or 'no answer'}). Run it where the "
            "package index's own JSON interface can be reached, name another service (PIP_AUDIT_VULNERABILITY_SERVICE=osv, "
            "PIP_AUDIT_OSV_URL), or try with --offline."
        )
    bad = [
        f"{d['name']} {d['version']}: {', '.join(v['id'] for v in d['vulns'])}" for d in found if d["vulns"]
    ]
    if bad:
        sys.exit("release: known vulnerabilities:\n" + "\n".join(bad))
    sys.stdout.write(f"no known vulnerability in {len(found)} packages\n")


def _tracked(*paths: str) -> list[str]:
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *paths]
    listed = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    return [f for f in listed if Path(f).is_file()]


def _refuse_missing(where: Path, missing: set[str]) -> None:
    if missing:
        sys.exit(f"release: {where.name} lacks {', '.join(sorted(missing)[:5])}: {len(missing)} in all")


def main(word: str, *paths: str) -> None:
    """One of the above, by its name."""
    {"plugin-zip": plugin_zip, "contents": contents, "requirements": requirements, "audit": audit}[word](
        *map(Path, paths)
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
