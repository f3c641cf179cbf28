-- name: group_members_without_enrolment
-- Members of a group who are not enrolled in its course.
-- why: Moodle takes people out of all groups with their last enrolment: these see nothing, but count in group work and
-- conversations.
-- severity: warning
-- mend: Take them out of the group on the page of the group's members.
-- cost: some looks by index for each membership
SELECT g.courseid, m.groupid, m.userid, m.id
  FROM {groups} g
  {join} {groups_members} m ON m.groupid = g.id
  LEFT JOIN (SELECT e.courseid, ue.userid
               FROM {enrol} e
               {join} {user_enrolments} ue {along:user_enrolments enrolid,userid} ON ue.enrolid = e.id {fence}) enrolled
    ON enrolled.courseid = g.courseid AND enrolled.userid = m.userid
 WHERE enrolled.userid IS NULL;
