-- name: schema_version
SELECT value FROM {local_greffe_meta} WHERE name = 'schema';

-- name: set_schema_version
INSERT INTO {local_greffe_meta} (name, value) VALUES ('schema', %(version)s);

-- name: change_schema_version
-- `1>2` while a migration is under way, `restoring` while a restore is: no Greffe, old or new, takes that for its own.
UPDATE {local_greffe_meta} SET value = %(version)s WHERE name = 'schema';

-- name: own_rows
-- A table of Greffe's own after a given row, in order: read in slices, so that memory stays bounded.
SELECT * FROM {table} WHERE id > %(above)s ORDER BY id LIMIT %(limit)s;

-- name: count_own_rows
SELECT COUNT(*) FROM {table};

-- name: highest_own_row
SELECT COALESCE(MAX(id), 0) FROM {table};

-- name: clear_own_rows
-- In slices of ids: one transaction of a whole journal would be too much for a cluster.
DELETE FROM {table} WHERE id > %(above)s AND id <= %(upto)s;

-- name: open_run
INSERT INTO {local_greffe_run} (kind, state, operator, host, version, undoes, timestarted)
VALUES (%(kind)s, 'running', %(operator)s, %(host)s, %(version)s, %(undoes)s, %(now)s)
RETURNING id;

-- name: plan_of_run
-- What a run is about to do, noted before its first write.
UPDATE {local_greffe_run} SET digest = %(digest)s, verdicts = %(verdicts)s, feeds = %(feeds)s WHERE id = %(run)s;

-- name: advance_run
-- Part of every transaction that changes something. A lock of the session holds on one server only; this row is changed
-- on all nodes of a cluster or on none: of a run and of another one that declares it dead, one has to give way.
UPDATE {local_greffe_run} SET changes = changes + %(changes)s WHERE id = %(run)s AND state = 'running';

-- name: close_run
UPDATE {local_greffe_run} SET state = %(state)s, reason = %(reason)s, changes = %(changes)s, counts = %(counts)s,
       error = %(error)s, timeended = %(now)s
 WHERE id = %(run)s;

-- name: abandon_runs
-- Runs that were killed: they hold the lock no more, so nobody will close them.
UPDATE {local_greffe_run} SET state = 'killed', timeended = %(now)s WHERE state = 'running' AND id < %(run)s;

-- name: runs
SELECT id, kind, state, reason, digest, operator, host, version, undoes, changes, counts, verdicts, feeds, error,
       timestarted, timeended
  FROM {local_greffe_run} ORDER BY id DESC LIMIT %(limit)s;

-- name: run_by_id
SELECT id, kind, state, reason, digest, operator, host, version, undoes, changes, counts, verdicts, feeds, error,
       timestarted, timeended
  FROM {local_greffe_run} WHERE id = %(run)s;

-- name: runs_by_digest
SELECT id FROM {local_greffe_run} WHERE digest LIKE %(digest)s ORDER BY id DESC;

-- name: digest_of
SELECT DISTINCT digest FROM {local_greffe_run} WHERE digest LIKE %(digest)s;

-- name: changes_of_run
-- A run's journal after a given row, in order: read in slices, so that memory stays bounded.
SELECT id, action, courseid, enrolid, userid, objectid, roleid, groupid, cohortid, reason, feed, line, oldrow, newrow, timecreated, undone
  FROM {local_greffe_change} WHERE runid = %(run)s AND id > %(above)s ORDER BY id LIMIT %(limit)s;

-- name: changes_of_run_backwards
-- Undo walks a run from its last change to its first.
SELECT id, action, courseid, enrolid, userid, objectid, roleid, groupid, cohortid, reason, feed, line, oldrow, newrow, timecreated, undone
  FROM {local_greffe_change} WHERE runid = %(run)s AND id < %(below)s ORDER BY id DESC LIMIT %(limit)s;

-- name: changes_of_people
-- What a run did to a few people.
SELECT id, action, courseid, enrolid, userid, objectid, roleid, groupid, cohortid, reason, feed, line, oldrow, newrow, timecreated, undone
  FROM {local_greffe_change} WHERE runid = %(run)s AND userid {in:users};

-- name: history_of_person
-- What all runs did to one person, newest first: a page along the index that begins with him, however long the journal is.
SELECT id, action, courseid, enrolid, userid, objectid, roleid, groupid, cohortid, reason, feed, line, oldrow, newrow, timecreated, undone, runid
  FROM {local_greffe_change} {along:local_greffe_change userid,id}
 WHERE userid = %(user)s AND id < %(below)s ORDER BY id DESC LIMIT %(limit)s;

-- name: history_of_place
-- The same of a course (cohort 0) or of a cohort (course 0).
SELECT id, action, courseid, enrolid, userid, objectid, roleid, groupid, cohortid, reason, feed, line, oldrow, newrow, timecreated, undone, runid
  FROM {local_greffe_change} {along:local_greffe_change courseid,cohortid,id}
 WHERE courseid = %(course)s AND cohortid = %(cohort)s AND id < %(below)s ORDER BY id DESC LIMIT %(limit)s;

-- name: runs_by_id
SELECT id, kind, operator, undoes FROM {local_greffe_run} WHERE id {in:runs};

-- name: count_changes
SELECT action, COUNT(*) FROM {local_greffe_change} WHERE runid = %(run)s GROUP BY action;

-- name: mark_undone
UPDATE {local_greffe_change} SET undone = %(run)s WHERE id {in:ids};

-- name: clear_waiting
DELETE FROM {local_greffe_waiting} WHERE feed = %(feed)s;

-- name: feeds_waited_for
SELECT DISTINCT feed FROM {local_greffe_waiting};

-- name: feeds_that_wait_for
-- By whatever a feed names people: the index begins with that.
SELECT DISTINCT feed FROM {local_greffe_waiting}
 WHERE field IN ('idnumber', 'username', 'email', 'id') AND person = %(person)s ORDER BY feed;

-- name: waiting_now
-- The whole list of a feed: an equal one is not written again.
SELECT person, courseid, roleid, groupname, timestart, timeend, cohort, alone, line FROM {local_greffe_waiting} WHERE feed = %(feed)s;

-- name: note_feed
INSERT INTO {local_greffe_feed} (runid, feed, good, counts, timecreated)
VALUES (%(run)s, %(feed)s, %(good)s, %(counts)s, %(now)s);

-- name: last_good_feed
SELECT id, counts FROM {local_greffe_feed} WHERE feed = %(feed)s AND good = 1 ORDER BY id DESC LIMIT 1;

-- name: owned_scopes
SELECT feed, courseid, roleid FROM {local_greffe_scope} ORDER BY feed, courseid, roleid;

-- name: owned_cohorts
SELECT cohortid, feed, idnumber FROM {local_greffe_cohort} WHERE owned = 1 ORDER BY cohortid, feed;

-- name: known_cohorts
-- Cohorts that Greffe once made or adopted under an idnumber, there or not.
SELECT DISTINCT cohortid FROM {local_greffe_cohort} WHERE idnumber = %(idnumber)s;

-- name: set_owned
-- Whether cohorts that Greffe knows are its own: given back to hand care, or taken again by an undo.
UPDATE {local_greffe_cohort} SET owned = %(owned)s WHERE cohortid {in:cohorts};

-- name: approve
INSERT INTO {local_greffe_approval} (digest, operator, runid, timecreated, timeexpires)
VALUES (%(digest)s, %(operator)s, %(run)s, %(now)s, %(expires)s);

-- name: approved
SELECT operator FROM {local_greffe_approval} WHERE digest = %(digest)s AND timeexpires >= %(now)s ORDER BY id DESC;

-- name: spend_approval
-- Of the plan that this run has made something of. One that was given while it ran is for the next.
UPDATE {local_greffe_approval} SET timeexpires = %(now)s - 1
 WHERE timeexpires >= %(now)s AND digest = (SELECT digest FROM {local_greffe_run} WHERE id = %(run)s)
   AND timecreated <= (SELECT timestarted FROM {local_greffe_run} WHERE id = %(run)s);

-- name: made_since
-- The first run after this one that had the same plan and made something of it.
SELECT id FROM {local_greffe_run}
 WHERE digest = %(digest)s AND id > %(run)s AND changes > 0 ORDER BY id LIMIT 1;

-- name: owned_methods
-- Method instances that Greffe made or adopted, and who asked for them: a feed, or '' for the configuration.
SELECT enrolid, feed FROM {local_greffe_method} WHERE owned = 1;

-- name: set_owned_methods
-- Given back to hand care, or taken again by an undo.
UPDATE {local_greffe_method} SET owned = %(owned)s WHERE enrolid {in:enrols};

-- name: name_methods
-- Another feed (or the configuration) asks for them from now on.
UPDATE {local_greffe_method} SET feed = %(feed)s WHERE enrolid {in:enrols};

-- name: note_finding
INSERT INTO {local_greffe_finding} (audit, severity, amount, examples, error, timecreated)
VALUES (%(audit)s, %(severity)s, %(amount)s, %(examples)s, %(error)s, %(now)s);

-- name: findings_since
-- What audits found over time, in order.
SELECT audit, severity, amount, timecreated FROM {local_greffe_finding} WHERE timecreated >= %(since)s ORDER BY id;
