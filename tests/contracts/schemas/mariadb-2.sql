-- Greffe's own tables, schema 2. One statement each, so that every one of them has a name.

-- name: create_meta
-- Facts about Greffe's own tables; `schema` is their version.
CREATE TABLE IF NOT EXISTS {local_greffe_meta} (
  id BIGINT(10) NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(50) NOT NULL DEFAULT '',
  value VARCHAR(255) NOT NULL DEFAULT '',
  UNIQUE KEY nam_uix (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- name: create_run
-- One row per run: what it was, how it ended, what it did.
CREATE TABLE IF NOT EXISTS {local_greffe_run} (
  id BIGINT(10) NOT NULL AUTO_INCREMENT PRIMARY KEY,
  kind VARCHAR(20) NOT NULL DEFAULT '',
  state VARCHAR(20) NOT NULL DEFAULT '',
  reason VARCHAR(40) NOT NULL DEFAULT '',
  digest VARCHAR(64) NOT NULL DEFAULT '',
  operator VARCHAR(100) NOT NULL DEFAULT '',
  host VARCHAR(100) NOT NULL DEFAULT '',
  version VARCHAR(20) NOT NULL DEFAULT '',
  undoes BIGINT(10) NOT NULL DEFAULT 0,
  changes BIGINT(10) NOT NULL DEFAULT 0,
  counts LONGTEXT,
  verdicts LONGTEXT,
  feeds LONGTEXT,
  error LONGTEXT,
  timestarted BIGINT(10) NOT NULL DEFAULT 0,
  timeended BIGINT(10) NOT NULL DEFAULT 0,
  KEY tim_ix (timestarted),
  KEY dig_ix (digest)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- name: create_change
-- The journal: one row per change, in order; what undo reads and what the plugin relays. Changes of cohorts have no course and
-- those of courses no cohort, so that one index finds the history of either, in order.
CREATE TABLE IF NOT EXISTS {local_greffe_change} (
  id BIGINT(10) NOT NULL AUTO_INCREMENT PRIMARY KEY,
  runid BIGINT(10) NOT NULL DEFAULT 0,
  action VARCHAR(20) NOT NULL DEFAULT '',
  courseid BIGINT(10) NOT NULL DEFAULT 0,
  enrolid BIGINT(10) NOT NULL DEFAULT 0,
  userid BIGINT(10) NOT NULL DEFAULT 0,
  objectid BIGINT(10) NOT NULL DEFAULT 0,
  roleid BIGINT(10) NOT NULL DEFAULT 0,
  groupid BIGINT(10) NOT NULL DEFAULT 0,
  cohortid BIGINT(10) NOT NULL DEFAULT 0,
  reason VARCHAR(20) NOT NULL DEFAULT '',
  feed VARCHAR(64) NOT NULL DEFAULT '',
  line BIGINT(10) NOT NULL DEFAULT 0,
  oldrow LONGTEXT,
  newrow LONGTEXT,
  timecreated BIGINT(10) NOT NULL DEFAULT 0,
  relayed BIGINT(10) NOT NULL DEFAULT 0,
  outcome VARCHAR(20) NOT NULL DEFAULT '',
  undone BIGINT(10) NOT NULL DEFAULT 0,
  KEY run_id_ix (runid, id),
  KEY cou_coh_id_ix (courseid, cohortid, id),
  KEY use_id_ix (userid, id),
  KEY rel_id_ix (relayed, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- name: create_waiting
-- People that a feed names and Moodle does not know yet, and one place of each; made anew each good night. `alone`: the role
-- without an enrolment.
CREATE TABLE IF NOT EXISTS {local_greffe_waiting} (
  id BIGINT(10) NOT NULL AUTO_INCREMENT PRIMARY KEY,
  runid BIGINT(10) NOT NULL DEFAULT 0,
  feed VARCHAR(64) NOT NULL DEFAULT '',
  line BIGINT(10) NOT NULL DEFAULT 0,
  person VARCHAR(255) NOT NULL DEFAULT '',
  field VARCHAR(20) NOT NULL DEFAULT '',
  courseid BIGINT(10) NOT NULL DEFAULT 0,
  roleid BIGINT(10) NOT NULL DEFAULT 0,
  groupname VARCHAR(255) NOT NULL DEFAULT '',
  cohort VARCHAR(100) NOT NULL DEFAULT '',
  alone BIGINT(10) NOT NULL DEFAULT 0,
  timestart BIGINT(10) NOT NULL DEFAULT 0,
  timeend BIGINT(10) NOT NULL DEFAULT 0,
  timecreated BIGINT(10) NOT NULL DEFAULT 0,
  KEY fee_ix (feed),
  KEY fie_per_ix (field, person)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- name: create_feed
-- What each night saw of each feed, so that the next night can compare.
CREATE TABLE IF NOT EXISTS {local_greffe_feed} (
  id BIGINT(10) NOT NULL AUTO_INCREMENT PRIMARY KEY,
  runid BIGINT(10) NOT NULL DEFAULT 0,
  feed VARCHAR(64) NOT NULL DEFAULT '',
  good BIGINT(10) NOT NULL DEFAULT 0,
  counts LONGTEXT,
  timecreated BIGINT(10) NOT NULL DEFAULT 0,
  KEY fee_goo_ix (feed, good),
  KEY run_ix (runid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- name: create_scope
-- Places (course and role) that a feed produced in a good run: what makes a leaver Greffe's to take out.
CREATE TABLE IF NOT EXISTS {local_greffe_scope} (
  id BIGINT(10) NOT NULL AUTO_INCREMENT PRIMARY KEY,
  feed VARCHAR(64) NOT NULL DEFAULT '',
  courseid BIGINT(10) NOT NULL DEFAULT 0,
  roleid BIGINT(10) NOT NULL DEFAULT 0,
  runid BIGINT(10) NOT NULL DEFAULT 0,
  timecreated BIGINT(10) NOT NULL DEFAULT 0,
  UNIQUE KEY fee_cou_rol_uix (feed, courseid, roleid),
  KEY cou_ix (courseid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- name: create_cohort
-- Cohorts that Greffe made or adopted, and the feeds that named them in a good run; not `owned`: given back since.
CREATE TABLE IF NOT EXISTS {local_greffe_cohort} (
  id BIGINT(10) NOT NULL AUTO_INCREMENT PRIMARY KEY,
  feed VARCHAR(64) NOT NULL DEFAULT '',
  cohortid BIGINT(10) NOT NULL DEFAULT 0,
  idnumber VARCHAR(100) NOT NULL DEFAULT '',
  owned BIGINT(10) NOT NULL DEFAULT 1,
  runid BIGINT(10) NOT NULL DEFAULT 0,
  timecreated BIGINT(10) NOT NULL DEFAULT 0,
  UNIQUE KEY fee_coh_uix (feed, cohortid),
  KEY coh_ix (cohortid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- name: create_method
-- Method instances that rules made or adopted, and who asks for them (a feed, or '' for the configuration); not `owned`:
-- given back since.
CREATE TABLE IF NOT EXISTS {local_greffe_method} (
  id BIGINT(10) NOT NULL AUTO_INCREMENT PRIMARY KEY,
  enrolid BIGINT(10) NOT NULL DEFAULT 0,
  feed VARCHAR(64) NOT NULL DEFAULT '',
  owned BIGINT(10) NOT NULL DEFAULT 1,
  runid BIGINT(10) NOT NULL DEFAULT 0,
  timecreated BIGINT(10) NOT NULL DEFAULT 0,
  UNIQUE KEY enr_uix (enrolid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- name: create_approval
-- A named operator's word that one plan may pass the guards, until it expires.
CREATE TABLE IF NOT EXISTS {local_greffe_approval} (
  id BIGINT(10) NOT NULL AUTO_INCREMENT PRIMARY KEY,
  digest VARCHAR(64) NOT NULL DEFAULT '',
  operator VARCHAR(100) NOT NULL DEFAULT '',
  runid BIGINT(10) NOT NULL DEFAULT 0,
  timecreated BIGINT(10) NOT NULL DEFAULT 0,
  timeexpires BIGINT(10) NOT NULL DEFAULT 0,
  KEY dig_ix (digest)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- name: create_finding
-- What an audit found: one row per audit and run of the audits, so that it can be followed over time.
CREATE TABLE IF NOT EXISTS {local_greffe_finding} (
  id BIGINT(10) NOT NULL AUTO_INCREMENT PRIMARY KEY,
  audit VARCHAR(64) NOT NULL DEFAULT '',
  severity VARCHAR(20) NOT NULL DEFAULT '',
  amount BIGINT(10) NOT NULL DEFAULT 0,
  examples LONGTEXT,
  error LONGTEXT,
  timecreated BIGINT(10) NOT NULL DEFAULT 0,
  KEY aud_tim_ix (audit, timecreated)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- name: create_message
-- Messages to participants of a course: queued by an operator, sent by the plugin, with how far it has come.
CREATE TABLE IF NOT EXISTS {local_greffe_message} (
  id BIGINT(10) NOT NULL AUTO_INCREMENT PRIMARY KEY,
  courseid BIGINT(10) NOT NULL DEFAULT 0,
  userid BIGINT(10) NOT NULL DEFAULT 0,
  subject VARCHAR(255) NOT NULL DEFAULT '',
  body LONGTEXT,
  bodyformat BIGINT(10) NOT NULL DEFAULT 0,
  recipients LONGTEXT,
  amount BIGINT(10) NOT NULL DEFAULT 0,
  position BIGINT(10) NOT NULL DEFAULT 0,
  sent BIGINT(10) NOT NULL DEFAULT 0,
  failed BIGINT(10) NOT NULL DEFAULT 0,
  failures LONGTEXT,
  state VARCHAR(20) NOT NULL DEFAULT '',
  error LONGTEXT,
  operator VARCHAR(100) NOT NULL DEFAULT '',
  timecreated BIGINT(10) NOT NULL DEFAULT 0,
  timestarted BIGINT(10) NOT NULL DEFAULT 0,
  timeended BIGINT(10) NOT NULL DEFAULT 0,
  KEY sta_ix (state),
  KEY cou_ix (courseid),
  KEY use_ix (userid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;
