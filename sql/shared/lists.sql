-- The lists that people ask for most. Ids in their order first, which are held; then what is to be said of them, page by page.

-- name: site_name
-- The front page is the course that stands in no category.
SELECT fullname FROM {course} WHERE category = 0 ORDER BY id;

-- name: people_named
SELECT id, lastname, firstname, idnumber, email FROM {user} WHERE id {in:people};

-- name: courses_named
SELECT id, fullname, shortname, idnumber, category, visible FROM {course} WHERE id {in:courses};

-- name: roles_of_archetype
-- A site may have several kinds of students.
SELECT shortname FROM {role} WHERE archetype = %(archetype)s ORDER BY sortorder;

-- name: courses_of_person
-- Where somebody is enrolled, whatever his enrolment is worth, in the site's own order of its courses.
SELECT k.id
  FROM {course} k
  JOIN (SELECT DISTINCT e.courseid
          FROM {user_enrolments} ue JOIN {enrol} e ON e.id = ue.enrolid WHERE ue.userid = %(person)s) p ON p.courseid = k.id
 WHERE k.category <> 0
 ORDER BY k.sortorder, k.id;

-- name: cohort_people_in_order
SELECT u.id
  FROM {cohort_members} m JOIN {user} u ON u.id = m.userid AND u.deleted = 0
 WHERE m.cohortid = %(cohort)s
 ORDER BY {spelled:u.lastname}, {spelled:u.firstname}, u.id;

-- name: cohort_people_since
SELECT userid, timeadded FROM {cohort_members} WHERE cohortid = %(cohort)s AND userid {in:people};

-- name: courses_of_cohort
-- The cohort methods that stand on it.
SELECT e.id, e.status, k.id, k.shortname
  FROM {enrol} e JOIN {course} k ON k.id = e.courseid
 WHERE e.enrol = 'cohort' AND e.customint1 = %(cohort)s
 ORDER BY k.sortorder, k.id, e.id;

-- name: people_of_methods
-- Whom of these people each of these methods lets in.
SELECT userid, enrolid FROM {user_enrolments} WHERE enrolid {in:enrols} AND userid {in:people} AND status = 0;

-- name: courses_without_method
-- Courses that no method leads into, in the site's own order: none is there, switched on, of a plugin that is on.
SELECT k.id
  FROM {course} k
 WHERE k.category <> 0
   AND NOT EXISTS (SELECT 1 FROM {enrol} e WHERE e.courseid = k.id AND e.status = 0 AND e.enrol {in:plugins})
 ORDER BY k.sortorder, k.id;

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
 ORDER BY {spelled:u.lastname}, {spelled:u.firstname}, u.id;

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
 ORDER BY {spelled:u.lastname}, {spelled:u.firstname}, u.id;

-- name: course_not_in_cohort
-- People of the course who are no members; without others only those whom no other cohort brings, since a course that several
-- cohorts share would list the people of all of them.
SELECT u.id
  FROM (SELECT ue.userid, MAX(CASE WHEN e.enrol = 'cohort' AND e.customint1 <> %(cohort)s THEN 1 ELSE 0 END) AS brought
          FROM {enrol} e JOIN {user_enrolments} ue ON ue.enrolid = e.id WHERE e.courseid = %(course)s GROUP BY ue.userid) p
  JOIN {user} u ON u.id = p.userid AND u.deleted = 0
 WHERE (%(others)s = 1 OR p.brought = 0)
   AND NOT EXISTS (SELECT 1 FROM {cohort_members} m WHERE m.cohortid = %(cohort)s AND m.userid = p.userid)
 ORDER BY {spelled:u.lastname}, {spelled:u.firstname}, u.id;

-- name: brought_by_other_cohorts
-- How many people of the course are no members of the cohort, but come by the method of another one.
SELECT COUNT(DISTINCT u.id)
  FROM {enrol} e
  JOIN {user_enrolments} ue ON ue.enrolid = e.id
  JOIN {user} u ON u.id = ue.userid AND u.deleted = 0
 WHERE e.courseid = %(course)s AND e.enrol = 'cohort' AND e.customint1 <> %(cohort)s
   AND NOT EXISTS (SELECT 1 FROM {cohort_members} m WHERE m.cohortid = %(cohort)s AND m.userid = ue.userid);
