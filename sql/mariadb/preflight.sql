-- name: galera_state
-- What the node says of its cluster; no rows where there is none.
SELECT LOWER(variable_name), variable_value FROM information_schema.global_status
 WHERE variable_name IN ('WSREP_READY', 'WSREP_CLUSTER_STATUS', 'WSREP_LOCAL_STATE_COMMENT', 'WSREP_CLUSTER_SIZE', 'WSREP_CONNECTED')
   AND @@wsrep_on = 1;

-- name: whoami
-- Which server and which session answers: the same at every statement, or something stands in between.
SELECT @@hostname, @@server_id, @@port, CONNECTION_ID();

-- name: session_kept
-- Whether what this session set is still set.
SELECT @@innodb_lock_wait_timeout = 5 AND @@tx_isolation = 'READ-COMMITTED';

-- name: engines
-- Tables that know no transactions.
SELECT table_name, engine FROM information_schema.tables
 WHERE table_schema = DATABASE() AND table_name {in:tables} AND engine <> 'InnoDB';

-- name: may_create
-- The right to create tables in this database, asked for without creating one: this table is there.
CREATE TABLE IF NOT EXISTS {config} (id BIGINT);

-- name: returning
-- Greffe needs to learn the ids of the rows that it adds.
INSERT INTO {cache_flags} (flagtype, name, value, timemodified, expiry) SELECT flagtype, name, value, timemodified, expiry FROM {cache_flags} WHERE 1 = 0 RETURNING id;
