-- name: instances_in_courses
-- Instances of a method that follows something, in courses whose rows are held: one may have been born since the plan.
SELECT id, courseid, customint1 FROM {enrol} WHERE enrol = %(method)s AND courseid {in:courses};

-- name: still_enrolled_by
-- Of these instances: those that still enrol somebody, and so cannot be deleted.
SELECT DISTINCT enrolid FROM {user_enrolments} WHERE enrolid {in:enrols};

-- name: roles_of_instances
-- Roles that instances gave, to whomever: delete_instance takes what is left of them.
SELECT id FROM {role_assignments} WHERE component = %(component)s AND itemid {in:enrols};

-- name: memberships_of_instances
-- Groups that instances put people into: delete_instance takes what is left of them.
SELECT m.id FROM {groups_members} m JOIN {groups} g ON g.id = m.groupid
 WHERE g.courseid {in:courses} AND m.component = %(component)s AND m.itemid {in:enrols};

-- name: paths_of_contexts
SELECT id, path FROM {context} WHERE id {in:ids};
