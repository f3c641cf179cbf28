-- name: cohort_methods_without_cohort
-- Cohort sync methods that follow a cohort which is not there.
-- why: The next sync takes everybody out of them whom they enrolled.
-- severity: error
-- mend: Delete the method, or bring the cohort back (greffe undo, where Greffe deleted it).
-- cost: one look at each method
SELECT e.id AS enrolid, e.courseid, e.customint1 AS cohortid
  FROM {enrol} e
  LEFT JOIN {cohort} h ON h.id = e.customint1
 WHERE e.enrol = 'cohort' AND h.id IS NULL;
