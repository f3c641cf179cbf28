-- name: enrolments_now
-- The rows that this transaction is about to change or to add, as they are now, held until its end.
SELECT ue.id, ue.userid, ue.status, ue.timestart, ue.timeend, ue.modifierid, ue.timecreated, ue.timemodified, ue.enrolid
  FROM unnest(%(enrol)s::bigint[], %(user)s::bigint[]) AS w(enrolid, userid)
  JOIN {user_enrolments} ue ON ue.enrolid = w.enrolid AND ue.userid = w.userid FOR UPDATE OF ue;

-- name: roles_now
SELECT ra.id, ra.userid, ra.roleid, ra.contextid, ra.timemodified, ra.modifierid, ra.component, ra.itemid, ra.sortorder
  FROM unnest(%(enrol)s::bigint[], %(user)s::bigint[]) AS w(enrolid, userid)
  JOIN {role_assignments} ra ON ra.component = %(component)s AND ra.itemid = w.enrolid AND ra.userid = w.userid
 ORDER BY ra.id FOR UPDATE OF ra;
