-- name: enrolments_now
-- The rows that this transaction is about to change or to add, as they are now, held until its end. The wanted rows
-- lead the join: each is one look into the unique key, whatever the statistics say.
WITH w (enrolid, userid) AS (VALUES {rows}(%(enrol)s, %(user)s){/rows})
SELECT STRAIGHT_JOIN ue.id, ue.userid, ue.status, ue.timestart, ue.timeend, ue.modifierid, ue.timecreated, ue.timemodified, ue.enrolid
  FROM w JOIN {user_enrolments} ue ON ue.enrolid = w.enrolid AND ue.userid = w.userid FOR UPDATE;

-- name: roles_now
WITH w (enrolid, userid) AS (VALUES {rows}(%(enrol)s, %(user)s){/rows})
SELECT STRAIGHT_JOIN ra.id, ra.userid, ra.roleid, ra.contextid, ra.timemodified, ra.modifierid, ra.component, ra.itemid, ra.sortorder
  FROM w JOIN {role_assignments} ra ON ra.component = %(component)s AND ra.itemid = w.enrolid AND ra.userid = w.userid
 ORDER BY ra.id FOR UPDATE;
