-- name: meta_people_missing
-- People of a parent course who are not in a course that follows it.
-- why: The link is out of step: they should be in the course and are not. (Not asked where the site links only people with
-- a role: syncall.)
-- severity: warning
-- mend: Bring the method in step: greffe methods sync, or Moodle's own task (see that cron runs).
-- cost: one look by index for each enrolment of a parent course
SELECT DISTINCT e.id AS enrolid, e.courseid, e.customint1 AS parentid, pue.userid
  FROM {config} c
  {join} {enrol} e ON e.enrol = 'meta' AND e.status = 0
  {join} {enrol} p ON p.courseid = e.customint1 AND p.enrol <> 'meta' AND CONCAT(',', c.value, ',') LIKE CONCAT('%,', p.enrol, ',%')
  {join} {user_enrolments} pue ON pue.enrolid = p.id
  LEFT JOIN {user_enrolments} ue {along:user_enrolments enrolid,userid} ON ue.enrolid = e.id AND ue.userid = pue.userid
  LEFT JOIN {config_plugins} s ON s.plugin = 'enrol_meta' AND s.name = 'syncall'
  {join} {user} u ON u.id = pue.userid AND u.deleted = 0
 WHERE c.name = 'enrol_plugins_enabled' AND CONCAT(',', c.value, ',') LIKE '%,meta,%'
   AND ue.id IS NULL AND COALESCE(s.value, '1') <> '0';
