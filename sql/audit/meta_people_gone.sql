-- name: meta_people_gone
-- People who are active through a Course meta link and not in the parent course.
-- why: The link is out of step: they left the parent course, or are suspended there, and are still active here.
-- severity: warning
-- mend: Bring the method in step: greffe methods sync, or Moodle's own task (see that cron runs).
-- cost: one look by index for each enrolment of these methods and each method of their parent
SELECT e.id AS enrolid, e.courseid, e.customint1 AS parentid, ue.userid, ue.id
  FROM {enrol} e
  {join} {user_enrolments} there {along:user_enrolments enrolid,userid} ON there.enrolid = e.id
  LEFT JOIN (SELECT p.courseid, pue.userid
               FROM {enrol} p
               {join} {user_enrolments} pue {along:user_enrolments enrolid,userid} ON pue.enrolid = p.id
              WHERE p.enrol <> 'meta' AND p.status = 0 AND pue.status = 0 {fence}) parent
    ON parent.courseid = e.customint1 AND parent.userid = there.userid
  {join} {user_enrolments} ue ON ue.id = there.id AND ue.status = 0
 WHERE e.enrol = 'meta' AND parent.userid IS NULL;
