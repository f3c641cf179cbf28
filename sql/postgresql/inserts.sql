-- name: add_methods
-- add_instance of the method `database`: a bare row; what is not named takes the table's default.
INSERT INTO {enrol} (enrol, status, courseid, sortorder, enrolstartdate, enrolenddate, timecreated, timemodified)
SELECT %(method)s::text, 0, r."course", r."sortorder", 0, 0, %(now)s::bigint, %(now)s::bigint
  FROM unnest(%(course)s::bigint[], %(sortorder)s::bigint[])
    AS r("course", "sortorder")
RETURNING id, courseid;

-- name: add_enrolments
-- enrol_user: one row each, in the order (instance, person), which costs two thirds of random order.
INSERT INTO {user_enrolments} (status, enrolid, userid, timestart, timeend, modifierid, timecreated, timemodified)
SELECT r."status", r."enrol", r."user", r."timestart", r."timeend", %(modifier)s::bigint, %(now)s::bigint, %(now)s::bigint
  FROM unnest(%(status)s::bigint[], %(enrol)s::bigint[], %(user)s::bigint[], %(timestart)s::bigint[], %(timeend)s::bigint[])
    AS r("status", "enrol", "user", "timestart", "timeend")
RETURNING id;

-- name: add_roles
-- role_assign with the component and the item of the method.
INSERT INTO {role_assignments} (roleid, contextid, userid, component, itemid, timemodified, modifierid, sortorder)
SELECT r."role", r."context", r."user", %(component)s::text, r."enrol", %(now)s::bigint, %(modifier)s::bigint, 0
  FROM unnest(%(role)s::bigint[], %(context)s::bigint[], %(user)s::bigint[], %(enrol)s::bigint[])
    AS r("role", "context", "user", "enrol")
RETURNING id;

-- name: add_groups
-- groups_create_group: visible to all, takes part, no picture.
INSERT INTO {groups} (courseid, idnumber, name, descriptionformat, picture, timecreated, timemodified)
SELECT r."course", %(idnumber)s::text, r."name", 0, 0, %(now)s::bigint, %(now)s::bigint
  FROM unnest(%(course)s::bigint[], %(name)s::text[])
    AS r("course", "name")
RETURNING id;

-- name: add_groupings
-- groups_create_grouping.
INSERT INTO {groupings} (courseid, idnumber, name, descriptionformat, timecreated, timemodified)
SELECT r."course", %(idnumber)s::text, r."name", 0, %(now)s::bigint, %(now)s::bigint
  FROM unnest(%(course)s::bigint[], %(name)s::text[])
    AS r("course", "name")
RETURNING id;

-- name: add_groupings_groups
-- groups_assign_grouping.
INSERT INTO {groupings_groups} (groupingid, groupid, timeadded)
SELECT r."grouping", r."group", %(now)s::bigint
  FROM unnest(%(grouping)s::bigint[], %(group)s::bigint[])
    AS r("grouping", "group")
RETURNING id;

-- name: add_memberships
-- groups_add_member with the component and the item of the method.
INSERT INTO {groups_members} (groupid, userid, timeadded, component, itemid)
SELECT r."group", r."user", %(now)s::bigint, %(component)s::text, r."enrol"
  FROM unnest(%(group)s::bigint[], %(user)s::bigint[], %(enrol)s::bigint[])
    AS r("group", "user", "enrol")
RETURNING id;

-- name: add_conversation_members
-- groups_add_member: a member of a group with a conversation is a member of that.
INSERT INTO {message_conversation_members} (conversationid, userid, timecreated)
SELECT r."conversation", r."user", %(now)s::bigint
  FROM unnest(%(conversation)s::bigint[], %(user)s::bigint[])
    AS r("conversation", "user")
RETURNING id;

-- name: add_dirty_flags
-- mark_user_dirty, context::mark_dirty: the only invalidation that lives in the database.
INSERT INTO {cache_flags} (flagtype, name, value, timemodified, expiry)
SELECT %(flagtype)s::text, r."name", '1', %(stamp)s::bigint, %(expiry)s::bigint
  FROM unnest(%(name)s::text[])
    AS r("name");

-- name: add_changes
-- The journal: one row per change, with what was before.
INSERT INTO {local_greffe_change} (runid, action, courseid, enrolid, userid, objectid, roleid, groupid, cohortid, reason, feed, line, oldrow, newrow, timecreated, relayed, undone)
SELECT %(run)s::bigint, r."action", r."course", r."enrol", r."user", r."object", r."role", r."group", r."cohort", r."reason", r."feed", r."line", r."oldrow", r."newrow", %(now)s::bigint, 0, 0
  FROM unnest(%(action)s::text[], %(course)s::bigint[], %(enrol)s::bigint[], %(user)s::bigint[], %(object)s::bigint[], %(role)s::bigint[], %(group)s::bigint[], %(cohort)s::bigint[], %(reason)s::text[], %(feed)s::text[], %(line)s::bigint[], %(oldrow)s::text[], %(newrow)s::text[])
    AS r("action", "course", "enrol", "user", "object", "role", "group", "cohort", "reason", "feed", "line", "oldrow", "newrow");

-- name: add_waiting
-- People that the feed names and Moodle does not know yet.
INSERT INTO {local_greffe_waiting} (runid, feed, line, person, field, courseid, roleid, groupname, cohort, alone, timestart, timeend, timecreated)
SELECT %(run)s::bigint, r."feed", r."line", r."person", r."field", r."course", r."role", r."groupname", r."cohort", r."alone", r."timestart", r."timeend", %(now)s::bigint
  FROM unnest(%(feed)s::text[], %(line)s::bigint[], %(person)s::text[], %(field)s::text[], %(course)s::bigint[], %(role)s::bigint[], %(groupname)s::text[], %(cohort)s::text[], %(alone)s::bigint[], %(timestart)s::bigint[], %(timeend)s::bigint[])
    AS r("feed", "line", "person", "field", "course", "role", "groupname", "cohort", "alone", "timestart", "timeend");

-- name: add_scopes
-- Places that a feed answers for: an earlier good night is what makes a leaver ours.
INSERT INTO {local_greffe_scope} (feed, courseid, roleid, runid, timecreated)
SELECT r."feed", r."course", r."role", %(run)s::bigint, %(now)s::bigint
  FROM unnest(%(feed)s::text[], %(course)s::bigint[], %(role)s::bigint[])
    AS r("feed", "course", "role");

-- name: add_cohorts
-- cohort_add_cohort: a description in HTML, no theme of its own.
INSERT INTO {cohort} (contextid, name, idnumber, description, descriptionformat, visible, component, timecreated, timemodified, theme)
SELECT r."contextid", r."name", r."idnumber", r."description", 1, r."visible", r."component", %(now)s::bigint, %(now)s::bigint, ''
  FROM unnest(%(contextid)s::bigint[], %(name)s::text[], %(idnumber)s::text[], %(description)s::text[], %(visible)s::smallint[], %(component)s::text[])
    AS r("contextid", "name", "idnumber", "description", "visible", "component")
RETURNING id;

-- name: add_cohort_members
-- cohort_add_member, in the order (cohort, person).
INSERT INTO {cohort_members} (cohortid, userid, timeadded)
SELECT r."cohort", r."user", %(now)s::bigint
  FROM unnest(%(cohort)s::bigint[], %(user)s::bigint[])
    AS r("cohort", "user")
RETURNING id;

-- name: own_cohorts
-- Cohorts that are Greffe's from now on, and who names them; one that was given back is taken again.
INSERT INTO {local_greffe_cohort} (feed, cohortid, idnumber, owned, runid, timecreated)
SELECT r."feed", r."cohort", r."idnumber", 1, %(run)s::bigint, %(now)s::bigint
  FROM unnest(%(feed)s::text[], %(cohort)s::bigint[], %(idnumber)s::text[])
    AS r("feed", "cohort", "idnumber")
ON CONFLICT (feed, cohortid) DO UPDATE SET idnumber = EXCLUDED.idnumber, owned = 1;

-- name: add_instances
-- add_instance of any other method: of one that follows something what, with which role and group; of the manual one what
-- its settings say.
INSERT INTO {enrol} (enrol, status, courseid, sortorder, enrolstartdate, enrolenddate, enrolperiod, expirynotify, notifyall, expirythreshold,
       roleid, customint1, customint2, timecreated, timemodified)
SELECT r."method", r."status", r."course", r."sortorder", 0, 0, r."enrolperiod", r."expirynotify", r."notifyall", r."expirythreshold",
       r."roleid", r."customint1", r."customint2", %(now)s::bigint, %(now)s::bigint
  FROM unnest(%(method)s::text[], %(status)s::bigint[], %(course)s::bigint[], %(sortorder)s::bigint[], %(enrolperiod)s::bigint[],
              %(expirynotify)s::smallint[], %(notifyall)s::smallint[], %(expirythreshold)s::bigint[], %(roleid)s::bigint[],
              %(customint1)s::bigint[], %(customint2)s::bigint[])
    AS r("method", "status", "course", "sortorder", "enrolperiod", "expirynotify", "notifyall", "expirythreshold", "roleid", "customint1", "customint2")
RETURNING id;

-- name: own_methods
-- Method instances that are Greffe's from now on, and who asks for them; one that was given back is taken again.
INSERT INTO {local_greffe_method} (enrolid, feed, owned, runid, timecreated)
SELECT r."enrol", r."feed", 1, %(run)s::bigint, %(now)s::bigint
  FROM unnest(%(enrol)s::bigint[], %(feed)s::text[])
    AS r("enrol", "feed")
ON CONFLICT (enrolid) DO UPDATE SET feed = EXCLUDED.feed, owned = 1;
