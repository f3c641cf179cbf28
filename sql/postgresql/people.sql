-- name: people_idnumber
-- Everybody who has an idnumber, as two strings in one order: tens of thousands of rows would take a driver longer than
-- all the rest of a quiet night.
SELECT COUNT(*), string_agg(id::text, ','), string_agg(idnumber, E'\n')
  FROM {user} WHERE idnumber <> '' AND id <> %(guest)s AND id > %(above)s AND id <= %(upto)s
   AND deleted = 0;

-- name: people_username
-- Usernames belong to a host of the network: only the site's own people count.
SELECT COUNT(*), string_agg(id::text, ','), string_agg(username, E'\n')
  FROM {user} WHERE username <> '' AND id <> %(guest)s AND id > %(above)s AND id <= %(upto)s AND mnethostid = %(host)s
   AND deleted = 0;

-- name: people_email
-- As above, by address.
SELECT COUNT(*), string_agg(id::text, ','), string_agg(email, E'\n')
  FROM {user} WHERE email <> '' AND id <> %(guest)s AND id > %(above)s AND id <= %(upto)s
   AND deleted = 0;
