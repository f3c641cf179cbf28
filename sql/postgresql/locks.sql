-- name: take_lock
-- A lock of this session, as postgres_lock_factory takes it: two keys of 32 bits. 1: taken.
SELECT pg_try_advisory_lock(%(key1)s::int, %(key2)s::int)::int;

-- name: give_lock_back
SELECT pg_advisory_unlock(%(key1)s::int, %(key2)s::int);

-- name: lock_holder
-- Which backend holds it, for the operator. pg_locks shows the keys as unsigned numbers.
SELECT a.pid, a.application_name, EXTRACT(EPOCH FROM a.backend_start)::bigint
  FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
 WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND l.classid::bigint = (%(key1)s::bigint & 4294967295) AND l.objid::bigint = %(key2)s::bigint;

-- name: locks_held
-- One statement for all locks, asked in each transaction: how many of them this very session holds.
SELECT COUNT(*) FROM pg_locks l
 WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.pid = pg_backend_pid()
   AND (FALSE {each} OR (l.classid::bigint = (%(lock{number}_key1)s::bigint & 4294967295) AND l.objid::bigint = %(lock{number}_key2)s::bigint){/each});
