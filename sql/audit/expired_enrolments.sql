-- name: expired_enrolments
-- Active enrolments whose end has passed, by method.
-- why: They give no access any more, but count as active in reports, and come back to life if somebody moves the end.
-- severity: info
-- mend: Set what the method does after the end (manual, self: Enrolment expiry action), or suspend them.
-- cost: one walk through user_enrolments
SELECT ue.enrolid, COUNT(*) AS people, MIN(ue.timeend) AS earliest, MAX(ue.timeend) AS latest
  FROM {user_enrolments} ue
 WHERE ue.status = 0 AND ue.timeend > 0 AND ue.timeend < {clock}
 GROUP BY ue.enrolid;
