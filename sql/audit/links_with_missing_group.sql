-- name: links_with_missing_group
-- Cohort sync or meta methods that put people into a group which is not in their course.
-- why: Moodle never clears this number when a group is deleted: nobody is put into a group any more, and nobody is told.
-- severity: warning
-- mend: Choose a group, or none, in the method's settings.
-- cost: one look at each method
SELECT e.id AS enrolid, e.enrol, e.courseid, e.customint2 AS groupid
  FROM {enrol} e
  LEFT JOIN {groups} g ON g.id = e.customint2 AND g.courseid = e.courseid
 WHERE e.enrol IN ('cohort', 'meta') AND e.customint2 > 0 AND g.id IS NULL;
