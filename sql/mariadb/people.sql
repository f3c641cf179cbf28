-- name: people_idnumber
-- Everybody who has an idnumber, as two strings in one order: tens of thousands of rows would take a driver longer than
-- all the rest of a quiet night. The index on the field alone answers; who is deleted is another index's to say.
SELECT COUNT(*), GROUP_CONCAT(id), GROUP_CONCAT(idnumber SEPARATOR '\n')
  FROM {user} WHERE idnumber <> '' AND id <> %(guest)s AND id > %(above)s AND id <= %(upto)s
   AND id NOT IN (SELECT id FROM {user} WHERE deleted <> 0);

-- name: people_username
-- Usernames belong to a host of the network: only the site's own people count.
SELECT COUNT(*), GROUP_CONCAT(id), GROUP_CONCAT(username SEPARATOR '\n')
  FROM {user} WHERE username <> '' AND id <> %(guest)s AND id > %(above)s AND id <= %(upto)s AND mnethostid = %(host)s
   AND id NOT IN (SELECT id FROM {user} WHERE deleted <> 0);

-- name: people_email
-- As above, by address.
SELECT COUNT(*), GROUP_CONCAT(id), GROUP_CONCAT(email SEPARATOR '\n')
  FROM {user} WHERE email <> '' AND id <> %(guest)s AND id > %(above)s AND id <= %(upto)s
   AND id NOT IN (SELECT id FROM {user} WHERE deleted <> 0);
