-- name: last_night_reverted
-- What the last night wrote and is not so any more: enrolments ended or suspended, suspensions lifted, roles taken away.
-- why: The site has drifted from the last applied plan. A person may have done it on purpose, and the next night will do it
-- again.
-- severity: warning
-- mend: greffe plan shows what the next night would do. Where the hand was right, correct the feed; where not, find the
-- writer.
-- cost: reads the journal of one night, one look by id for each of its rows
-- needs: Greffe's own tables
SELECT c.id AS changeid, c.action, c.courseid, c.enrolid, c.userid
  FROM {local_greffe_change} c
  LEFT JOIN {user_enrolments} ue ON ue.id = c.objectid
 WHERE c.runid = (SELECT MAX(id) FROM {local_greffe_run} WHERE kind IN ('nightly', 'apply') AND state IN ('done', 'partial'))
   AND c.undone = 0 AND ((c.action IN ('enrol', 'reactivate') AND COALESCE(ue.status, 1) <> 0) OR (c.action = 'suspend' AND ue.status = 0))
 UNION ALL
SELECT c.id, c.action, c.courseid, c.enrolid, c.userid
  FROM {local_greffe_change} c
  LEFT JOIN {role_assignments} ra ON ra.id = c.objectid
 WHERE c.runid = (SELECT MAX(id) FROM {local_greffe_run} WHERE kind IN ('nightly', 'apply') AND state IN ('done', 'partial'))
   AND c.undone = 0 AND c.action = 'assign-role' AND ra.id IS NULL;
