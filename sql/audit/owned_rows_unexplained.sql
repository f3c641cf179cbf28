-- name: owned_rows_unexplained
-- Enrolments by External database, newer than Greffe's takeover of their course, that its journal does not know.
-- why: Something else writes through the same method: Moodle's own sync, another script, a hand in the database.
-- severity: warning
-- mend: Find the other writer and stop it; greffe doctor warns where it is Moodle's own sync. The next night treats these
-- rows as its own.
-- cost: one walk through the enrolments of the method, one through the journal; rows as old as what greffe prune took out of
-- the journal are not asked for
-- needs: Greffe's own tables
SELECT e.courseid, ue.enrolid, ue.userid, ue.id, ue.modifierid
  FROM (SELECT courseid, MIN(timecreated) AS since FROM {local_greffe_scope} GROUP BY courseid) s
  {join} {enrol} e ON e.courseid = s.courseid AND e.enrol = 'database'
  {join} {user_enrolments} ue ON ue.enrolid = e.id AND ue.timecreated > s.since
   AND ue.timecreated > (SELECT COALESCE(MAX(timeended), 0) FROM {local_greffe_run} WHERE reason = 'pruned')
  LEFT JOIN (SELECT DISTINCT objectid FROM {local_greffe_change} WHERE action = 'enrol') j ON j.objectid = ue.id
 WHERE j.objectid IS NULL;
