-- name: group_members_without_method
-- Memberships of groups that a method made which is not there.
-- why: Nothing will ever end them, and for Cohort sync Moodle's pages refuse to.
-- severity: warning
-- mend: Set component to the empty text and itemid to 0 in these rows to keep them as made by hand, or delete them by id.
-- cost: one walk through groups_members
SELECT m.groupid, m.userid, m.component, m.itemid, m.id
  FROM {groups_members} m
  LEFT JOIN {enrol} e ON e.id = m.itemid AND CONCAT('enrol_', e.enrol) = m.component
 WHERE m.component LIKE 'enrol\_%' AND e.id IS NULL;
