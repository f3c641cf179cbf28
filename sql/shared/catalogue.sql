-- name: site_people_idnumber
-- The same row by row, for the few among whose texts there is a line end; the guest and the deleted are no people.
SELECT idnumber, id FROM {user} WHERE deleted = 0 AND idnumber <> '' AND id <> %(guest)s AND id > %(above)s AND id <= %(upto)s;

-- name: site_people_username
SELECT username, id FROM {user} WHERE deleted = 0 AND username <> '' AND id <> %(guest)s AND id > %(above)s AND id <= %(upto)s AND mnethostid = %(host)s;

-- name: site_people_email
SELECT email, id FROM {user} WHERE deleted = 0 AND email <> '' AND id <> %(guest)s AND id > %(above)s AND id <= %(upto)s;

-- name: highest_account
SELECT MAX(id) FROM {user};

-- name: site_people_id
SELECT id, id FROM {user} WHERE deleted = 0 AND id <> %(guest)s;

-- name: person_with_id
SELECT id FROM {user} WHERE id = %(user)s AND deleted = 0 AND id <> %(guest)s;

-- name: people_alike_idnumber
-- Who has one of these values as the database compares text (on MariaDB blind to case, accents and trailing spaces).
SELECT idnumber, id FROM {user} WHERE deleted = 0 AND idnumber {in:keys} AND id <> %(guest)s;

-- name: people_alike_username
SELECT username, id FROM {user} WHERE deleted = 0 AND username {in:keys} AND id <> %(guest)s AND mnethostid = %(host)s;

-- name: people_alike_email
SELECT email, id FROM {user} WHERE deleted = 0 AND email {in:keys} AND id <> %(guest)s;

-- name: shared_values_idnumber
-- Values that several rows have, as the database compares text, deleted ones included: the index alone answers.
SELECT idnumber FROM {user} WHERE idnumber <> '' GROUP BY idnumber HAVING COUNT(*) > 1;

-- name: ambiguous_people_idnumber
-- Of these values: ids of people whose value another person has as well.
SELECT u.id FROM {user} u JOIN (SELECT idnumber FROM {user} WHERE deleted = 0 AND idnumber {in:keys} AND id <> %(guest)s
                                 GROUP BY idnumber HAVING COUNT(*) > 1) d ON d.idnumber = u.idnumber
 WHERE u.deleted = 0 AND u.idnumber {in:keys} AND u.id <> %(guest)s;

-- name: shared_values_email
SELECT email FROM {user} WHERE email <> '' GROUP BY email HAVING COUNT(*) > 1;

-- name: ambiguous_people_email
SELECT u.id FROM {user} u JOIN (SELECT email FROM {user} WHERE deleted = 0 AND email {in:keys} AND id <> %(guest)s
                                 GROUP BY email HAVING COUNT(*) > 1) d ON d.email = u.email
 WHERE u.deleted = 0 AND u.email {in:keys} AND u.id <> %(guest)s;

-- name: site_courses
-- Every course but the front page (category 0), with its context and its keys.
SELECT c.id, x.id, c.visible, c.shortname, c.idnumber
  FROM {course} c JOIN {context} x ON x.contextlevel = 50 AND x.instanceid = c.id
 WHERE c.category <> 0;

-- name: site_methods
-- Instances of one method, lowest id first: the lowest is the one that counts, as in Moodle 5.1's own merge.
SELECT id, courseid, status FROM {enrol} WHERE enrol = %(method)s ORDER BY id;

-- name: site_roles
SELECT shortname, id FROM {role} ORDER BY id;

-- name: names_of_roles
SELECT shortname, name FROM {role} ORDER BY id;

-- name: roles_of_courses
-- Roles that can be given in a course (get_roles_for_contextlevels).
SELECT r.shortname, r.id FROM {role} r JOIN {role_context_levels} l ON l.roleid = r.id AND l.contextlevel = 50 ORDER BY r.id;

-- name: system_context
SELECT id FROM {context} WHERE contextlevel = 10 ORDER BY id;

-- name: site_categories
SELECT c.id, c.idnumber, x.id FROM {course_categories} c JOIN {context} x ON x.contextlevel = 40 AND x.instanceid = c.id;

-- name: site_groups
SELECT courseid, name, id FROM {groups} WHERE courseid {in:courses} ORDER BY id;

-- name: site_groupings
SELECT courseid, name, id FROM {groupings} WHERE courseid {in:courses} ORDER BY id;

-- name: groups_of_groupings
SELECT groupingid, groupid FROM {groupings_groups} WHERE groupingid {in:groupings} ORDER BY id;

-- name: site_config
SELECT name, value FROM {config}
 WHERE name {in:names};

-- name: plugin_config
SELECT name, value FROM {config_plugins} WHERE plugin = %(plugin)s;

-- name: highest_person
-- Where the ranges of ids end for an instance that is too large for one string.
SELECT GREATEST(COALESCE((SELECT MAX(userid) FROM {user_enrolments} WHERE enrolid = %(enrol)s), 0),
                COALESCE((SELECT MAX(userid) FROM {role_assignments} WHERE component = %(component)s AND itemid = %(enrol)s), 0));

-- name: scope_timed
-- For the instances that hold active enrolments with times.
SELECT enrolid, timestart, timeend, userid FROM {user_enrolments}
 WHERE enrolid {in:enrols} AND userid > %(above)s AND userid <= %(upto)s
   AND status = 0 AND (timestart <> 0 OR timeend <> 0)
 ORDER BY enrolid, userid;

-- name: scope_roles_singly
-- For the few instances that hold roles no rule knows.
SELECT itemid, roleid, contextid, userid FROM {role_assignments}
 WHERE component = %(component)s AND itemid {in:enrols} AND userid > %(above)s AND userid <= %(upto)s
 ORDER BY itemid, userid;
