-- name: session
-- What every connection of Greffe sets: short lock waits, since Moodle's pages wait for the same rows.
SELECT set_config('lock_timeout', '5s', false), set_config('statement_timeout', '0', false),
       set_config('idle_in_transaction_session_timeout', '0', false), set_config('search_path', current_setting('search_path'), false);

-- name: server
-- What the server is and the settings that decide whether Greffe may write.
SELECT current_setting('server_version') AS version, '' AS binlog_format, 0 AS log_bin,
       CASE WHEN pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' THEN 1 ELSE 0 END AS read_only,
       0 AS max_allowed_packet, pg_backend_pid() AS connection_id;

-- name: clock
-- The database's clock, in seconds: everything that is stamped is stamped with it.
SELECT EXTRACT(EPOCH FROM clock_timestamp())::bigint;

-- name: set_schema
-- Moodle's tables in a schema of their own ($CFG->dboptions['dbschema']); the name arrives quoted.
SELECT set_config('search_path', %(schema)s, false);

-- name: limit_statements
-- For audits: the server itself ends a statement that takes too long.
SELECT set_config('statement_timeout', %(seconds)s * 1000 || 'ms', false);
