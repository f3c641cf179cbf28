"""The small campus on which the documentation is rehearsed: what its pages name is there.

Courses of law and of medicine, two years of registrations, cohorts, methods made by hand, enrolments by hand that have
ended, and the files that the pages give to commands. A first night of last year and one in which two people left stand in
the journal; this year's registrations have arrived, and wait for tonight.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from greffe.cli import run
from greffe.commands._takeover import PASSWORD as FEED_PASSWORD
from greffe.config import load
from greffe.feed.years import years_open_on
from greffe.moodle.database import connect
from greffe.moodle.locks import SiteLocks
from greffe.moodle.settings import settings_of
from tests.intake.sheets import xlsx
from tests.lab.server import Server
from tests.lab.site import MoodleSite, database, fill
from tests.lab.toml import PASSWORD

LAST, THIS = "2025", "2026"
"""The years of which the pages speak, whatever the date is."""
LAW = [f"220123{n:02}" for n in range(1, 61)]
MEDICINE = [f"220300{n:02}" for n in range(1, 31)]
TEACHERS = ("jmartin", "akone")
LAW_COURSES, MEDICINE_COURSES = ("DRT101", "DRT102"), ("MED1-ANAT", "MED1-PHYS", "MED1", "TUTO", "L1MED-ANAT")
CONFIGURATIONS = (
    "greffe.toml", "ecampus.toml", "sante.toml", "replica.toml", "etc/greffe/ecampus.toml", "etc/greffe/sante.toml",
)  # fmt: skip
_RULES = """
[feed.ip]
csv = '{root}/srv/apogee/ip.csv'
encoding = "cp1252"
years = ["{year}"]
keep = {{ TEM_PRC_ICE = "N" }}
person = {{ column = "COD_ETU", pad = 8 }}

[feed.ia]
csv = '{root}/srv/apogee/ia.csv'
encoding = "cp1252"
years = ["{year}"]
person = {{ column = "COD_ETU", pad = 8 }}

[feed.teachers]
csv = '{root}/srv/ade/enseignants.csv'
person = {{ column = "UID", match = "username" }}

[[course]]
feed = "ip"
course = "{{{{ COD_ELP }}}}"
role = "student"
group = "{{{{ GROUPE }}}}"

[[course]]
feed = "teachers"
course = "{{{{ COD_ELP }}}}"
role = "editingteacher"

[[cohort]]
feed = "ia"
idnumber = "{{{{ COD_ETP }}}}-{{{{ COD_ANU }}}}"
name = "{{{{ COD_ETP }}}} {{{{ COD_ANU }}}}"

[[link]]
method = "cohort"
table = [{{ course = "DRT101", cohort = "ATELIER" }}]

[run]
sync = ["cohort", "meta"]
state = '{root}/var/lib/greffe'
"""
_MAIL = """
[mail]
server = "127.0.0.1"
port = {port}
security = "none"
sender = "Greffe <greffe@univ.example>"
to = ["moodle@univ.example"]
"""
_DIRECTORIES = (
    "etc/greffe", "srv/apogee", "srv/ade", "var/backups", "var/lib/greffe/reports", "var/lib/greffe/ecampus",
    "var/lib/node_exporter", "var/lib/prometheus/node-exporter", "var/log/greffe", "var/www/moodle", "tmp",
)  # fmt: skip


@dataclass
class Campus:
    """The site, and a directory that stands for the machine's root and for where one works."""

    site: MoodleSite
    root: Path
    away: set[str] = field(default_factory=set)
    """Numbers that the extracts do not name any more."""
    kept: str = ""
    """The number of somebody who keeps the result of last year: registered, but not to come."""
    using: str = "greffe.toml"
    """The configuration that commands mean which name none."""
    letters: int = 0
    """Port of a mail server of this machine's; 0: nobody hears of nights."""
    others: ExitStack = field(default_factory=ExitStack)
    """What others hold meanwhile."""

    # -- the machine ---------------------------------------------------------------------------------------
    def settle(self) -> None:
        """Directories, extracts, configurations and files; the site's rows are there already."""
        os.environ[PASSWORD] = self.site.password
        for name in _DIRECTORIES:
            (self.root / name).mkdir(parents=True, exist_ok=True)
        self.deliver()
        self.configure(THIS)
        self._config_php()
        for name, content in FILES.items():
            (self.root / name).write_bytes(content)

    def connection(self, *, port: int = 0) -> str:
        """``[moodle]`` with all its keys."""
        s = self.site
        kind = "mariadb" if s.engine == "mariadb" else "pgsql"
        return (
            f"[moodle]\ntype = '{kind}'\nhost = '{s.host}'\nport = {port or s.port}\nname = '{s.dbname}'\nuser = '{s.user}'\n"
            f"password = {{ env = '{PASSWORD}' }}\nprefix = '{s.prefix}'\n"
            "lock_wait = '1s'\n"
        )

    def configure(self, year: str, *, port: int = 0) -> None:
        """Every configuration that a page names is this site's."""
        text = self.connection(port=port) + _RULES.format(root=self.root, year=year)
        if self.letters:
            text += _MAIL.format(port=self.letters)
        for name in CONFIGURATIONS:
            (self.root / name).write_text(text, encoding="utf-8")

    def deliver(
        self, *, keep: float = 1.0, more: Sequence[str] = (), steps: Sequence[str] = (), law: str = "DRT"
    ) -> None:
        """The extracts of both years. ``keep``: the share of lines that arrive; ``more``: numbers beside the usual ones;
        ``steps``: further étapes of these; ``law``: what the codes of the courses of law begin with."""
        opened = max(years_open_on(datetime.now(UTC).date()))
        years = sorted({LAST, THIS, opened})
        ip, ia = [], []
        for year in years:
            codes = [c.replace("DRT", law) for c in LAW_COURSES]
            for step, numbers, courses in (("L1DRT", [*LAW, *more], codes), ("L1MED", MEDICINE, ["MED1"])):
                here = [n for n in numbers if n not in self.away]
                ia += [f"{n};{step};1;{year}" for n in here]
                ip += [
                    f"{n};{step};1;{c};{year};TD{1 + int(n) % 3};{'O' if (n, year) == (self.kept, THIS) else 'N'}"
                    for n in here
                    for c in courses
                ]
            ia += [f"{n};{step};1;{year}" for step in ("L2MED", *steps) for n in MEDICINE[:5]]
        heads = {
            "ip": "COD_ETU;COD_ETP;COD_VRS_VET;COD_ELP;COD_ANU;GROUPE;TEM_PRC_ICE",
            "ia": "COD_ETU;COD_ETP;COD_VRS_VET;COD_ANU",
        }
        for name, lines in (("ip", ip), ("ia", ia)):
            kept = sorted(lines)[: int(len(lines) * keep)]
            self._file(f"srv/apogee/{name}.csv", "\r\n".join([heads[name], *kept, ""]))
        self._file("srv/ade/enseignants.csv", "UID;COD_ELP\njmartin;DRT101\njmartin;DRT102\n")

    def _file(self, name: str, text: str) -> None:
        (self.root / name).write_bytes(text.encode("cp1252"))

    def _config_php(self) -> None:
        s = self.site
        engine = "mariadb" if s.engine == "mariadb" else "pgsql"
        words = {
            "dbtype": engine,
            "dbhost": s.host,
            "dbname": s.dbname,
            "dbuser": s.user,
            "dbpass": s.password,
            "prefix": s.prefix,
        }
        lines = [f"$CFG->{key} = '{value}';" for key, value in words.items()]
        options = f"$CFG->dboptions = ['dbport' => {s.port}];"
        text = "\n".join(
            ["<?php", "unset($CFG);", "global $CFG;", "$CFG = new stdClass();", *lines, options, ""]
        )
        self._file("var/www/moodle/config.php", text)

    def machine(self) -> Path:
        """A directory that stands for the root of a machine on which there is nothing yet."""
        root = self.root / "machine"
        (root / "etc").mkdir(parents=True, exist_ok=True)
        return root

    # -- what happens --------------------------------------------------------------------------------------
    def greffe(self, *words: str) -> int:
        """A command of which no page speaks."""
        return run(["-c", str(self.root / self.using), *words])

    def night(self) -> None:
        """A night of which no page speaks."""
        code = self.greffe("nightly")
        assert code == 0, code

    def promotion_ends(self) -> None:
        """A third of a course leaves: its losses are held."""
        self.away = set(LAW[:22])
        self.deliver()

    def night_is_busy(self) -> None:
        """Somebody comes back, two leave, one is registered who has no account yet."""
        self.away = {LAW[4], LAW[5]}
        self.deliver(more=["22019999"])

    def codes_change(self) -> None:
        """All courses of law have other codes in the extract than in Moodle."""
        self.deliver(law="LAW")

    def extract_is_cut(self) -> None:
        """Half an extract arrives, tidily."""
        self.deliver(keep=0.5)

    def extract_is_whole(self) -> None:
        """The extracts are right again."""
        self.away = set()
        self.deliver()

    def role_is_given_twice(self) -> None:
        """Two writers gave the same role at the same moment."""
        self.site.execute(
            "INSERT INTO {role_assignments} (roleid, contextid, userid, timemodified, modifierid, component, itemid, sortorder)"
            " SELECT roleid, contextid, userid, timemodified, modifierid, component, itemid, sortorder"
            " FROM {role_assignments} WHERE component = 'enrol_cohort' ORDER BY id LIMIT 1"
        )

    def years_go_by(self) -> None:
        """The first two nights are longer ago than a journal is kept, and Moodle has been told of them."""
        past = 500 * 86400
        self.site.execute(
            "UPDATE {local_greffe_run} SET timestarted = timestarted - %s, timeended = timeended - %s WHERE id < 3",
            past,
            past,
        )
        self.site.execute("UPDATE {local_greffe_change} SET relayed = 1 WHERE runid < 3")

    def result_is_kept(self) -> None:
        """Somebody keeps his result of last year: his line says that he need not come."""
        self.kept = LAW[7]
        self.deliver()
        self.night()

    def another_is_at_work(self) -> None:
        """Another Greffe holds the site's lock."""
        config = load(self.root / "greffe.toml")
        other = self.others.enter_context(closing(connect(settings_of(config.moodle))))
        self.others.enter_context(SiteLocks(other, config.moodle, other.settings))

    def another_has_ended(self) -> None:
        """It lets go."""
        self.others.close()

    def server_is_away(self) -> None:
        """Nobody answers where the database was."""
        self.configure(THIS, port=1)

    def server_is_back(self) -> None:
        """It answers again."""
        self.configure(THIS)

    def cohort_is_in_the_way(self) -> None:
        """Somebody has made a cohort by hand that registrations lead to."""
        self.site.add_cohort(f"L3MED-{THIS}")
        self.deliver(steps=["L3MED"])

    def tables_are_lost(self) -> None:
        """Greffe's own tables are gone."""
        for row in self.site.fetch(
            "SELECT tablename FROM pg_tables WHERE tablename LIKE 'mdl_local_greffe%%'"
        ):
            self.site.execute(f"DROP TABLE {row['tablename']}")

    def moodles_own_sync_is_in_use(self) -> None:
        """Greffe was never here: External database has brought Moodle in step."""
        self.tables_are_lost()
        self.site.execute("DELETE FROM {groups_members} WHERE component = 'enrol_database'")
        self.external_database_is_set()

    def external_database_is_set(self) -> None:
        """External database reads a table of another database."""
        site, secret = self.site, self.site.password or "asked by nobody"
        site.execute("CREATE TABLE inscriptions (numero text, code_cours text, role text)")
        rows = [(n, c, "student") for n in LAW[1:] for c in LAW_COURSES] + [
            (n, "MED1", "student") for n in MEDICINE
        ]
        rows += [("P-jmartin", c, "editingteacher") for c in LAW_COURSES]
        for each in rows:
            site.execute("INSERT INTO inscriptions VALUES (%s, %s, %s)", *each)
        own = {
            "dbtype": "postgres", "dbhost": f"{site.host}:{site.port}", "dbname": site.dbname, "dbuser": site.user,
            "dbpass": secret, "remoteenroltable": "inscriptions", "remotecoursefield": "code_cours",
            "remoteuserfield": "numero", "remoterolefield": "role", "unenrolaction": "2",
        }  # fmt: skip
        site.execute(
            "DELETE FROM {config_plugins} WHERE plugin = 'enrol_database' AND name = ANY(%s)", list(own)
        )
        for name, value in own.items():
            site.insert("config_plugins", plugin="enrol_database", name=name, value=value)
        site.execute("UPDATE {task_scheduled} SET disabled = 0 WHERE component = 'enrol_database'")
        os.environ[FEED_PASSWORD] = secret
        self.others.callback(os.environ.pop, FEED_PASSWORD, None)

    def moodles_own_sync_is_off(self) -> None:
        """As the page says."""
        self.site.execute(
            "UPDATE {config_plugins} SET value = '' WHERE plugin = 'enrol_database' AND name = 'dbtype'"
        )
        self.site.execute("UPDATE {task_scheduled} SET disabled = 1 WHERE component = 'enrol_database'")


EVENTS: dict[str, Callable[[Campus], None]] = {
    "a promotion ends": Campus.promotion_ends,
    "the night is busy": Campus.night_is_busy,
    "the codes change": Campus.codes_change,
    "the extract is cut": Campus.extract_is_cut,
    "the extract is whole": Campus.extract_is_whole,
    "a role is given twice": Campus.role_is_given_twice,
    "years go by": Campus.years_go_by,
    "a result is kept": Campus.result_is_kept,
    "another Greffe is at work": Campus.another_is_at_work,
    "the other has ended": Campus.another_has_ended,
    "the server is away": Campus.server_is_away,
    "the server is back": Campus.server_is_back,
    "a cohort is in the way": Campus.cohort_is_in_the_way,
    "Moodle's own sync is in use": Campus.moodles_own_sync_is_in_use,
    "Moodle's own sync is off": Campus.moodles_own_sync_is_off,
}
"""What a page can let happen before a block: ``<!-- rehearsal: the extract is cut -->``."""


def _text(*lines: str) -> bytes:
    return ("\n".join(lines) + "\n").encode()


_PEOPLE = _text("person;course;role", "22012345;DRT101;student", "22012346;DRT101;student")
_LIST = [["numéro étudiant"], ["22030001"], ["22030002"], ["22030003"]]
_METHODS = _text(
    "action;method;course;cohort;parent;role;group;enabled",
    "add;cohort;L1MED-ANAT;L1MED-2025;;student;Promo;yes",
)
_COHORTS = _text("cohort;name", "PROJET-A;Projet A", "PROJET-B;Projet B")
_MEMBERS = _text("action;cohort;person", "add;ATELIER;22012345@univ.example")

FILES: dict[str, bytes] = {
    **dict.fromkeys(("teachers.csv", "enseignants.csv"), _text("person;course;role", "akone;DRT101;teacher")),
    **dict.fromkeys(("list.xlsx", "liste.xlsx", "class.xlsx", "classe.xlsx"), xlsx({"Liste": _LIST})),
    **dict.fromkeys(("class.csv", "classe.csv"), _text("person", *MEDICINE[:12])),
    **dict.fromkeys(("left.csv", "partis.csv", "leavers.csv"), _text("person", "22012350")),
    **dict.fromkeys(("staying.csv", "restent.csv"), _text("person", "22012301", "22012302")),
    **dict.fromkeys(("list.csv", "liste.csv", "people.csv"), _PEOPLE),
    **dict.fromkeys(("cohorts.csv", "cohortes.csv"), _COHORTS),
    **dict.fromkeys(("members.csv", "membres.csv"), _MEMBERS),
    **dict.fromkeys(("methods.csv", "methodes.csv"), _METHODS),
    "methods.xlsx": xlsx({"M": [line.split(";") for line in _METHODS.decode().splitlines()]}),
    "courses.csv": _text("shortname,enrolment_1,enrolment_1_cohortidnumber,enrolment_1_role", "MED1,cohort,L1MED-2025,student"),
    "salle.txt": _text("La séance a lieu en salle B12."),
    "controle.md": _text("# Contrôle", "", "Lundi à 8 h."),
    "examen.html": _text("<p>Lundi à 8 h.</p>"),
}  # fmt: skip
"""The files that pages name, in either language, by their names."""


def found(site: MoodleSite, root: Path) -> None:
    """Build the site, and its first two nights."""
    with site.rows() as rows:
        rows.query(f"UPDATE {rows.name('course_categories')} SET name = 'DROIT', idnumber = 'L1DRT'")
    site.add_courses([{"shortname": c, "idnumber": c} for c in (*LAW_COURSES, *MEDICINE_COURSES)])
    teachers: list[dict[str, object]] = [
        {"username": u, "idnumber": f"P-{u}", "email": f"{u}@univ.example"} for u in TEACHERS
    ]
    students: list[dict[str, object]] = [
        {"username": f"e{n}", "idnumber": n, "email": f"{n}@univ.example"} for n in (*LAW, *MEDICINE)
    ]
    site.add_users(students + teachers)
    site.add_cohort("ATELIER")
    site.execute(
        "UPDATE {config} SET value = 'manual,guest,self,cohort,database,meta' WHERE name = 'enrol_plugins_enabled'"
    )
    campus = Campus(site, root)
    campus.settle()
    campus.configure(LAST)
    campus.night()
    _by_hand(site)
    for year, away in ((LAST, 0), (THIS, 0), (THIS, 2), (THIS, 1)):
        campus.away = set(LAW[:away])
        campus.deliver()
        campus.configure(year)
        campus.night()


def _by_hand(site: MoodleSite) -> None:
    """Methods and enrolments that people made in Moodle, and its own External database with somebody else's table."""
    (cohort,) = site.fetch("SELECT id FROM {cohort} WHERE idnumber = %s", f"L1MED-{LAST}")
    course = {r["shortname"]: r["id"] for r in site.fetch("SELECT id, shortname FROM {course}")}
    for name in ("MED1-ANAT", "MED1-PHYS"):
        site.insert(
            "enrol", enrol="cohort", courseid=course[name], roleid=5, customint1=cohort["id"], customint2=0
        )
    site.insert("enrol", enrol="meta", courseid=course["TUTO"], customint1=course["MED1-ANAT"], customint2=0)
    over = int(time.time()) - 86400
    people = site.fetch("SELECT id FROM {user} WHERE idnumber IN ('22012359', '22012360')")
    for name in LAW_COURSES:
        (manual,) = site.fetch(
            "SELECT id FROM {enrol} WHERE enrol = 'manual' AND courseid = %s", course[name]
        )
        by_self = site.insert("enrol", enrol="self", courseid=course[name], roleid=5)
        for each in (by_self, manual["id"]):
            for person in people:
                site.insert("user_enrolments", enrolid=each, userid=person["id"], timeend=over, status=0)


@contextmanager
def campus_template(server: Server, root: Path) -> Iterator[str]:
    """The name of a database of PostgreSQL from which each page gets its copy."""
    with database(server) as name:
        site = MoodleSite(server, name)
        fill(site)
        found(site, root)
        yield name


@contextmanager
def campus_of(server: Server, template: str, root: Path, letters: int) -> Iterator[Campus]:
    """A campus of its own, for as long as the block runs; ``letters``: the port where its mail goes."""
    with database(server, template=template) as name:
        campus = Campus(MoodleSite(server, name), root, letters=letters)
        campus.settle()
        with campus.others:
            yield campus
