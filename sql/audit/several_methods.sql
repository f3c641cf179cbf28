-- name: several_methods
-- People who are active in a course through several methods at once.
-- why: Often wanted; but who leaves through one of them stays through the other, which is why somebody "does not
-- disappear".
-- severity: info
-- mend: Nothing, where it is wanted. Else end the enrolment that should not be there.
-- cost: for courses with several methods in use: one look by index for each of their people
SELECT a.courseid, ua.userid, a.id AS enrolid, b.id AS otherenrolid
  FROM {enrol} a
  {join} {enrol} b ON b.courseid = a.courseid AND b.id > a.id
  {join} {user_enrolments} ua ON ua.enrolid = a.id AND ua.status = 0
  {join} {user_enrolments} ub {along:user_enrolments enrolid,userid} ON ub.enrolid = b.id AND ub.userid = ua.userid AND ub.status = 0
 WHERE a.status = 0 AND b.status = 0;
