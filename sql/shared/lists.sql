-- The lists that people ask for most. Ids in their order first, which are held; then what is to be said of them, page by page.

-- name: site_name
-- The front page is the course that stands in no category.
SELECT fullname FROM {course} WHERE category = 0 ORDER BY id;

-- name: people_named
SELECT id, lastname, firstname, idnumber, email FROM {user} WHERE id {in:people};

-- name: enrolments_of_person
-- Standing: 0 active, 1 not current, 2 suspended (moodle-writes §9).
SELECT k.id, k.fullname, k.shortname, k.category, x.path, e.enrol,
       CASE WHEN ue.status <> 0 THEN 2
            WHEN e.status <> 0 OR ue.timestart > %(now)s OR (ue.timeend > 0 AND ue.timeend < %(now)s) THEN 1
            ELSE 0 END,
       ue.timestart, ue.timeend, COALESCE(l.timeaccess, 0)
  FROM {user_enrolments} ue
  JOIN {enrol} e ON e.id = ue.enrolid
  JOIN {course} k ON k.id = e.courseid
  JOIN {context} x ON x.contextlevel = 50 AND x.instanceid = k.id
  LEFT JOIN {user_lastaccess} l ON l.userid = ue.userid AND l.courseid = k.id
 WHERE ue.userid = %(person)s
 ORDER BY k.sortorder, k.id, e.sortorder, ue.id;

-- name: roles_held_by_person
-- What somebody holds in courses and above them, in the order of Moodle's page (get_users_roles).
SELECT a.contextid, r.id, r.shortname, r.name
  FROM {role_assignments} a
  JOIN {role} r ON r.id = a.roleid
  JOIN {context} x ON x.id = a.contextid AND x.contextlevel <= 50
 WHERE a.userid = %(person)s
 ORDER BY x.contextlevel DESC, r.sortorder, a.id;

-- name: role_names_of_courses
-- Names that courses give to roles.
SELECT contextid, roleid, name FROM {role_names} WHERE contextid {in:contexts} AND name <> '';

-- name: groups_of_person
SELECT g.courseid, g.name
  FROM {groups_members} m JOIN {groups} g ON g.id = m.groupid
 WHERE m.userid = %(person)s
 ORDER BY g.name, g.id;

-- name: cohort_people_in_order
SELECT u.id
  FROM {cohort_members} m JOIN {user} u ON u.id = m.userid AND u.deleted = 0
 WHERE m.cohortid = %(cohort)s
 ORDER BY u.lastname, u.firstname, u.id;

-- name: cohort_people_since
SELECT userid, timeadded FROM {cohort_members} WHERE cohortid = %(cohort)s AND userid {in:people};

-- name: courses_of_cohort
-- The cohort methods that stand on it.
SELECT e.id, e.status, k.id, k.shortname
  FROM {enrol} e JOIN {course} k ON k.id = e.courseid
 WHERE e.enrol = 'cohort' AND e.customint1 = %(cohort)s
 ORDER BY k.sortorder, k.id, e.id;

-- name: people_of_methods
-- Which of these people each of these methods lets in.
SELECT userid, enrolid FROM {user_enrolments} WHERE enrolid {in:enrols} AND userid {in:people} AND status = 0;

-- name: courses_without_method
-- Courses that no method leads into, in the site's own order: none is there, switched on, of a plugin that is on.
SELECT k.id
  FROM {course} k
 WHERE k.category <> 0
   AND NOT EXISTS (SELECT 1 FROM {enrol} e WHERE e.courseid = k.id AND e.status = 0 AND e.enrol {in:plugins})
 ORDER BY k.sortorder, k.id;

-- name: courses_named
SELECT id, fullname, shortname, idnumber, category, visible FROM {course} WHERE id {in:courses};

-- name: methods_as_switched
SELECT courseid, enrol, status FROM {enrol} WHERE courseid {in:courses} ORDER BY courseid, sortorder, id;

-- name: enrolled_in_courses
SELECT e.courseid, COUNT(DISTINCT ue.userid)
  FROM {enrol} e JOIN {user_enrolments} ue ON ue.enrolid = e.id
 WHERE e.courseid {in:courses}
 GROUP BY e.courseid;

-- name: cohort_not_in_course
-- Members whom no method of the course has.
SELECT u.id
  FROM {cohort_members} m JOIN {user} u ON u.id = m.userid AND u.deleted = 0
 WHERE m.cohortid = %(cohort)s
   AND NOT EXISTS (SELECT 1 FROM {enrol} e JOIN {user_enrolments} ue ON ue.enrolid = e.id
                    WHERE e.courseid = %(course)s AND ue.userid = m.userid)
 ORDER BY u.lastname, u.firstname, u.id;

-- name: cohort_idle_in_course
-- Members whom the course has, but none of whose enrolments there is active.
SELECT u.id
  FROM (SELECT ue.userid
          FROM {enrol} e JOIN {user_enrolments} ue ON ue.enrolid = e.id
         WHERE e.courseid = %(course)s
         GROUP BY ue.userid
        HAVING SUM(CASE WHEN ue.status = 0 AND e.status = 0 AND ue.timestart <= %(now)s
                         AND (ue.timeend = 0 OR ue.timeend >= %(now)s) THEN 1 ELSE 0 END) = 0) p
  JOIN {cohort_members} m ON m.cohortid = %(cohort)s AND m.userid = p.userid
  JOIN {user} u ON u.id = p.userid AND u.deleted = 0
 ORDER BY u.lastname, u.firstname, u.id;

-- name: course_not_in_cohort
-- People of the course who are no members.
SELECT u.id
  FROM (SELECT DISTINCT ue.userid
          FROM {enrol} e JOIN {user_enrolments} ue ON ue.enrolid = e.id WHERE e.courseid = %(course)s) p
  JOIN {user} u ON u.id = p.userid AND u.deleted = 0
 WHERE NOT EXISTS (SELECT 1 FROM {cohort_members} m WHERE m.cohortid = %(cohort)s AND m.userid = p.userid)
 ORDER BY u.lastname, u.firstname, u.id;

-- name: people_by_methods
-- By which methods a course has these people.
SELECT ue.userid, e.enrol
  FROM {enrol} e JOIN {user_enrolments} ue ON ue.enrolid = e.id
 WHERE e.courseid = %(course)s AND ue.userid {in:people}
 ORDER BY ue.userid, e.sortorder, e.id;

-- name: people_by_roles
-- What these people hold in these contexts: a course and what is above it.
SELECT a.userid, r.id, r.shortname, r.name
  FROM {role_assignments} a
  JOIN {role} r ON r.id = a.roleid
  JOIN {context} x ON x.id = a.contextid
 WHERE a.userid {in:people} AND a.contextid {in:contexts}
 ORDER BY a.userid, x.contextlevel DESC, r.sortorder, a.id;

-- name: course_places
-- Courses by their ids, each with the contexts that it stands in.
SELECT k.id, k.fullname, k.shortname, x.id, x.path
  FROM {course} k JOIN {context} x ON x.contextlevel = 50 AND x.instanceid = k.id
 WHERE k.id {in:courses};
