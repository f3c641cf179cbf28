-- name: enrolments_without_person
-- Enrolments of accounts that are deleted or not there.
-- why: Moodle ends all enrolments when it deletes an account: these were left by something else, and counts of courses
-- include them.
-- severity: error
-- mend: If the account was deleted on purpose: delete these rows by id. Else restore the account first.
-- cost: one walk through the index on userid, then only what is found
SELECT ue.enrolid, ue.userid, ue.id
  FROM (SELECT DISTINCT userid FROM {user_enrolments}) d
  LEFT JOIN {user} u ON u.id = d.userid AND u.deleted = 0
  {join} {user_enrolments} ue ON ue.userid = d.userid
 WHERE u.id IS NULL;
