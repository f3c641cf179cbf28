-- name: cohort_members_without_person
-- Cohort members whose account is deleted or not there.
-- why: Moodle takes an account out of all cohorts when it deletes it: something else deleted these. Counts include them.
-- severity: error
-- mend: Delete these rows by id.
-- cost: one walk through the index on userid, then only what is found
SELECT m.cohortid, m.userid, m.id
  FROM (SELECT DISTINCT userid FROM {cohort_members}) d
  LEFT JOIN {user} u ON u.id = d.userid AND u.deleted = 0
  {join} {cohort_members} m ON m.userid = d.userid
 WHERE u.id IS NULL;
