-- name: duplicate_links
-- Courses that follow the same cohort with the same role, or the same parent course, more than once.
-- why: Everybody is enrolled twice, and leaves only when both are gone. Moodle's own forms refuse this; two writers at once
-- do not.
-- severity: warning
-- mend: Delete all but the one with the lowest id.
-- cost: one look at each method
SELECT e.courseid, e.enrol, e.customint1 AS followsid, COUNT(*) AS methods, MIN(e.id) AS lowestid, MAX(e.id) AS highestid
  FROM {enrol} e
 WHERE e.enrol IN ('cohort', 'meta')
 GROUP BY e.courseid, e.enrol, e.customint1, e.roleid
HAVING COUNT(*) > 1;
