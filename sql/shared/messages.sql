-- Messages to participants of a course: whom they would reach, who may send them, and the queue.

-- name: course_path
-- A course's context and those above it, as ids from the site's down.
SELECT path FROM {context} WHERE contextlevel = 50 AND instanceid = %(course)s;

-- name: present_people
-- Who is in a course now, and through which methods (user/classes/table/participants_search.php: active).
SELECT DISTINCT ue.userid, e.enrol
  FROM {enrol} e
  JOIN {user_enrolments} ue ON ue.enrolid = e.id
  JOIN {user} u ON u.id = ue.userid
 WHERE e.courseid = %(course)s AND e.status = 0 AND ue.status = 0 AND ue.timestart <= %(now)s
   AND (ue.timeend = 0 OR ue.timeend > %(now)s) AND u.deleted = 0 AND u.suspended = 0;

-- name: holders_of_roles
-- Also by what they hold above the course, as Moodle's page of participants counts it.
SELECT DISTINCT userid FROM {role_assignments} WHERE contextid {in:contexts} AND roleid {in:roles};

-- name: groups_of_course
SELECT id, name, COALESCE(idnumber, '') FROM {groups} WHERE courseid = %(course)s ORDER BY id;

-- name: people_of_groups
SELECT DISTINCT userid FROM {groups_members} WHERE groupid {in:groups};

-- name: account
SELECT username, firstname, lastname, suspended, confirmed FROM {user} WHERE id = %(user)s AND deleted = 0;

-- name: roles_of_person
SELECT DISTINCT roleid FROM {role_assignments} WHERE userid = %(user)s AND contextid {in:contexts};

-- name: permissions
-- What these roles say of a capability, the deepest context first.
SELECT rc.roleid, rc.permission
  FROM {role_capabilities} rc JOIN {context} x ON x.id = rc.contextid
 WHERE rc.capability = %(capability)s AND rc.contextid {in:contexts} AND rc.roleid {in:roles}
 ORDER BY x.depth DESC;

-- name: queue_alone
-- Two commands at the same moment would each find that the same has not been said yet: they queue on this row of Greffe's own, which
-- nobody changes but who changes its tables. A lock of a row holds on one node of a Galera cluster.
SELECT id FROM {local_greffe_meta} WHERE name = 'schema' FOR UPDATE;

-- name: add_message
INSERT INTO {local_greffe_message} (courseid, userid, subject, body, bodyformat, recipients, amount, state, operator, timecreated)
VALUES (%(course)s, %(sender)s, %(subject)s, %(body)s, %(format)s, %(recipients)s, %(amount)s, 'queued', %(operator)s, %(now)s)
RETURNING id;

-- name: queue_task
-- core\task\manager::queue_adhoc_task: what is not named is set when the task begins.
INSERT INTO {task_adhoc} (component, classname, nextruntime, customdata, timecreated)
VALUES ('local_greffe', %(classname)s, %(now)s - 1, %(data)s, %(now)s);

-- name: same_message
-- The same words to the same course, not long ago: likely a second press of the same key.
SELECT id FROM {local_greffe_message}
 WHERE courseid = %(course)s AND subject = %(subject)s AND body = %(body)s AND timecreated > %(since)s AND state <> 'refused'
 ORDER BY id DESC LIMIT 1;

-- name: messages
SELECT m.id, m.courseid, COALESCE(c.shortname, ''), COALESCE(u.username, ''), m.subject, m.amount, m.sent, m.failed, m.state,
       COALESCE(m.error, ''), m.operator, m.timecreated, m.timestarted, m.timeended
  FROM {local_greffe_message} m
  LEFT JOIN {course} c ON c.id = m.courseid
  LEFT JOIN {user} u ON u.id = m.userid
 ORDER BY m.id DESC LIMIT %(limit)s;
