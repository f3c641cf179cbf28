-- name: enrolments_without_method
-- Enrolments of a method that is not there.
-- why: Nobody can end them from a page, they count in nothing, and a method that is given this id again would inherit them.
-- severity: error
-- mend: Restore the method (enrol) from a backup if the people should stay; else delete these rows by id.
-- cost: one walk through the index on enrolid, then only what is found
SELECT ue.enrolid, ue.userid, ue.id
  FROM (SELECT DISTINCT enrolid FROM {user_enrolments}) d
  LEFT JOIN {enrol} e ON e.id = d.enrolid
  {join} {user_enrolments} ue ON ue.enrolid = d.enrolid
 WHERE e.id IS NULL;
