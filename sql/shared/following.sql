-- name: method_instances
-- All instances of a method that follows something: what, with which group and role, and whether it is on.
SELECT id, courseid, status, customint1, customint2, roleid FROM {enrol} WHERE enrol = %(method)s ORDER BY courseid, id;

-- name: links_of_courses
-- What the methods of some courses follow, and how: the course by course page of an export.
SELECT id, enrol, courseid, status, customint1, customint2, roleid FROM {enrol}
 WHERE courseid {in:courses} AND enrol {in:methods} ORDER BY courseid, id;

-- name: courses_of_category
-- Courses in a category and in all below it.
SELECT c.id FROM {course} c JOIN {course_categories} k ON k.id = c.category WHERE k.path = %(path)s OR k.path LIKE %(below)s;

-- name: ways_into_courses
-- Every method of these courses.
SELECT id, courseid, enrol, status FROM {enrol} WHERE courseid {in:courses} ORDER BY courseid, id;

-- name: names_of_cohorts
SELECT id, name, idnumber FROM {cohort} WHERE id {in:ids};

-- name: instances_by_hand
-- In the order in which Moodle looks through them (enrol_get_instances).
SELECT id, courseid, status, roleid, enrolperiod FROM {enrol} WHERE enrol = %(method)s AND courseid {in:courses}
 ORDER BY courseid, sortorder, id;

-- name: groups_by_id
SELECT id, courseid, name FROM {groups} WHERE id {in:groups};

-- name: methods_by_id
SELECT id, enrol, courseid, customint1 FROM {enrol} WHERE id {in:enrols};

-- name: scope_gone_timed
-- Suspended people whose enrolment still has times: enrol_meta_sync puts them to none.
SELECT enrolid, timestart, timeend, userid FROM {user_enrolments}
 WHERE enrolid {in:enrols} AND userid > %(above)s AND userid <= %(upto)s
   AND status <> 0 AND (timestart <> 0 OR timeend <> 0)
 ORDER BY enrolid, userid;
