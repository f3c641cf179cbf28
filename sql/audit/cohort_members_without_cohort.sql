-- name: cohort_members_without_cohort
-- Members of cohorts that are not there.
-- why: A cohort that gets this id again would inherit them, and with them its courses.
-- severity: error
-- mend: Delete these rows by id.
-- cost: one walk through the index on cohortid, then only what is found
SELECT m.cohortid, m.userid, m.id
  FROM (SELECT DISTINCT cohortid FROM {cohort_members}) d
  LEFT JOIN {cohort} h ON h.id = d.cohortid
  {join} {cohort_members} m ON m.cohortid = d.cohortid
 WHERE h.id IS NULL;
