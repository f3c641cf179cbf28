-- name: session
-- What every connection of Greffe sets. Short lock waits, since Moodle's pages wait for the same rows; READ COMMITTED
-- as Moodle itself; aggregates of ids as long as the packet lets them be; on Galera, reads that are up to date.
SET SESSION sql_mode = 'STRICT_ALL_TABLES', SESSION tx_isolation = 'READ-COMMITTED',
    SESSION innodb_lock_wait_timeout = 5, SESSION lock_wait_timeout = 30,
    SESSION group_concat_max_len = %(longest)s, SESSION wait_timeout = 28800, SESSION wsrep_sync_wait = 1;

-- name: server
-- What the server is and the settings that decide whether Greffe may write.
SELECT VERSION() AS version, @@binlog_format AS binlog_format, @@log_bin AS log_bin, @@read_only AS read_only,
       @@max_allowed_packet AS max_allowed_packet, CONNECTION_ID() AS connection_id;

-- name: clock
-- The database's clock, in seconds: everything that is stamped is stamped with it.
SELECT UNIX_TIMESTAMP();

-- name: limit_statements
-- For audits: the server itself ends a statement that takes too long.
SET SESSION max_statement_time = %(seconds)s;
