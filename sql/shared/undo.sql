-- name: enrolments_by_id
SELECT id, userid, status, timestart, timeend, modifierid, timecreated, timemodified, enrolid
  FROM {user_enrolments} WHERE id {in:ids} FOR UPDATE;

-- name: enrolments_of_people
SELECT enrolid, userid FROM {user_enrolments} WHERE enrolid {in:enrols} AND userid {in:users};

-- name: roles_by_id
SELECT id, userid, roleid, contextid, timemodified, modifierid, component, itemid, sortorder
  FROM {role_assignments} WHERE id {in:ids} FOR UPDATE;

-- name: roles_of_people
SELECT roleid, contextid, userid, component, itemid FROM {role_assignments}
 WHERE component = %(component)s AND itemid {in:enrols} AND userid {in:users};

-- name: memberships_by_id
SELECT id, userid, groupid, timeadded, component, itemid FROM {groups_members} WHERE id {in:ids} FOR UPDATE;

-- name: memberships_of_people
SELECT groupid, userid FROM {groups_members} WHERE groupid {in:groups} AND userid {in:users};

-- name: living_methods
SELECT id FROM {enrol} WHERE id {in:ids};

-- name: living_people
SELECT id FROM {user} WHERE id {in:ids} AND deleted = 0;

-- name: living_contexts
SELECT id FROM {context} WHERE id {in:ids};

-- name: living_groups
SELECT id FROM {groups} WHERE id {in:ids};

-- name: restore_enrolment
-- Undo of an update: the row as it was; its clock of modification is now's.
UPDATE {user_enrolments} SET status = %(status)s, timestart = %(timestart)s, timeend = %(timeend)s,
       modifierid = %(modifier)s, timemodified = %(now)s WHERE id {in:ids};

-- name: traces_in_course
-- Who of these has left something in the course that a last unenrolment would have to clean up (unenrol_user):
-- a visit, a grade, a role or a group that is not this method's, a forum subscription.
SELECT userid FROM {user_lastaccess} WHERE courseid = %(course)s AND userid {in:users}
UNION
SELECT g.userid FROM {grade_items} i JOIN {grade_grades} g ON g.itemid = i.id WHERE i.courseid = %(course)s AND g.userid {in:users}
UNION
SELECT ra.userid FROM {role_assignments} ra JOIN {context} x ON x.id = ra.contextid
  JOIN {context} c ON c.contextlevel = 50 AND c.instanceid = %(course)s AND (x.id = c.id OR x.path LIKE CONCAT(c.path, '/%%'))
 WHERE ra.userid {in:users} AND NOT (ra.component = %(component)s AND ra.itemid = %(enrol)s)
UNION
SELECT m.userid FROM {groups} g JOIN {groups_members} m ON m.groupid = g.id
 WHERE g.courseid = %(course)s AND m.userid {in:users} AND NOT (m.component = %(component)s AND m.itemid = %(enrol)s)
UNION
SELECT s.userid FROM {forum} f JOIN {forum_subscriptions} s ON s.forum = f.id WHERE f.course = %(course)s AND s.userid {in:users};

-- name: enrolments_elsewhere
-- Who of these has another enrolment in the course: for them a removal is not the last (unenrol_user).
SELECT DISTINCT ue.userid FROM {user_enrolments} ue JOIN {enrol} e ON e.id = ue.enrolid
 WHERE e.courseid = %(course)s AND ue.enrolid <> %(enrol)s AND ue.userid {in:users};
