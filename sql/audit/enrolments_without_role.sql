-- name: enrolments_without_role
-- People enrolled by hand (manual, self) who hold no role in the course.
-- why: They see the course and may do nothing there, and reports that count students pass them over.
-- severity: info
-- mend: Give them a role on the page of participants.
-- cost: one look by index for each such enrolment
SELECT e.id AS enrolid, e.courseid, ue.userid, ue.id
  FROM {enrol} e
  {join} {context} x ON x.contextlevel = 50 AND x.instanceid = e.courseid
  {join} {user_enrolments} ue {along:user_enrolments enrolid,userid} ON ue.enrolid = e.id
  LEFT JOIN {role_assignments} ra {along:role_assignments userid,contextid,roleid} ON ra.userid = ue.userid AND ra.contextid = x.id
 WHERE e.enrol IN ('manual', 'self') AND ue.status = 0 AND ra.id IS NULL;
