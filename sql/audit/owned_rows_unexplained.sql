-- name: owned_rows_unexplained
-- Enrolments by External database, newer than Greffe's takeover of their course, that its journal does not know.
-- why: Something else writes through the same method: Moodle's own sync, another script, a hand in the database.
-- severity: warning
-- mend: Find the other writer and stop it; greffe doctor warns where it is Moodle's own sync. The next night treats these
-- rows as its own.
-- cost: one walk through the enrolments of the method and one through the journal, each counted by method; only methods whose
-- counts differ are opened. About two seconds for half a million of each: no index of the journal leads from an enrolment to
-- its rows. Rows as old as what greffe prune took out of the journal are not asked for
-- needs: Greffe's own tables
SELECT odd.courseid, ue.enrolid, ue.userid, ue.id, ue.modifierid
  FROM (SELECT mine.courseid, mine.enrolid, mine.since
          FROM (SELECT s.courseid, e.id AS enrolid, s.since, COUNT(*) AS people
                  FROM (SELECT courseid, GREATEST(MIN(timecreated), (SELECT COALESCE(MAX(timeended), 0) FROM {local_greffe_run} WHERE reason = 'pruned')) AS since
                          FROM {local_greffe_scope} GROUP BY courseid) s
                  {join} {enrol} e ON e.courseid = s.courseid AND e.enrol = 'database'
                  {join} {user_enrolments} ue ON ue.enrolid = e.id AND ue.timecreated > s.since
                 GROUP BY s.courseid, e.id, s.since) mine
          LEFT JOIN (SELECT ue.enrolid, COUNT(DISTINCT ue.id) AS people
                       FROM {local_greffe_change} c
                       {join} {user_enrolments} ue ON ue.id = c.objectid
                       {join} (SELECT courseid, GREATEST(MIN(timecreated), (SELECT COALESCE(MAX(timeended), 0) FROM {local_greffe_run} WHERE reason = 'pruned')) AS since
                                 FROM {local_greffe_scope} GROUP BY courseid) s ON s.courseid = c.courseid AND s.since < ue.timecreated
                      WHERE c.action = 'enrol' GROUP BY ue.enrolid LIMIT 1000000000000) known ON known.enrolid = mine.enrolid
         WHERE mine.people > COALESCE(known.people, 0) {fence}) odd
  {join} {user_enrolments} ue {along:user_enrolments enrolid,userid} ON ue.enrolid = odd.enrolid AND ue.timecreated > odd.since
  LEFT JOIN {local_greffe_change} c {along:local_greffe_change userid} ON c.userid = ue.userid AND c.objectid = ue.id AND c.action = 'enrol'
 WHERE c.id IS NULL;
