-- name: take_lock
-- A lock of this session, as mysql_lock_factory takes it; several may be held at once. 1: taken.
SELECT GET_LOCK(%(key1)s, 0);

-- name: give_lock_back
SELECT RELEASE_LOCK(%(key1)s);

-- name: lock_holder
-- Which connection holds it, for the operator.
SELECT IS_USED_LOCK(%(key1)s), '', 0;

-- name: locks_held
-- One statement for all locks, asked in each transaction: how many of them this very session holds.
SELECT 0 {each} + COALESCE(IS_USED_LOCK(%(lock{number}_key1)s) = CONNECTION_ID(), 0){/each};
