-- name: suspended_with_roles
-- Suspended people who keep roles although the method takes them away from leavers.
-- why: The site says "suspend and remove roles" (unenrolaction 3): with a second way into the course these people still
-- have the old rights.
-- severity: warning
-- mend: Let the method sync (greffe methods sync, greffe nightly, or Moodle's own task), or take the roles away.
-- cost: one walk through the enrolments of these methods, one look by index for each suspended one
SELECT e.id AS enrolid, e.courseid, ue.userid, ra.roleid, ra.id
  FROM {config_plugins} p
  {join} {enrol} e ON CONCAT('enrol_', e.enrol) = p.plugin
  {join} {user_enrolments} ue ON ue.enrolid = e.id AND ue.status <> 0
  {join} {role_assignments} ra {along:role_assignments component,itemid,userid} ON ra.component = p.plugin AND ra.itemid = e.id AND ra.userid = ue.userid
 WHERE p.plugin IN ('enrol_database', 'enrol_cohort', 'enrol_meta') AND p.name = 'unenrolaction' AND p.value = '3';
