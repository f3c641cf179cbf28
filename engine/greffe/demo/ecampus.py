"""The sample university's Moodle: registrations lead into its courses."""

from __future__ import annotations

from dataclasses import dataclass

from greffe.config import Config
from greffe.demo.extracts import deliver
from greffe.demo.moodle_tables import add_courses, add_users, minimal_site
from greffe.demo.stage import Site, Stage, account
from greffe.demo.university import Student, University, found

_CONFIG = """\
[feed.ip]                                 # inscriptions pédagogiques
csv = {ip}
encoding = "cp1252"
years = [{year}]
keep = {{ TEM_PRC_ICE = "N" }}              # 'O': a result kept from an earlier year
person = {{ column = "COD_ETU", pad = 8 }}  # a spreadsheet took the leading zeros
requires = {{ feed = "ia", on = ["COD_ETU", "COD_ETP", "COD_VRS_VET"] }}
shrink = {shrink}

[feed.ia]                                 # inscriptions administratives: valid and paid
csv = {ia}
encoding = "cp1252"
years = [{year}]
keep = {{ ETA_IAE = "E", ETA_PMT_IAE = "P" }}
person = {{ column = "COD_ETU", pad = 8 }}

[feed.teachers]                           # from the timetable
csv = {ade}
person = {{ column = "UID", match = "username" }}

[[course]]
feed = "ip"
course = "{{{{ COD_ELP }}}}"
role = "student"
leavers = "suspend"

[[course]]
feed = "teachers"
course = "{{{{ COD_ELP }}}}"
role = "{{{{ 'editingteacher' if ROLE == 'RESP' else 'teacher' }}}}"
"""


@dataclass(slots=True)
class Ecampus:
    """The site, its courses and its accounts."""

    site: Site
    year: str

    @classmethod
    def begin(cls, machine: Stage, year: str) -> tuple[Ecampus, University, Config]:
        """A new one on the eve of its first night."""
        place, today = cls(machine.site("ecampus"), year), found(year)
        place.build(today)
        place.deliver(today)
        return place, today, place.configure()

    def configure(self, *, shrink: str = "30%") -> Config:
        """Its configuration; ``shrink``: how much the registrations may shrink from one night to the next."""
        files = {name: self.site.extracts / f"{name}.csv" for name in ("ip", "ia", "ade")}
        return self.site.configure(_CONFIG, files | {"year": self.year, "shrink": shrink})

    def deliver(self, university: University) -> None:
        """Tonight's extracts."""
        deliver(university, self.site.extracts)

    def build(self, university: University) -> None:
        """An account for (nearly) everybody and a course for (nearly) every element."""
        with self.site.rows() as rows:
            minimal_site(rows)
            add_courses(rows, [{"shortname": e.name, "idnumber": e.code} for e in university.courses])
            teachers = {u: n for u, n in university.teachers.items() if u not in university.no_account}
            add_users(rows, [account(uid, "", *name) for uid, name in teachers.items()])
            accounts = [s for s in university.students if s.number not in university.no_account]
            add_users(rows, [account(f"e{s.number}", s.number, s.family, s.given) for s in accounts])
            twice = [s for s in accounts if s.number in university.two_accounts]
            add_users(rows, [account(f"old{s.number}", s.number, s.family, s.given) for s in twice])
        self.site.settle()

    def open_accounts(self, before: University, now: University) -> int:
        """Accounts that appear in Moodle between two nights."""
        known = {s.number for s in before.students} - before.no_account
        new: list[Student] = [s for s in now.students if s.number not in known | now.no_account]
        with self.site.rows() as rows:
            add_users(rows, [account(f"e{s.number}", s.number, s.family, s.given) for s in new])
        return len(new)
