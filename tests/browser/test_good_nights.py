"""After good nights, in a real browser: the pages of health, of runs, of those who wait and of courses."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

import pytest

from greffe import __version__
from greffe.apply.schema import SCHEMA
from tests.browser.conftest import Visit
from tests.browser.monitoring import checks_end, same_as_the_engine
from tests.browser.screen import PHONE
from tests.browser.university import EVIL, HEALTH, UNKNOWN, University

pytestmark = [pytest.mark.moodle, pytest.mark.browser]


def test_after_a_good_night(campus: University, visit: Visit) -> None:
    screen = visit(campus.at("good"), "admin")
    # by the way that people take: the administration's reports
    screen.page.goto(f"{campus.root}/admin/category.php?category=reports&lang=en")
    text = screen.follow(screen.page.locator(f"a[href$='{HEALTH}']").first)
    assert "All is well" in text
    assert "held" not in text
    runs = screen.page.locator(".local_greffe-table tbody tr")
    assert runs.count() == campus.last_run()
    assert "night" in runs.first.inner_text()
    assert "enrolments added: 347" in runs.last.inner_text()
    assert f"ip: {UNKNOWN}" in text
    assert "Moodle has been told of every change." in text
    screen.page.locator(".local_greffe-charts canvas").nth(2).wait_for()
    screen.picture("health-good")
    screen.page.click("summary")
    assert f"Tables {SCHEMA}, plugin {__version__}: in step." in screen.main
    assert screen.tab_to(f".local_greffe a[href$='run.php?id={campus.last_run()}']")
    screen.page.keyboard.press("Enter")
    screen.page.wait_for_url(f"**/run.php?id={campus.last_run()}")


def test_a_run_and_its_changes(campus: University, visit: Visit) -> None:
    screen = visit(campus.at("good"), "admin")
    first = campus.last_run() - 3
    text = screen.go(f"/local/greffe/run.php?id={first}&course=HIS200")
    assert "It ended as it should." in text
    assert "put into cohorts: 120" in text
    page, seen, pages = screen.page, 50, 1
    lines, further = page.locator("tbody tr"), page.get_by_role("link", name="Next page")
    assert lines.count() == seen
    while further.count():
        screen.follow(further)
        seen, pages = seen + lines.count(), pages + 1
        assert page.get_by_role("link", name="First page").count() == 1
    (made,) = campus.database.query(
        "SELECT COUNT(*) FROM mdl_local_greffe_change WHERE runid = %s AND courseid = %s",
        first, campus.course("HIS200"),
    )[0]  # fmt: skip
    assert (seen, pages) == (made, -(-made // 50))

    page.get_by_label("Person: ID number").fill("22000001")
    page.get_by_label("Course: short name").fill("Droit civil 1")
    show = page.get_by_role("button", name="Show", exact=True)
    screen.follow(show)
    assert lines.count() == 3
    assert re.search(
        r"Droit civil 1\s+Louise Bernard\s+enrolled\s+registered\s+ip, line 2", lines.first.inner_text()
    )
    screen.picture("run")
    page.get_by_label("Person: ID number").fill("nobody")
    screen.follow(show)
    assert "Nobody, or more than one person, is meant by “nobody”." in screen.main

    phone = visit(campus, "admin", PHONE)
    phone.go(f"/local/greffe/run.php?id={first}&person=22000001")
    phone.picture("run-phone")


def test_who_waits(campus: University, visit: Visit) -> None:
    screen = visit(campus.at("good"), "admin")
    text = screen.go("/local/greffe/waiting.php?feed=ip")
    assert "22000241" in text
    assert "ia, line" not in text
    assert "L1DRT-2026" in screen.go("/local/greffe/waiting.php")


def test_a_name_is_only_a_name(campus: University, visit: Visit) -> None:
    """A course whose name is a script: shown as text wherever it stands."""
    campus.at("good")
    evil, first = campus.course("XSS"), campus.last_run() - 3
    admin = visit(campus, "admin")
    for page in (f"run.php?id={first}&course={evil}", f"run.php?id={first}&course=%3Cscript%3Ealert(1)%3C/script%3E",
                 f"course.php?id={evil}", "waiting.php", "index.php"):  # fmt: skip
        admin.go(f"/local/greffe/{page}")
        assert not admin.page.locator("script", has_text="alert(1)").count(), page
    assert "alert(1)" in admin.go("/local/greffe/waiting.php")
    page = f"/local/greffe/course.php?id={evil}&search=%22%3E%3Cscript%3Ealert(1)%3C/script%3E"
    assert "Enrolments: 0" in admin.go(page)
    assert admin.page.get_by_label("Search for a person").input_value() == f'">{EVIL}'


def test_why_participants_are_in_a_course(campus: University, visit: Visit) -> None:
    """Down to the line, through the cohort, and only people whom the teacher may see."""
    campus.at("good")
    course, tutorial = campus.course("DRT101"), campus.course("TUT-L1")
    teacher = visit(campus, "prof")
    teacher.open(f"/course/view.php?id={course}")
    if not teacher.page.locator(f"a[href*='/local/greffe/course.php?id={course}']:visible").count():
        teacher.page.click(".secondary-navigation .dropdown-toggle:visible")
    link = teacher.page.locator(f"a[href*='/local/greffe/course.php?id={course}']:visible").first
    assert "Enrolments: 121" in teacher.follow(link)
    lines = teacher.page.locator("tbody tr")
    assert lines.count() == 50
    teacher.page.get_by_label("Search for a person").fill("Louise Bernard")
    teacher.follow(teacher.page.get_by_role("button", name="Show", exact=True))
    line = lines.first.inner_text()
    assert re.search(r"External database\s+enrolled: registered \(ip, line 2\)", line)
    assert not lines.first.locator("a[href*='run.php']").count()

    tutor = visit(campus, "tuteur")
    tutor.go(f"/local/greffe/course.php?id={tutorial}&search=Louise+Bernard")
    line = tutor.page.locator("tbody tr").first.inner_text()
    assert re.search(r"enrolled: in the cohort or the parent course", line)
    assert re.search(r"through the cohort Licence 1 Droit L1DRT-2026: registered \(ia, line 2\)", line)
    tutor.picture("course")
    tutor.refused(f"/local/greffe/course.php?id={course}")
    visit(campus, "e001").refused(f"/local/greffe/course.php?id={course}")

    # who may not see suspended people does not see those whose time is over, or to come, either
    allow = "assign_capability('moodle/course:viewsuspendedusers', {}, $DB->get_field('role', 'id', {}), SYSCONTEXTID, true);"
    teachers = "['shortname' => 'editingteacher']"
    campus.php(allow.format("CAP_PREVENT", teachers))
    active = 119  # two were suspended on the nights before
    assert f"Enrolments: {active}" in teacher.go(f"/local/greffe/course.php?id={course}")
    where = "WHERE enrolid IN (SELECT id FROM mdl_enrol WHERE courseid = %s) AND userid = (SELECT id FROM mdl_user WHERE username = %s)"
    campus.database.run(f"UPDATE mdl_user_enrolments SET timeend = 1000 {where}", course, "e001")
    campus.database.run(f"UPDATE mdl_user_enrolments SET timestart = 4000000000 {where}", course, "e005")
    assert f"Enrolments: {active - 2}" in teacher.go(f"/local/greffe/course.php?id={course}")
    campus.database.run(f"UPDATE mdl_user_enrolments SET timeend = 0 {where}", course, "e001")
    campus.database.run(f"UPDATE mdl_user_enrolments SET timestart = 0 {where}", course, "e005")
    campus.php(allow.format("CAP_ALLOW", teachers))

    # separate groups: nobody of a group that is not his
    campus.php(f"""
        $DB->set_field('course', 'groupmode', SEPARATEGROUPS, ['id' => {course}]);
        $role = $DB->get_field('role', 'id', ['shortname' => 'editingteacher']);
        unassign_capability('moodle/site:accessallgroups', $role);
        rebuild_course_cache({course});""")
    assert "Enrolments: 0" in teacher.go(f"/local/greffe/course.php?id={course}")
    (group,) = campus.database.query("SELECT MIN(id) FROM mdl_groups WHERE courseid = %s", course)[0]
    (prof,) = campus.database.query("SELECT id FROM mdl_user WHERE username = 'prof'")[0]
    campus.php(f"require_once($CFG->dirroot . '/group/lib.php'); groups_add_member({group}, {prof});")
    members = campus.database.query("SELECT userid FROM mdl_groups_members WHERE groupid = %s", group)
    assert f"Enrolments: {len(members)}" in teacher.go(f"/local/greffe/course.php?id={course}")


DAYS = """
core_date::set_default_server_timezone();
$USER->timezone = 'Europe/Paris';
$days = new ReflectionProperty(\\local_greffe\\output\\charts::class, 'days');
$days->setAccessible(true);
foreach (['2026-04-05 00:30', '2026-10-30 23:30'] as $now) {
    $moment = (new DateTime($now, new DateTimeZone('Europe/Paris')))->getTimestamp();
    echo json_encode(array_keys($days->getValue(new \\local_greffe\\output\\charts($moment)))), "\\n";
}
"""
"""The days of the pictures, soon after the clocks were changed."""


def test_no_day_is_left_out_where_the_clocks_change(campus: University) -> None:
    campus.at("good")
    for line, last in zip(campus.php(DAYS).splitlines(), ("2026-04-05", "2026-10-30"), strict=True):
        days = json.loads(line)
        begin = date.fromisoformat(last) - timedelta(days=13)
        assert days[-14:] == [str(begin + timedelta(days=n)) for n in range(14)]


def test_monitoring_after_a_good_night(campus: University) -> None:
    same_as_the_engine(campus.at("good"), "ok")
    checks_end(campus, 0)


def test_a_night_dated_in_the_future(campus: University) -> None:
    """A clock that was wrong is no good night."""
    run = campus.at("good").last_run()
    write = "UPDATE mdl_local_greffe_run SET timeended = timeended + %s WHERE id = %s"
    campus.database.run(write, 7200, run)
    try:
        same_as_the_engine(campus, "warning")
        assert "is dated" in checks_end(campus, 1)  # it breaks lines where it likes
    finally:
        campus.database.run(write, -7200, run)
    same_as_the_engine(campus, "ok")
