-- name: add_methods
-- add_instance of the method `database`: a bare row; what is not named takes the table's default.
INSERT INTO {enrol} (enrol, status, courseid, sortorder, enrolstartdate, enrolenddate, timecreated, timemodified)
VALUES {rows}(%(method)s, 0, %(course)s, %(sortorder)s, 0, 0, %(now)s, %(now)s){/rows}
RETURNING id, courseid;

-- name: add_enrolments
-- enrol_user: one row each, in the order (instance, person), which costs two thirds of random order.
INSERT INTO {user_enrolments} (status, enrolid, userid, timestart, timeend, modifierid, timecreated, timemodified)
VALUES {rows}(%(status)s, %(enrol)s, %(user)s, %(timestart)s, %(timeend)s, %(modifier)s, %(now)s, %(now)s){/rows}
RETURNING id;

-- name: add_roles
-- role_assign with the component and the item of the method.
INSERT INTO {role_assignments} (roleid, contextid, userid, component, itemid, timemodified, modifierid, sortorder)
VALUES {rows}(%(role)s, %(context)s, %(user)s, %(component)s, %(enrol)s, %(now)s, %(modifier)s, 0){/rows}
RETURNING id;

-- name: add_groups
-- groups_create_group: visible to all, takes part, no picture.
INSERT INTO {groups} (courseid, idnumber, name, descriptionformat, picture, timecreated, timemodified)
VALUES {rows}(%(course)s, %(idnumber)s, %(name)s, 0, 0, %(now)s, %(now)s){/rows}
RETURNING id;

-- name: add_groupings
-- groups_create_grouping.
INSERT INTO {groupings} (courseid, idnumber, name, descriptionformat, timecreated, timemodified)
VALUES {rows}(%(course)s, %(idnumber)s, %(name)s, 0, %(now)s, %(now)s){/rows}
RETURNING id;

-- name: add_groupings_groups
-- groups_assign_grouping.
INSERT INTO {groupings_groups} (groupingid, groupid, timeadded)
VALUES {rows}(%(grouping)s, %(group)s, %(now)s){/rows}
RETURNING id;

-- name: add_memberships
-- groups_add_member with the component and the item of the method.
INSERT INTO {groups_members} (groupid, userid, timeadded, component, itemid)
VALUES {rows}(%(group)s, %(user)s, %(now)s, %(component)s, %(enrol)s){/rows}
RETURNING id;

-- name: add_conversation_members
-- groups_add_member: a member of a group with a conversation is a member of that.
INSERT INTO {message_conversation_members} (conversationid, userid, timecreated)
VALUES {rows}(%(conversation)s, %(user)s, %(now)s){/rows}
RETURNING id;

-- name: add_dirty_flags
-- mark_user_dirty, context::mark_dirty: the only invalidation that lives in the database.
INSERT INTO {cache_flags} (flagtype, name, value, timemodified, expiry)
VALUES {rows}(%(flagtype)s, %(name)s, '1', %(stamp)s, %(expiry)s){/rows};

-- name: add_changes
-- The journal: one row per change, with what was before.
INSERT INTO {local_greffe_change} (runid, action, courseid, enrolid, userid, objectid, roleid, groupid, cohortid, reason, feed, line, oldrow, newrow, timecreated, relayed, undone)
VALUES {rows}(%(run)s, %(action)s, %(course)s, %(enrol)s, %(user)s, %(object)s, %(role)s, %(group)s, %(cohort)s, %(reason)s, %(feed)s, %(line)s, %(oldrow)s, %(newrow)s, %(now)s, 0, 0){/rows};

-- name: add_waiting
-- People that the feed names and Moodle does not know yet.
INSERT INTO {local_greffe_waiting} (runid, feed, line, person, field, courseid, roleid, groupname, cohort, alone, timestart, timeend, timecreated)
VALUES {rows}(%(run)s, %(feed)s, %(line)s, %(person)s, %(field)s, %(course)s, %(role)s, %(groupname)s, %(cohort)s, %(alone)s, %(timestart)s, %(timeend)s, %(now)s){/rows};

-- name: add_scopes
-- Places that a feed answers for: an earlier good night is what makes a leaver ours.
INSERT INTO {local_greffe_scope} (feed, courseid, roleid, runid, timecreated)
VALUES {rows}(%(feed)s, %(course)s, %(role)s, %(run)s, %(now)s){/rows};

-- name: add_cohorts
-- cohort_add_cohort: a description in HTML, no theme of its own.
INSERT INTO {cohort} (contextid, name, idnumber, description, descriptionformat, visible, component, timecreated, timemodified, theme)
VALUES {rows}(%(contextid)s, %(name)s, %(idnumber)s, %(description)s, 1, %(visible)s, %(component)s, %(now)s, %(now)s, ''){/rows}
RETURNING id;

-- name: add_cohort_members
-- cohort_add_member, in the order (cohort, person).
INSERT INTO {cohort_members} (cohortid, userid, timeadded)
VALUES {rows}(%(cohort)s, %(user)s, %(now)s){/rows}
RETURNING id;

-- name: own_cohorts
-- Cohorts that are Greffe's from now on, and who names them; one that was given back is taken again.
INSERT INTO {local_greffe_cohort} (feed, cohortid, idnumber, owned, runid, timecreated)
VALUES {rows}(%(feed)s, %(cohort)s, %(idnumber)s, 1, %(run)s, %(now)s){/rows}
ON DUPLICATE KEY UPDATE idnumber = VALUES(idnumber), owned = 1;

-- name: add_instances
-- add_instance of any other method: of one that follows something what, with which role and group; of the manual one what
-- its settings say.
INSERT INTO {enrol} (enrol, status, courseid, sortorder, enrolstartdate, enrolenddate, enrolperiod, expirynotify, notifyall, expirythreshold,
       roleid, customint1, customint2, timecreated, timemodified)
VALUES {rows}(%(method)s, %(status)s, %(course)s, %(sortorder)s, 0, 0, %(enrolperiod)s, %(expirynotify)s, %(notifyall)s, %(expirythreshold)s,
       %(roleid)s, %(customint1)s, %(customint2)s, %(now)s, %(now)s){/rows}
RETURNING id;

-- name: own_methods
-- Method instances that are Greffe's from now on, and who asks for them; one that was given back is taken again.
INSERT INTO {local_greffe_method} (enrolid, feed, owned, runid, timecreated)
VALUES {rows}(%(enrol)s, %(feed)s, 1, %(run)s, %(now)s){/rows}
ON DUPLICATE KEY UPDATE feed = VALUES(feed), owned = 1;
