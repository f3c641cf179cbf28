-- name: whoami
-- Which server and which session answers: the same at every statement, or something stands in between.
SELECT COALESCE(inet_server_addr()::text, ''), EXTRACT(EPOCH FROM pg_postmaster_start_time())::text, COALESCE(inet_server_port(), 0), pg_backend_pid();

-- name: session_kept
-- Whether what this session set is still set.
SELECT CASE WHEN current_setting('lock_timeout') = '5s' THEN 1 ELSE 0 END;

-- name: may_create
-- The right to create tables in the schema where new tables go.
SELECT COALESCE(has_schema_privilege(current_schema(), 'CREATE'), FALSE)::int;

-- name: sequences
-- New ids come from sequences, which are granted on their own.
SELECT t.name, COALESCE(has_sequence_privilege(pg_get_serial_sequence(quote_ident(t.name), 'id'), 'USAGE'), FALSE)::int
  FROM unnest(%(tables)s::text[]) AS t(name) WHERE to_regclass(quote_ident(t.name)) IS NOT NULL;
