"""Classes full of what people leave behind in a course, and every row of the site to compare."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from greffe.demo.moodle_tables import TABLES, Rows
from tests.integration.nights import Nights

State = dict[str, dict[int, dict[str, Any]]]
"""Table → id → row."""


@dataclass
class Class:
    """A course with what is in it."""

    course: int
    name: str
    context: int
    module: int
    """Context of an activity in it."""
    block: int
    """Context of a block inside that activity."""
    items: dict[str, int] = field(default_factory=dict)
    groups: list[int] = field(default_factory=list)
    conversations: list[int] = field(default_factory=list)
    forums: list[int] = field(default_factory=list)


def add_classes(nights: Nights, names: Iterable[str]) -> list[Class]:
    """Courses with contexts below them, grade items, groups with conversations, forums."""
    site = nights.site
    found = []
    for name in names:
        course = site.add_course(name, idnumber=name)
        (context,) = site.fetch(
            "SELECT id, path FROM {context} WHERE contextlevel = 50 AND instanceid = %s", course
        )
        below = []
        path = context["path"]
        for level in (70, 80):
            id_ = site.insert("context", contextlevel=level, instanceid=course * 100 + level, depth=4)
            path = f"{path}/{id_}"
            site.execute("UPDATE {context} SET path = %s WHERE id = %s", path, id_)
            below.append(id_)
        one = Class(course, name, context["id"], module=below[0], block=below[1])
        for kind, values in {
            "course": {"itemtype": "course"},
            "quiz": {"itemtype": "mod", "itemmodule": "quiz"},
            "sum": {"itemtype": "manual", "calculation": "=##gi1##*2"},
        }.items():
            one.items[kind] = site.insert("grade_items", courseid=course, **values)
        for number in (1, 2):
            group = site.insert("groups", courseid=course, name=f"G{number}", timemodified=1)
            one.groups.append(group)
            one.conversations.append(
                site.insert(
                    "message_conversations", type=2, component="core_group", itemtype="groups", itemid=group, contextid=context["id"], enabled=1, timecreated=1,
                )
            )  # fmt: skip
            one.forums.append(site.insert("forum", course=course, name=f"F{number}", intro=""))
        found.append(one)
    return found


def leave_traces(
    nights: Nights, classes: Collection[Class], people: Collection[int], *, grades: bool
) -> None:
    """What these people have left behind in each of these courses, beside what Greffe wrote."""
    with nights.site.rows() as rows:
        for one in classes:
            _roles(rows, one, people)
            _groups(rows, one, people)
            _grades(rows, one, people, given=grades)
            _forums(rows, one, people)
            rows.insert(
                "user_lastaccess",
                [{"userid": u, "courseid": one.course, "timeaccess": 1_700_000_000 + u} for u in people],
            )


def _roles(rows: Rows, one: Class, people: Collection[int]) -> None:
    places = [
        (3, one.context, "", 0),
        (5, one.context, "enrol_cohort", 77),
        (4, one.module, "", 0),
        (4, one.block, "tool_cohortroles", 0),
    ]
    rows.insert(
        "role_assignments",
        [
            {"roleid": r, "contextid": x, "userid": u, "component": c, "itemid": i, "timemodified": 5, "modifierid": 2, "sortorder": u % 3}
            for u in people
            for r, x, c, i in places
        ],
    )  # fmt: skip


def _groups(rows: Rows, one: Class, people: Collection[int]) -> None:
    rows.insert(
        "groups_members",
        [
            {"groupid": g, "userid": u, "timeadded": 7, "component": c, "itemid": 0}
            for u in people
            for g, c in zip(one.groups, ("", "enrol_cohort"), strict=True)
        ],
    )
    rows.insert(
        "message_conversation_members",
        [{"conversationid": c, "userid": u, "timecreated": 9} for u in people for c in one.conversations],
    )


def _grades(rows: Rows, one: Class, people: Collection[int], *, given: bool) -> None:
    # Moodle makes empty rows by itself, and totals for everybody
    rows.insert(
        "grade_grades",
        [
            {
                "itemid": one.items[kind],
                "userid": u,
                "rawgrade": Decimal("12.50000") if given and kind == "quiz" else None,
                "finalgrade": Decimal("0.00000") if kind != "quiz" else Decimal("12.5") if given else None,
                "feedback": 'Très bien, « l\'été » 🙂\n"a\\b"' if given and kind == "quiz" else None,
                "feedbackformat": 1,
                "usermodified": 2,
                "timecreated": 100,
                "timemodified": 200,
                "aggregationstatus": "used",
                "aggregationweight": Decimal("0.33333"),
            }
            for u in people
            for kind in one.items
        ],
    )


def _forums(rows: Rows, one: Class, people: Collection[int]) -> None:
    pairs = [(u, f) for u in people for f in one.forums]
    rows.insert("forum_subscriptions", [{"userid": u, "forum": f} for u, f in pairs])
    rows.insert("forum_digests", [{"userid": u, "forum": f, "maildigest": 1} for u, f in pairs])
    rows.insert("forum_track_prefs", [{"userid": u, "forumid": f} for u, f in pairs])
    rows.insert(
        "forum_read",
        [
            {"userid": u, "forumid": f, "discussionid": f, "postid": p, "firstread": 1, "lastread": 2}
            for u, f in pairs
            for p in (1, 2)
        ],
    )


def whole_site(nights: Nights) -> State:
    """Every row of every table of Moodle's."""
    return {
        t.name: {r["id"]: r for r in nights.site.fetch("SELECT * FROM {" + t.name + "} ORDER BY id")}
        for t in TABLES
    }


def exact(nights: Nights) -> State:
    """All rows of all tables but what tells only of the time of a write."""
    state = whole_site(nights)
    del state["cache_flags"], state["grade_grades_history"]
    for group in state["groups"].values():
        del group["timemodified"]
    return state


def lost(before: State, classes: Collection[Class], people: Collection[int]) -> dict[str, set[int]]:
    """Table → ids of everything that these people leave behind in these courses: what Moodle's last unenrolment deletes."""
    gone: dict[str, set[int]] = {}
    who = set(people)

    def take(table: str, column: str, values: Iterable[int]) -> None:
        among = set(values)
        gone.setdefault(table, set()).update(
            i for i, r in before[table].items() if r["userid"] in who and r[column] in among
        )

    enrols = {i for i, e in before["enrol"].items() if e["courseid"] in {c.course for c in classes}}
    take("user_enrolments", "enrolid", enrols)
    take("role_assignments", "contextid", (x for c in classes for x in (c.context, c.module, c.block)))
    here = {c.course for c in classes}
    take("groups_members", "groupid", (i for i, g in before["groups"].items() if g["courseid"] in here))
    take("message_conversation_members", "conversationid", (m for c in classes for m in c.conversations))
    take("grade_grades", "itemid", (i for c in classes for i in c.items.values()))
    take("user_lastaccess", "courseid", (c.course for c in classes))
    for table, column in {
        "forum_subscriptions": "forum",
        "forum_digests": "forum",
        "forum_track_prefs": "forumid",
        "forum_read": "forumid",
    }.items():
        take(table, column, (f for c in classes for f in c.forums))
    return gone
