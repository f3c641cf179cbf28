"""The health campus's Moodle: registrations make cohorts, and its courses follow these by methods that rules make."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from greffe.config import Config
from greffe.demo.campus import Campus, children, courses, found
from greffe.demo.extracts import deliver_campus
from greffe.demo.moodle_tables import add_courses, add_users, minimal_site
from greffe.demo.stage import Site, Stage, account

_CONFIG = """\
[feed.ia]                                 # inscriptions administratives: valid and paid
csv = {ia}
encoding = "cp1252"
years = [{year}]
keep = {{ ETA_IAE = "E", ETA_PMT_IAE = "P" }}
person = {{ column = "COD_ETU", pad = 8 }}

[feed.liens]                              # which courses several promotions share: COURS;ETAPE
csv = {liens}

[[cohort]]                                # one cohort for each year of a diploma
feed = "ia"
idnumber = "{{{{ COD_ETP }}}}-{{{{ COD_ANU }}}}"
name = "{{{{ LIB_WEB_VET }}}} {{{{ COD_ANU }}}}"
category = "SANTE"
gone = "keep"                             # last year's cohorts keep their members

[[link]]                                  # MED2-01, MED2-02, …: the promotion's own courses
method = "cohort"
courses = '(?P<etape>(MED|PHA|MAI)[23])-\\d\\d'
cohort = "{{{{ etape }}}}-{when}"

[[link]]                                  # those that promotions share, with a group for each
method = "cohort"
feed = "liens"
course = "{{{{ COURS }}}}"
cohort = "{{{{ ETAPE }}}}-{when}"
new_group = "{{{{ ETAPE }}}}"

[[link]]                                  # tutoring, examinations: who is in the parent
method = "meta"
table = [
{table}]
"""


def rules(year: str, extracts: Path) -> tuple[str, dict[str, object]]:
    """The campus's feeds and rules for one academic year: a text to be formatted, and the values that it takes."""
    table = "".join(f'  {{{{ course = "{c}", parent = "{p}" }}}},\n' for c, p in children())
    files = {name: extracts / f"{name}.csv" for name in ("ia", "liens")}
    return _CONFIG.replace("{table}", table).replace("{when}", year), {**files, "year": year}


@dataclass(slots=True)
class Sante:
    """The site, its courses and its accounts."""

    site: Site

    @classmethod
    def begin(cls, machine: Stage, year: str) -> tuple[Sante, Campus, Config]:
        """A new one on the eve of its first night."""
        place, today = cls(machine.site("sante")), found(year)
        place.build(today)
        place.deliver(today)
        return place, today, place.configure(year)

    def configure(self, year: str) -> Config:
        """Its configuration for one academic year."""
        return self.site.configure(*rules(year, self.site.extracts))

    def deliver(self, campus: Campus) -> None:
        """Tonight's extracts."""
        deliver_campus(campus, self.site.extracts)

    def build(self, campus: Campus) -> None:
        """An account for (nearly) everybody, every course empty, no cohort yet."""
        with self.site.rows() as rows:
            minimal_site(rows, plugins=("manual", "guest", "self", "cohort", "meta"))
            rows.query("UPDATE mdl_course_categories SET name = 'Collégium Santé', idnumber = 'SANTE'")
            add_courses(rows, [{"shortname": e.name, "idnumber": e.code} for e in courses()])
        self.open_accounts(Campus(campus.year), campus)
        self.site.settle()

    def open_accounts(self, before: Campus, now: Campus) -> int:
        """Accounts that appear in Moodle between two nights."""
        known = before.people.keys() - before.no_account
        new = [n for n in now.people if n not in known and n not in now.no_account]
        with self.site.rows() as rows:
            add_users(rows, [account(f"e{n}", n, *now.people[n]) for n in new])
        return len(new)
