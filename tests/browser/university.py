"""A small university on a real Moodle with the plugin: what its nights read, and how far its story has come."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext

from greffe.commands.nightly import Result
from greffe.commands.undo import undo
from greffe.demo.moodle_tables import add_users
from greffe.demo.stage import account
from greffe.errors import Exit
from tests.integration.nights import Nights
from tests.moodle.database import Database
from tests.moodle.site import Site
from tests.plugin.relay.relaying import OBSERVED

DAY = 86_400
HEALTH = "/local/greffe/index.php"
EVIL = "<script>alert(1)</script>"
"""The name of a course."""
COURSES = {"DRT101": "Droit civil 1", "HIS200": "Histoire moderne", "TUT-L1": "Tutorat L1", "XSS": EVIL}
"""Idnumber → name."""
FAMILIES = ("Martin", "Bernard", "Nguyen", "Petit", "Durand", "Diallo", "Lefèvre", "Moreau", "Garcia", "Roux")
GIVEN = (
    "Camille",
    "Louise",
    "Adam",
    "Inès",
    "Gabriel",
    "Jade",
    "Hugo",
    "Lina",
    "Noé",
    "Aïcha",
    "Malo",
    "Zoé",
)
STUDENTS, UNKNOWN = 240, 7
STEPS = ("empty", "good", "held", "troubled")


@dataclass
class University:
    """The site and its nights. The story: no run yet, good nights, a night that the guards hold, and one on which much goes
    wrong at once."""

    site: Site
    database: Database
    nights: Nights
    root: str
    """Its address."""
    step: str = ""
    left: set[int] = field(default_factory=set)
    """Students who are gone."""
    history: set[int] = field(default_factory=set)
    """Students of HIS200."""
    teachers: str = "uid;course"
    """Header of the extract of teachers."""
    browsers: dict[tuple[str, bool], BrowserContext] = field(default_factory=dict)
    """(Who is logged in, whether with JavaScript) → what his browser keeps from one test to the next."""

    def _found(self) -> None:
        """Courses and accounts, nobody in a course yet."""
        self.site.reset({"dbtype": ""})  # else Moodle's own sync at a login would read the table of the judge
        self.nights = Nights(self.nights.site, self.nights.directory)
        self.left, self.history = set(), set(range(0, STUDENTS + UNKNOWN, 3))
        self.teachers = University.teachers
        self.close()
        self._speak_french()
        self.database.run(
            "UPDATE mdl_config SET value = 'manual,self,cohort,database' WHERE name = 'enrol_plugins_enabled'"
        )
        # Moodle's tours of itself would lie over the pages
        self.database.run("UPDATE mdl_tool_usertours_tours SET enabled = 0")
        with self.site.living() as moodle:
            moodle.do([
                {"step": "Course", "visible": True, "idnumber": code, "shortname": name}
                for code, name in COURSES.items()
            ])  # fmt: skip
        known = [account(f"e{n:03}", f"2200{n:04}", FAMILIES[n % 10], GIVEN[n % 12]) for n in range(STUDENTS)]
        known.append(account("prof", "", "Berger", "Claire"))
        known.append(account("tuteur", "", "Morel", "Yann"))
        (secret,) = self.database.query("SELECT password FROM mdl_user WHERE username = 'admin'")[0]
        with self.database.rows() as rows:
            add_users(rows, [{**person, "lang": "en", "password": secret} for person in known])
        self._configure()
        self.step = "empty"

    def _speak_french(self) -> None:
        """A language pack just large enough that people can choose French; the plugin brings its own texts."""
        pack = self.site.dataroot / "lang" / "fr"
        pack.mkdir(parents=True, exist_ok=True)
        texts = {"thislanguage": "Français", "thousandssep": "\N{NO-BREAK SPACE}", "decsep": ","}
        lines = "".join(f"$string['{name}'] = '{text}';\n" for name, text in texts.items())
        (pack / "langconfig.php").write_text(f"<?php\n{lines}", encoding="utf-8")
        known = self.site.dataroot / "cache" / "cachestore_file" / "default_application" / "core_langmenu"
        shutil.rmtree(known, ignore_errors=True)

    def _configure(self) -> None:
        self.nights.rule("ip", group="{{ grp }}")
        self.nights.rule("teachers", role="editingteacher")
        self.nights.cohort("ia", name="Licence 1 Droit {{ cohort }}")
        self.nights.more["link"] = [
            {"method": "cohort", "table": [{"course": "TUT-L1", "cohort": "L1DRT-2026"}]}
        ]
        self.deliver()
        self.nights.more["guards"] = {"feed": {"removals": "10%", "above": 5}}

    def deliver(self) -> None:
        """Tonight's extracts."""
        here = [n for n in range(STUDENTS + UNKNOWN) if n not in self.left]
        rows = [f"2200{n:04};DRT101;TD {n % 4 + 1}" for n in here if n % 2 or n >= STUDENTS]
        rows += [f"2200{n:04};HIS200;" for n in here if n in self.history]
        rows += [f"2200{n:04};XSS;" for n in here if n % 10 == 0]
        self.nights.feed("ip", "who;course;grp", rows, shrink="none")
        self.nights.feed("ia", "who;cohort", [f"2200{n:04};L1DRT-2026" for n in here if n % 2], shrink="none")
        self.nights.feed(
            "teachers", self.teachers, ["prof;DRT101", "prof;XSS", "tuteur;TUT-L1"],
            person={"column": "uid", "match": "username"},
        )  # fmt: skip

    def night(self) -> Result:
        """One night on what the extracts say now."""
        self.deliver()
        return self.nights.night()

    def at(self, step: str) -> University:
        """The story as far as there; it begins anew where it is past that."""
        if not self.step or STEPS.index(self.step) > STEPS.index(step):
            self._found()
        if self.step == "empty" and step != "empty":
            for gone in ((), (3, 9), (12,)):
                self.left.update(gone)
                assert self.night().exit is Exit.DONE
                self.yesterday()
            assert self.night().exit is Exit.DONE
            self.tell()
        if self.step in ("empty", "good") and step in ("held", "troubled"):
            self.yesterday()
            self.left.update(range(20, 90))
            assert self.night().exit is Exit.HELD
        if self.step != "troubled" and step == "troubled":
            self._trouble()
        self.step = step
        return self

    def _trouble(self) -> None:
        """A bad feed, a course whose losses are held, a run that was taken back, and an observer that breaks."""
        self.yesterday()
        self.left.difference_update(range(20, 90))
        self.history = {n for n in self.history if n > 120} | {1, 4, 7}
        self.teachers = "uid;cours"
        self.nights.more["guards"] = {"feed": {"removals": "50%"}}
        assert self.night().exit is Exit.PARTIAL
        self.site.debugging = False  # Moodle's own words about it belong to developers
        try:
            self.site.php(OBSERVED, str(self.nights.directory / "observed"), "exception")
        finally:
            self.site.debugging = True
        undo(self.nights.config(), self.last_run(), person="22000001")

    def php(self, code: str) -> str:
        """Something that happens in Moodle, by its own functions, so that its caches know; what it said."""
        script = self.nights.directory / "happens.php"
        root = "getenv('GREFFE_MOODLE_ROOT')"
        begin = f"<?php define('CLI_SCRIPT', true); require({root} . '/config.php');"
        script.write_text(f"{begin} require_once($CFG->libdir . '/adminlib.php'); {code}", encoding="utf-8")
        return self.site.php(script)

    def close(self) -> None:
        """Everybody closes his browser."""
        for context in self.browsers.values():
            context.close()
        self.browsers.clear()

    def tell(self) -> None:
        """Moodle's cron runs: the relay tells it what was changed."""
        self.site.task("\\local_greffe\\task\\relay")

    def yesterday(self) -> None:
        """A day passes: everything that Greffe noted becomes a day older."""
        for table, clocks in (
            ("run", ("timestarted", "timeended")), ("change", ("timecreated",)), ("feed", ("timecreated",)),
            ("waiting", ("timecreated",)),
        ):  # fmt: skip
            older = ", ".join(f"{c} = CASE WHEN {c} > {DAY} THEN {c} - {DAY} ELSE {c} END" for c in clocks)
            self.database.run(f"UPDATE mdl_local_greffe_{table} SET {older}")

    def course(self, code: str) -> int:
        """The id of a course."""
        return int(self.database.query("SELECT id FROM mdl_course WHERE idnumber = %s", code)[0][0])

    def last_run(self) -> int:
        """The number of the last run."""
        return int(self.database.query("SELECT MAX(id) FROM mdl_local_greffe_run")[0][0])
