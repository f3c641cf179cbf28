-- name: lock_record
SELECT id FROM {lock_db} WHERE resourcekey = %(record)s;

-- name: add_lock_record
-- db_record_lock_factory: the row is there before anybody owns it.
INSERT INTO {lock_db} (resourcekey) VALUES (%(record)s);

-- name: take_lock_record
-- db_record_lock_factory, and beyond it: a row that a killed Greffe left behind, since whoever holds Greffe's own lock
-- knows that no other Greffe is alive.
UPDATE {lock_db} SET owner = %(owner)s, expires = %(expires)s
 WHERE resourcekey = %(record)s AND (owner IS NULL OR expires < %(now)s OR owner LIKE 'greffe-%%');

-- name: give_lock_record_back
UPDATE {lock_db} SET owner = NULL, expires = NULL WHERE resourcekey = %(record)s AND owner = %(owner)s;

-- name: task_state
-- What Moodle says of one of its tasks: off or on, and since when, where and as which process it runs.
SELECT disabled, timestarted, hostname, pid FROM {task_scheduled} WHERE classname = %(task)s;

-- name: lock_records_held
SELECT COUNT(*) FROM {lock_db} WHERE resourcekey {in:records} AND owner = %(owner)s AND expires > %(now)s;
