-- The participants of a course as its page in Moodle shows them (moodle-writes §9), with what that page lacks.

-- name: participants_in_order
-- Ids of those who are asked for, in the order that is asked for: the database sorts once, and pages of people are read by
-- their ids. One pass over the course's enrolments says all that counts of them; a person is meant where one and the same
-- enrolment is by a method and has a status that are asked for. Standing: 0 active, 1 not current, 2 suspended.
SELECT u.id
  FROM (SELECT o.userid, MIN(o.standing) AS standing, MIN(o.timestart) AS begins, MIN(o.ends) AS ends,
               MIN(o.timecreated) AS since, MIN(o.sortorder) AS method,
               MAX(CASE WHEN o.enrolid {in:enrols} AND o.standing {in:standings} THEN 1 ELSE 0 END) AS meant
          FROM (SELECT ue.userid, ue.enrolid, ue.timestart, ue.timecreated, e.sortorder,
                       CASE WHEN ue.timeend = 0 THEN 9223372036854775807 ELSE ue.timeend END AS ends,
                       CASE WHEN ue.status <> 0 THEN 2
                            WHEN e.status <> 0 OR ue.timestart > %(now)s OR (ue.timeend > 0 AND ue.timeend < %(now)s) THEN 1
                            ELSE 0 END AS standing
                  FROM {enrol} e JOIN {user_enrolments} ue ON ue.enrolid = e.id
                 WHERE e.courseid = %(course)s) o
         GROUP BY o.userid) p
  JOIN {user} u ON u.id = p.userid AND u.deleted = 0 AND u.id <> %(guest)s
  LEFT JOIN {user_lastaccess} l ON l.userid = u.id AND l.courseid = %(course)s
 WHERE p.meant = 1
   AND (%(before)s < 0 OR COALESCE(l.timeaccess, 0) < %(before)s)
   AND (%(any_role)s = 1
        OR EXISTS (SELECT 1 FROM {role_assignments} a {along:role_assignments userid,contextid}
                    WHERE a.userid = u.id AND a.contextid {in:contexts} AND a.roleid {in:roles})
        OR (%(no_role)s = 1 AND NOT EXISTS (SELECT 1 FROM {role_assignments} a {along:role_assignments userid,contextid}
                                             WHERE a.userid = u.id AND a.contextid {in:contexts})))
   AND (%(any_group)s = 1
        OR EXISTS (SELECT 1 FROM {groups_members} m WHERE m.userid = u.id AND m.groupid {in:groups})
        OR (%(no_group)s = 1 AND NOT EXISTS (SELECT 1 FROM {groups_members} m JOIN {groups} g ON g.id = m.groupid
                                              WHERE m.userid = u.id AND g.courseid = %(course)s)))
 ORDER BY CASE %(sort)s
               WHEN 'last-access' THEN COALESCE(l.timeaccess, 0)
               WHEN 'status' THEN p.standing
               WHEN 'method' THEN p.method
               WHEN 'start' THEN p.begins
               WHEN 'end' THEN p.ends
               WHEN 'enrolled' THEN p.since
               WHEN 'roles' THEN (SELECT COALESCE(MIN(r.sortorder), 2147483647)
                                    FROM {role_assignments} a {along:role_assignments userid,contextid}
                                    JOIN {role} r ON r.id = a.roleid WHERE a.userid = u.id AND a.contextid {in:contexts})
               {each}WHEN 'run' THEN (SELECT COALESCE(MAX(c.runid), 0) FROM {local_greffe_change} c
                                        JOIN {user_enrolments} ue ON ue.id = c.objectid AND ue.userid = c.userid
                                       WHERE c.userid = u.id AND c.courseid = %(course)s AND c.action = 'enrol'){/each}
               ELSE 0 END {order},
       CASE %(sort)s
            WHEN 'groups' THEN COALESCE((SELECT MIN({spelled:g.name}) FROM {groups_members} m JOIN {groups} g ON g.id = m.groupid
                                          WHERE m.userid = u.id AND g.courseid = %(course)s), '')
            ELSE '' END {order},
       CASE %(sort)s
            WHEN 'name' THEN {spelled:u.lastname}
            WHEN 'firstname' THEN {spelled:u.firstname}
            WHEN 'email' THEN {spelled:u.email}
            WHEN 'idnumber' THEN {spelled:u.idnumber}
            ELSE '' END {order},
       {spelled:u.lastname}, {spelled:u.firstname}, u.id;

-- name: participants_named
-- A page of them: what makes their names (core_user::get_fullname), and when they were last in the course.
SELECT u.id, u.firstnamephonetic, u.lastnamephonetic, u.middlename, u.alternatename, u.firstname, u.lastname,
       u.idnumber, u.email, COALESCE(l.timeaccess, 0)
  FROM {user} u LEFT JOIN {user_lastaccess} l ON l.userid = u.id AND l.courseid = %(course)s
 WHERE u.id {in:people};

-- name: participants_enrolled
-- Their enrolments in the course, the best of each first; standing as above.
SELECT o.userid, o.enrolid, o.standing, o.timestart, o.timeend, o.timecreated, o.id
  FROM (SELECT ue.id, ue.userid, ue.enrolid, ue.timestart, ue.timeend, ue.timecreated, e.sortorder,
               CASE WHEN ue.status <> 0 THEN 2
                    WHEN e.status <> 0 OR ue.timestart > %(now)s OR (ue.timeend > 0 AND ue.timeend < %(now)s) THEN 1
                    ELSE 0 END AS standing
          FROM {enrol} e JOIN {user_enrolments} ue ON ue.enrolid = e.id
         WHERE e.courseid = %(course)s AND ue.userid {in:people}) o
 ORDER BY o.userid, o.standing, o.sortorder, o.id;

-- name: participants_roles
-- What they hold in the course and in what is above it, in the order of Moodle's page (get_users_roles).
SELECT a.userid, a.roleid
  FROM {role_assignments} a {along:role_assignments userid,contextid}
  JOIN {role} r ON r.id = a.roleid
  JOIN {context} x ON x.id = a.contextid
 WHERE a.userid {in:people} AND a.contextid {in:contexts}
 ORDER BY x.contextlevel DESC, r.sortorder, a.id;

-- name: participants_groups
SELECT m.userid, m.groupid
  FROM {groups_members} m JOIN {groups} g ON g.id = m.groupid
 WHERE m.userid {in:people} AND g.courseid = %(course)s;

-- name: participants_runs
-- By which run each of their enrolments was made: an enrolment that somebody made anew since has another id.
SELECT objectid, MAX(runid) FROM {local_greffe_change}
 WHERE userid {in:people} AND courseid = %(course)s AND action = 'enrol'
 GROUP BY objectid;

-- name: course_titles
SELECT id, shortname, fullname FROM {course} WHERE id {in:courses};

-- name: methods_as_listed
-- A course's methods in its own order of them (enrol_get_instances).
SELECT id, enrol, name, roleid, customint1 FROM {enrol} WHERE courseid = %(course)s ORDER BY sortorder, id;

-- name: roles_as_called
-- All roles with the name that this course gives them.
SELECT r.id, r.shortname, r.name, n.name
  FROM {role} r LEFT JOIN {role_names} n ON n.roleid = r.id AND n.contextid = %(context)s
 ORDER BY r.sortorder;

-- name: groups_as_listed
-- A course's groups in the order of Moodle's page: by the collation of the column.
SELECT id, name FROM {groups} WHERE courseid = %(course)s ORDER BY name, id;
