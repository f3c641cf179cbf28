"""Prepared cases for ``why`` and ``why-not``: a site, its feeds, one broken link."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from greffe.apply.schema import has_tables
from greffe.moodle.database import Settings, connect
from greffe.moodle.owntables import META, tables
from greffe.view.chain import Cause, Explanation, Link
from tests.integration.following import Campus
from tests.integration.linking import link
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite

HEADER = "who;course;year;td;end;paid;cohort"
TODAY, LATER = str(date.today() - timedelta(days=1)), str(date.today() + timedelta(days=9))  # noqa: DTZ011 - the machine's own day
WINDOW = [{"from": TODAY, "to": LATER}]
OTHERS = [f"o{n}" for n in range(1, 13)]


@dataclass
class World:
    """A university of thirteen: ``ann`` is asked about, twelve others make her courses real."""

    campus: Campus
    lines: list[str] = field(default_factory=list)
    paid: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.campus.nights.more.pop("guards")

    @property
    def nights(self) -> Nights:
        return self.campus.nights

    def rules(self, **feed: object) -> None:
        """Registrations lead into courses and, where they name one, into cohorts."""
        self.nights.feed("ip", HEADER, self.lines, **feed)
        self.nights.rules.clear()
        self.nights.cohorts.clear()
        self.nights.rule("ip", group="{{ td }}", end="{{ end }}")
        self.nights.cohort("ip")

    def deliver(self, *lines: str, **feed: object) -> None:
        """An extract: the twelve others in DRT, and these lines after them, from line 14 on."""
        self.lines = [*(f"{o};DRT;2026;;;P;" for o in OTHERS), *lines]
        self.rules(**feed)

    def night(self) -> None:
        self.nights.night()

    def enrolment(self, who: str, course: str, method: str = "database") -> int:
        (row,) = self.nights.site.fetch(
            "SELECT ue.id FROM {user_enrolments} ue JOIN {enrol} e ON e.id = ue.enrolid JOIN {course} c ON c.id = e.courseid"
            " JOIN {user} u ON u.id = ue.userid WHERE u.username = %s AND c.shortname = %s AND e.enrol = %s",
            who, course, method,
        )  # fmt: skip
        return int(row["id"])

    def course_id(self, name: str) -> int:
        (row,) = self.nights.site.fetch("SELECT id FROM {course} WHERE shortname = %s", name)
        return int(row["id"])

    def method(self, course: str, method: str) -> int:
        (row,) = self.nights.site.fetch(
            "SELECT e.id FROM {enrol} e JOIN {course} c ON c.id = e.courseid WHERE c.shortname = %s AND e.enrol = %s",
            course, method,
        )  # fmt: skip
        return int(row["id"])

    def set(self, table: str, row: int, **columns: object) -> None:
        given = ", ".join(f"{c} = %s" for c in columns)
        self.nights.site.execute(f"UPDATE {{{table}}} SET {given} WHERE id = %s", *columns.values(), row)


_FILLED = ("user", "course", "context", "enrol", "user_enrolments", "role_assignments", "groups", "groups_members", "cohort", "cohort_members", "config_plugins")  # fmt: skip


@dataclass
class Shared:
    """One site for many cases, as it was for each of them."""

    site: MoodleSite
    users: dict[str, int] = field(default_factory=dict)
    _before: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = ["ann", *OTHERS]
        found = self.site.add_users([{"username": n, "idnumber": n} for n in names])
        self.users = dict(zip(names, found, strict=True))
        for name in ("DRT", "ECO", "MED", "TUTO"):
            self.site.add_course(name, idnumber=name)
        for table in _FILLED:
            (row,) = self.site.fetch(f"SELECT COALESCE(MAX(id), 0) AS id FROM {{{table}}}")
            self._before[table] = int(row["id"])

    def world(self, directory: Path) -> World:
        """A case's own."""
        return World(Campus(Nights(self.site, directory), dict(self.users)))

    def clear(self) -> None:
        """What a case added, changed and had remembered; Greffe's own tables stay, empty. All in one transaction."""
        db = connect(settings_of(self.site))
        try:
            own = [t for t in tables(db.engine) if t != META] if has_tables(db) else []
            with db.transaction():
                for table, id_ in self._before.items():
                    db.run_text(f"DELETE FROM {db.quote(table)} WHERE id > {id_}")
                for table in own:
                    db.run_text(f"DELETE FROM {db.quote(table)}")
                db.run_text(f"UPDATE {db.quote('user')} SET idnumber = username, deleted = 0 WHERE id > 2")
                db.run_text(
                    f"UPDATE {db.quote('course')} SET idnumber = shortname, visible = 1 WHERE category <> 0"
                )
        finally:
            db.close()


ANN = "ann;DRT;2026;;;P;"

Prepare = Callable[[World], None]


@dataclass(frozen=True)
class Case:
    """What is prepared, what is asked, and the link at which the answer must break."""

    name: str
    prepare: Prepare
    link: Link
    cause: Cause
    mend: str
    """What the mend must say."""
    course: str = "DRT"
    person: str = "ann"


def _loaded(w: World) -> None:
    w.deliver(ANN)
    w.night()


def _no_registration(w: World) -> None:
    w.deliver("ann;ECO;2026;;;P;")


def _nowhere_at_all(w: World) -> None:
    w.deliver()


def _other_year(w: World) -> None:
    w.deliver("ann;DRT;2025;;;P;", years=["2026"], year_column="year")


def _not_kept(w: World) -> None:
    w.deliver("ann;DRT;2026;;;N;", keep={"paid": "P"})


def _not_required(w: World) -> None:
    w.nights.feed("ia", "who", OTHERS)
    w.deliver(ANN, requires={"feed": "ia", "on": ["who"]})


def _zeros_lost(w: World) -> None:
    w.set("user", w.campus.users["ann"], idnumber="00000042")
    w.deliver("42;DRT;2026;;;P;")


def _no_rule(w: World) -> None:
    w.deliver(ANN)
    w.nights.rules[0]["when"] = "who != 'ann'"


def _value_refused(w: World) -> None:
    w.deliver("ann;DRT;2026;;tomorrow;P;")


def _unknown_course(w: World) -> None:
    w.deliver("ann;XYZ;2026;;;P;")


def _ambiguous_course(w: World) -> None:
    w.nights.site.add_course("DRT-bis", idnumber="DRT2")
    w.nights.site.add_course("DRT-ter", idnumber="DRT2")
    w.deliver("ann;DRT2;2026;;;P;")


def _hidden_course(w: World) -> None:
    _loaded(w)
    w.nights.site.execute("UPDATE {course} SET visible = 0 WHERE shortname = 'ECO'")
    w.deliver("ann;ECO;2026;;;P;")
    w.nights.rules[0]["hidden_courses"] = "skip"


def _without_key(w: World) -> None:
    w.nights.site.execute("UPDATE {course} SET idnumber = '' WHERE shortname = 'ECO'")
    w.deliver()


def _no_account(w: World) -> None:
    w.deliver("bob;DRT;2026;;;P;")


def _ambiguous_person(w: World) -> None:
    w.nights.site.add_user("ann2", idnumber="99")
    w.nights.site.add_user("ann3", idnumber="99")
    w.deliver("99;DRT;2026;;;P;")


def _bad_feed(w: World) -> None:
    _loaded(w)
    w.deliver("ann;ECO;2026;;;P;", min_rows=100)


def _not_yet(w: World) -> None:
    w.deliver()
    w.night()
    w.deliver(ANN)


def _first_night(w: World) -> None:
    w.deliver(ANN)


def _held(w: World) -> None:
    w.nights.more["guards"] = {"feed": {"additions": "1%", "above": 0}}
    w.deliver()
    w.nights.more.pop("guards")
    w.night()
    w.nights.more["guards"] = {"feed": {"additions": "1%", "above": 0}}
    w.deliver(ANN)


def _loss_held(w: World) -> None:
    _loaded(w)
    w.lines = ["o1;DRT;2026;;;P;"]
    w.rules(shrink="none")


def _another_feed_is_bad(w: World) -> None:
    w.nights.rule("ade", role="teacher")
    w.nights.feed("ade", "who;course", [], min_rows=5)
    w.deliver("ann;ECO;2026;;;P;")
    w.nights.rule("ade", role="teacher")


def _blackout(w: World) -> None:
    w.deliver()
    w.night()
    w.nights.more["calendar"] = {"blackout": WINDOW}
    w.deliver(ANN)


def _plugin_off(w: World) -> None:
    _loaded(w)
    w.campus.plugins("manual", "cohort", "meta")


def _method_off(w: World) -> None:
    _loaded(w)
    w.set("enrol", w.method("DRT", "database"), status=1)


def _suspended_by_hand(w: World) -> None:
    _loaded(w)
    w.set(
        "user_enrolments",
        w.enrolment("ann", "DRT"),
        status=1,
        modifierid=2,
        timemodified=int(time.time()) + 5,
    )


def _left(w: World) -> None:
    _loaded(w)
    w.deliver()
    w.night()


def _purge(w: World) -> None:
    w.deliver(ANN)
    w.nights.rules[0]["purge"] = {"after": "90d"}
    w.night()
    w.deliver()
    w.nights.rules[0]["purge"] = {"after": "90d"}
    w.night()


def _ended(w: World) -> None:
    w.deliver("ann;DRT;2026;;2020-01-01;P;")
    w.night()


def _role_taken(w: World) -> None:
    _loaded(w)
    w.nights.site.execute("DELETE FROM {role_assignments} WHERE userid = %s", w.campus.users["ann"])


def _group_left(w: World) -> None:
    w.deliver("ann;DRT;2026;TD1;;P;")
    w.night()
    w.nights.site.execute("DELETE FROM {groups_members} WHERE userid = %s", w.campus.users["ann"])


def _add_only(w: World) -> None:
    _loaded(w)
    w.nights.more["calendar"] = {"add_only": WINDOW}
    w.deliver()


def _leaves(w: World) -> None:
    _loaded(w)
    w.deliver()


def _kept(w: World) -> None:
    _loaded(w)
    w.deliver()
    w.nights.rules[0]["leavers"] = "keep"
    w.night()


def _not_member(w: World) -> None:
    w.campus.cohort("L1", "o1")
    w.campus.instance("cohort", w.course_id("MED"), w.campus.cohorts["L1"])
    w.deliver()


def _not_synced(w: World) -> None:
    w.campus.cohort("L1", "ann")
    w.campus.instance("cohort", w.course_id("MED"), w.campus.cohorts["L1"])
    w.deliver()


def _cohort_gone(w: World) -> None:
    w.campus.instance("cohort", w.course_id("MED"), 987654)
    w.deliver()


def _cohort_refused(w: World) -> None:
    w.campus.cohort("L1", "o1")
    w.campus.instance("cohort", w.course_id("MED"), w.campus.cohorts["L1"])
    w.deliver("ann;;2026;;;P;L1")


def _cohort_not_yet(w: World) -> None:
    w.deliver("o1;;2026;;;P;L1")
    link(w.campus, "MED L1")
    w.night()
    w.deliver("o1;;2026;;;P;L1", "ann;;2026;;;P;L1")


def _link_not_yet(w: World) -> None:
    w.deliver("ann;;2026;;;P;L1")
    link(w.campus, "MED L1")


def _link_refused(w: World) -> None:
    w.campus.cohort("L1", "ann")
    w.deliver()
    link(w.campus, "MED L1", group="no such group")


def _not_in_parent(w: World) -> None:
    w.campus.instance("meta", w.course_id("TUTO"), w.course_id("ECO"))
    w.deliver()


def _suspended_in_parent(w: World) -> None:
    w.campus.instance("meta", w.course_id("TUTO"), w.course_id("DRT"))
    _loaded(w)
    w.campus.sync("meta")
    w.deliver()
    w.night()
    w.campus.sync("meta")


def _parent_gone(w: World) -> None:
    w.campus.instance("meta", w.course_id("TUTO"), 987654)
    w.deliver()


CASES = [
    Case("no line leads there", _no_registration, Link.REGISTRATION, Cause.NO_REGISTRATION, "registered"),
    Case("no line at all", _nowhere_at_all, Link.REGISTRATION, Cause.NO_REGISTRATION, "registered"),
    Case("a line of another year", _other_year, Link.REGISTRATION, Cause.OTHER_YEAR, "years"),
    Case("a line that keep leaves out", _not_kept, Link.REGISTRATION, Cause.NOT_KEPT, "keep"),
    Case("no line in the required feed", _not_required, Link.REGISTRATION, Cause.NOT_REQUIRED, "paid"),
    Case("leading zeros lost", _zeros_lost, Link.REGISTRATION, Cause.ZEROS_LOST, "pad = 8"),
    Case("a code without rule", _no_rule, Link.RULE, Cause.NO_RULE, "when"),
    Case("a value that the rule refuses", _value_refused, Link.RULE, Cause.VALUE_REFUSED, "Correct the value"),
    Case("a code that is no course", _unknown_course, Link.COURSE, Cause.UNKNOWN_COURSE, "XYZ", course="XYZ"),
    Case("a code of two courses", _ambiguous_course, Link.COURSE, Cause.AMBIGUOUS_COURSE, "one of them", course="DRT2"),
    Case("a hidden course", _hidden_course, Link.COURSE, Cause.HIDDEN_COURSE, "hidden_courses", course="ECO"),
    Case("a course without idnumber", _without_key, Link.COURSE, Cause.COURSE_WITHOUT_KEY, "idnumber", course="ECO"),
    Case("nobody's account", _no_account, Link.ACCOUNT, Cause.NO_ACCOUNT, "account", person="bob"),
    Case("two accounts", _ambiguous_person, Link.ACCOUNT, Cause.AMBIGUOUS_PERSON, "Merge", person="99"),
    Case("a feed that cannot be trusted", _bad_feed, Link.REGISTRATION, Cause.BAD_FEED, "delivered again", course="ECO"),
    Case("registered since the last night", _not_yet, Link.ENROLMENT, Cause.NOT_YET, "greffe nightly"),
    Case("before the first night", _first_night, Link.METHOD, Cause.NOT_YET, "greffe nightly"),
    Case("held by a guard", _held, Link.ENROLMENT, Cause.GUARD, "greffe approve"),
    Case("still there, held by a guard", _loss_held, Link.REGISTRATION, Cause.GUARD, "greffe approve"),
    Case("another feed cannot be trusted", _another_feed_is_bad, Link.REGISTRATION, Cause.NO_REGISTRATION, "registered"),
    Case("in a blackout", _blackout, Link.ENROLMENT, Cause.BLACKOUT, LATER),
    Case("the plugin is switched off", _plugin_off, Link.METHOD, Cause.PLUGIN_OFF, "Manage enrol plugins"),
    Case("the method is switched off", _method_off, Link.METHOD, Cause.METHOD_OFF, "enrolment methods"),
    Case("suspended by hand", _suspended_by_hand, Link.ENROLMENT, Cause.SUSPENDED_BY_HAND, "greffe nightly"),
    Case("left the feed", _left, Link.REGISTRATION, Cause.NO_REGISTRATION, "registered"),
    Case("left, and waits for the purge", _purge, Link.REGISTRATION, Cause.NO_REGISTRATION, "registered"),
    Case("after the end", _ended, Link.ENROLMENT, Cause.ENDED, "end"),
    Case("the role is gone", _role_taken, Link.ROLE, Cause.NO_ROLE, "greffe nightly"),
    Case("out of the group", _group_left, Link.GROUP, Cause.NO_GROUP, "greffe nightly"),
    Case("kept by the calendar", _add_only, Link.REGISTRATION, Cause.ADD_ONLY, LATER),
    Case("there until the next night", _leaves, Link.REGISTRATION, Cause.LEAVES_NEXT, "registered again"),
    Case("there since leavers are kept", _kept, Link.REGISTRATION, Cause.LEFT_ALONE, "unenrol in Moodle"),
    Case("not in the cohort", _not_member, Link.MEMBERSHIP, Cause.NOT_MEMBER, "greffe cohorts", course="MED"),
    Case("in the cohort, not yet in its course", _not_synced, Link.ENROLMENT, Cause.NOT_SYNCED, "greffe methods sync", course="MED"),
    Case("the method's cohort is gone", _cohort_gone, Link.COHORT, Cause.NO_COHORT, "link the method", course="MED"),
    Case("a cohort that is not Greffe's", _cohort_refused, Link.COHORT, Cause.COHORT_REFUSED, "greffe plan", course="MED"),
    Case("in the cohort with the next night", _cohort_not_yet, Link.MEMBERSHIP, Cause.NOT_YET, "greffe nightly", course="MED"),
    Case("cohort and method with the next night", _link_not_yet, Link.COHORT, Cause.NOT_YET, "greffe nightly", course="MED"),
    Case("a link that is refused", _link_refused, Link.METHOD, Cause.NO_METHOD, "greffe plan", course="MED"),
    Case("not in the parent course", _not_in_parent, Link.PARENT, Cause.NOT_IN_PARENT, "greffe why-not", course="TUTO"),
    Case("suspended in the parent course", _suspended_in_parent, Link.PARENT, Cause.NOT_ACTIVE_IN_PARENT, "greffe why", course="TUTO"),
    Case("the parent course is gone", _parent_gone, Link.PARENT, Cause.NO_PARENT, "another course", course="TUTO"),
]  # fmt: skip


def settings_of(site: MoodleSite) -> Settings:
    """The connection to a site."""
    return Settings(
        engine=site.engine, host=site.host, port=site.port, name=site.dbname, user=site.user, password=site.password, prefix=site.prefix
    )  # fmt: skip


def told(found: Explanation) -> tuple[str, str]:
    """(link, cause) at which the most likely chain breaks."""
    broken = found.chains[0].broken
    return (broken.link, broken.cause) if broken else ("", "")
