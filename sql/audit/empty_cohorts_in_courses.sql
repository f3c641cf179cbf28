-- name: empty_cohorts_in_courses
-- Cohorts without members that open courses.
-- why: The courses wait for people who never come: last year's cohort, or one whose feed ended.
-- severity: warning
-- mend: Let the courses follow this year's cohort (greffe rollover), or delete the methods.
-- cost: one look at each cohort and method
SELECT h.id AS cohortid, h.idnumber, COUNT(*) AS courses
  FROM {enrol} e
  {join} {cohort} h ON h.id = e.customint1
  LEFT JOIN (SELECT DISTINCT cohortid FROM {cohort_members}) m ON m.cohortid = h.id
 WHERE e.enrol = 'cohort' AND e.status = 0 AND m.cohortid IS NULL
 GROUP BY h.id, h.idnumber;
