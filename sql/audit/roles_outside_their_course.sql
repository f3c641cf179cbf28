-- name: roles_outside_their_course
-- Roles given by an enrolment method in another place than its own course.
-- why: The method will never take them away: it looks only in its own course.
-- severity: error
-- mend: Delete the rows by id.
-- cost: one look at each role that a method gave
SELECT odd.enrolid, odd.courseid, ra.contextid, ra.userid, ra.roleid, ra.id
  FROM (SELECT e.id AS enrolid, e.courseid, d.component, d.contextid
          FROM (SELECT DISTINCT component, itemid, contextid FROM {role_assignments} WHERE component LIKE 'enrol\_%' {fence}) d
          {join} {enrol} e ON e.id = d.itemid AND CONCAT('enrol_', e.enrol) = d.component
          {join} {context} x ON x.contextlevel = 50 AND x.instanceid = e.courseid AND x.id <> d.contextid {fence}) odd
  {join} {role_assignments} ra {along:role_assignments component,itemid,userid}
    ON ra.component = odd.component AND ra.itemid = odd.enrolid AND ra.contextid = odd.contextid;
