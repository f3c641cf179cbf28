-- Greffe's own tables, schema 2. One statement each, so that every one of them has a name.

-- name: create_meta
-- Facts about Greffe's own tables; `schema` is their version.
CREATE TABLE IF NOT EXISTS {local_greffe_meta} (
  id BIGSERIAL PRIMARY KEY,
  name VARCHAR(50) NOT NULL DEFAULT '',
  value VARCHAR(255) NOT NULL DEFAULT ''
);

-- name: create_meta_index1
CREATE UNIQUE INDEX IF NOT EXISTS {local_greffe_meta_nam_uix} ON {local_greffe_meta} (name);

-- name: create_run
-- One row per run: what it was, how it ended, what it did.
CREATE TABLE IF NOT EXISTS {local_greffe_run} (
  id BIGSERIAL PRIMARY KEY,
  kind VARCHAR(20) NOT NULL DEFAULT '',
  state VARCHAR(20) NOT NULL DEFAULT '',
  reason VARCHAR(40) NOT NULL DEFAULT '',
  digest VARCHAR(64) NOT NULL DEFAULT '',
  operator VARCHAR(100) NOT NULL DEFAULT '',
  host VARCHAR(100) NOT NULL DEFAULT '',
  version VARCHAR(20) NOT NULL DEFAULT '',
  undoes BIGINT NOT NULL DEFAULT 0,
  changes BIGINT NOT NULL DEFAULT 0,
  counts TEXT,
  verdicts TEXT,
  feeds TEXT,
  error TEXT,
  timestarted BIGINT NOT NULL DEFAULT 0,
  timeended BIGINT NOT NULL DEFAULT 0
);

-- name: create_run_index1
CREATE INDEX IF NOT EXISTS {local_greffe_run_tim_ix} ON {local_greffe_run} (timestarted);

-- name: create_run_index2
CREATE INDEX IF NOT EXISTS {local_greffe_run_dig_ix} ON {local_greffe_run} (digest);

-- name: create_change
-- The journal: one row per change, in order; what undo reads and what the plugin relays.
CREATE TABLE IF NOT EXISTS {local_greffe_change} (
  id BIGSERIAL PRIMARY KEY,
  runid BIGINT NOT NULL DEFAULT 0,
  action VARCHAR(20) NOT NULL DEFAULT '',
  courseid BIGINT NOT NULL DEFAULT 0,
  enrolid BIGINT NOT NULL DEFAULT 0,
  userid BIGINT NOT NULL DEFAULT 0,
  objectid BIGINT NOT NULL DEFAULT 0,
  roleid BIGINT NOT NULL DEFAULT 0,
  groupid BIGINT NOT NULL DEFAULT 0,
  cohortid BIGINT NOT NULL DEFAULT 0,
  reason VARCHAR(20) NOT NULL DEFAULT '',
  feed VARCHAR(64) NOT NULL DEFAULT '',
  line BIGINT NOT NULL DEFAULT 0,
  oldrow TEXT,
  newrow TEXT,
  timecreated BIGINT NOT NULL DEFAULT 0,
  relayed BIGINT NOT NULL DEFAULT 0,
  outcome VARCHAR(20) NOT NULL DEFAULT '',
  undone BIGINT NOT NULL DEFAULT 0
);

-- name: create_change_index1
-- With the id: a run is read page by page in order, and must not be looked for along the whole journal.
CREATE INDEX IF NOT EXISTS {local_greffe_change_run_id_ix} ON {local_greffe_change} (runid, id);

-- name: create_change_index2
-- Changes of cohorts have no course and those of courses no cohort, so that one index finds the history of either, in order.
CREATE INDEX IF NOT EXISTS {local_greffe_change_cou_coh_id_ix} ON {local_greffe_change} (courseid, cohortid, id);

-- name: create_change_index3
CREATE INDEX IF NOT EXISTS {local_greffe_change_use_id_ix} ON {local_greffe_change} (userid, id);

-- name: create_change_index4
CREATE INDEX IF NOT EXISTS {local_greffe_change_rel_id_ix} ON {local_greffe_change} (relayed, id);

-- name: create_waiting
-- People that a feed names and Moodle does not know yet, and one place of each; made anew each good night. `alone`: the role
-- without an enrolment.
CREATE TABLE IF NOT EXISTS {local_greffe_waiting} (
  id BIGSERIAL PRIMARY KEY,
  runid BIGINT NOT NULL DEFAULT 0,
  feed VARCHAR(64) NOT NULL DEFAULT '',
  line BIGINT NOT NULL DEFAULT 0,
  person VARCHAR(255) NOT NULL DEFAULT '',
  field VARCHAR(20) NOT NULL DEFAULT '',
  courseid BIGINT NOT NULL DEFAULT 0,
  roleid BIGINT NOT NULL DEFAULT 0,
  groupname VARCHAR(255) NOT NULL DEFAULT '',
  cohort VARCHAR(100) NOT NULL DEFAULT '',
  alone BIGINT NOT NULL DEFAULT 0,
  timestart BIGINT NOT NULL DEFAULT 0,
  timeend BIGINT NOT NULL DEFAULT 0,
  timecreated BIGINT NOT NULL DEFAULT 0
);

-- name: create_waiting_index1
CREATE INDEX IF NOT EXISTS {local_greffe_waiting_fee_ix} ON {local_greffe_waiting} (feed);

-- name: create_waiting_index2
CREATE INDEX IF NOT EXISTS {local_greffe_waiting_fie_per_ix} ON {local_greffe_waiting} (field, person);

-- name: create_feed
-- What each night saw of each feed, so that the next night can compare.
CREATE TABLE IF NOT EXISTS {local_greffe_feed} (
  id BIGSERIAL PRIMARY KEY,
  runid BIGINT NOT NULL DEFAULT 0,
  feed VARCHAR(64) NOT NULL DEFAULT '',
  good BIGINT NOT NULL DEFAULT 0,
  counts TEXT,
  timecreated BIGINT NOT NULL DEFAULT 0
);

-- name: create_feed_index1
CREATE INDEX IF NOT EXISTS {local_greffe_feed_fee_goo_ix} ON {local_greffe_feed} (feed, good);

-- name: create_feed_index2
CREATE INDEX IF NOT EXISTS {local_greffe_feed_run_ix} ON {local_greffe_feed} (runid);

-- name: create_scope
-- Places (course and role) that a feed produced in a good run: what makes a leaver Greffe's to take out.
CREATE TABLE IF NOT EXISTS {local_greffe_scope} (
  id BIGSERIAL PRIMARY KEY,
  feed VARCHAR(64) NOT NULL DEFAULT '',
  courseid BIGINT NOT NULL DEFAULT 0,
  roleid BIGINT NOT NULL DEFAULT 0,
  runid BIGINT NOT NULL DEFAULT 0,
  timecreated BIGINT NOT NULL DEFAULT 0
);

-- name: create_scope_index1
CREATE UNIQUE INDEX IF NOT EXISTS {local_greffe_scope_fee_cou_rol_uix} ON {local_greffe_scope} (feed, courseid, roleid);

-- name: create_scope_index2
CREATE INDEX IF NOT EXISTS {local_greffe_scope_cou_ix} ON {local_greffe_scope} (courseid);

-- name: create_cohort
-- Cohorts that Greffe made or adopted, and the feeds that named them in a good run; not `owned`: given back since.
CREATE TABLE IF NOT EXISTS {local_greffe_cohort} (
  id BIGSERIAL PRIMARY KEY,
  feed VARCHAR(64) NOT NULL DEFAULT '',
  cohortid BIGINT NOT NULL DEFAULT 0,
  idnumber VARCHAR(100) NOT NULL DEFAULT '',
  owned BIGINT NOT NULL DEFAULT 1,
  runid BIGINT NOT NULL DEFAULT 0,
  timecreated BIGINT NOT NULL DEFAULT 0
);

-- name: create_cohort_index1
CREATE UNIQUE INDEX IF NOT EXISTS {local_greffe_cohort_fee_coh_uix} ON {local_greffe_cohort} (feed, cohortid);

-- name: create_cohort_index2
CREATE INDEX IF NOT EXISTS {local_greffe_cohort_coh_ix} ON {local_greffe_cohort} (cohortid);

-- name: create_method
-- Method instances that rules made or adopted, and who asks for them (a feed, or '' for the configuration); not `owned`:
-- given back since.
CREATE TABLE IF NOT EXISTS {local_greffe_method} (
  id BIGSERIAL PRIMARY KEY,
  enrolid BIGINT NOT NULL DEFAULT 0,
  feed VARCHAR(64) NOT NULL DEFAULT '',
  owned BIGINT NOT NULL DEFAULT 1,
  runid BIGINT NOT NULL DEFAULT 0,
  timecreated BIGINT NOT NULL DEFAULT 0
);

-- name: create_method_index1
CREATE UNIQUE INDEX IF NOT EXISTS {local_greffe_method_enr_uix} ON {local_greffe_method} (enrolid);

-- name: create_approval
-- A named operator's word that one plan may pass the guards, until it expires.
CREATE TABLE IF NOT EXISTS {local_greffe_approval} (
  id BIGSERIAL PRIMARY KEY,
  digest VARCHAR(64) NOT NULL DEFAULT '',
  operator VARCHAR(100) NOT NULL DEFAULT '',
  runid BIGINT NOT NULL DEFAULT 0,
  timecreated BIGINT NOT NULL DEFAULT 0,
  timeexpires BIGINT NOT NULL DEFAULT 0
);

-- name: create_approval_index1
CREATE INDEX IF NOT EXISTS {local_greffe_approval_dig_ix} ON {local_greffe_approval} (digest);

-- name: create_finding
-- What an audit found: one row per audit and run of the audits, so that it can be followed over time.
CREATE TABLE IF NOT EXISTS {local_greffe_finding} (
  id BIGSERIAL PRIMARY KEY,
  audit VARCHAR(64) NOT NULL DEFAULT '',
  severity VARCHAR(20) NOT NULL DEFAULT '',
  amount BIGINT NOT NULL DEFAULT 0,
  examples TEXT,
  error TEXT,
  timecreated BIGINT NOT NULL DEFAULT 0
);

-- name: create_finding_index1
CREATE INDEX IF NOT EXISTS {local_greffe_finding_aud_tim_ix} ON {local_greffe_finding} (audit, timecreated);

-- name: create_message
-- Messages to participants of a course: queued by an operator, sent by the plugin, with how far it has come.
CREATE TABLE IF NOT EXISTS {local_greffe_message} (
  id BIGSERIAL PRIMARY KEY,
  courseid BIGINT NOT NULL DEFAULT 0,
  userid BIGINT NOT NULL DEFAULT 0,
  subject VARCHAR(255) NOT NULL DEFAULT '',
  body TEXT,
  bodyformat BIGINT NOT NULL DEFAULT 0,
  recipients TEXT,
  amount BIGINT NOT NULL DEFAULT 0,
  position BIGINT NOT NULL DEFAULT 0,
  sent BIGINT NOT NULL DEFAULT 0,
  failed BIGINT NOT NULL DEFAULT 0,
  failures TEXT,
  state VARCHAR(20) NOT NULL DEFAULT '',
  error TEXT,
  operator VARCHAR(100) NOT NULL DEFAULT '',
  timecreated BIGINT NOT NULL DEFAULT 0,
  timestarted BIGINT NOT NULL DEFAULT 0,
  timeended BIGINT NOT NULL DEFAULT 0
);

-- name: create_message_index1
CREATE INDEX IF NOT EXISTS {local_greffe_message_sta_ix} ON {local_greffe_message} (state);

-- name: create_message_index2
CREATE INDEX IF NOT EXISTS {local_greffe_message_cou_ix} ON {local_greffe_message} (courseid);

-- name: create_message_index3
CREATE INDEX IF NOT EXISTS {local_greffe_message_use_ix} ON {local_greffe_message} (userid);
