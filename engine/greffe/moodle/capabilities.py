"""Whether a person may do something in a course, as Moodle would answer (lib/accesslib.php, has_capability_in_accessdata)."""

from __future__ import annotations

from collections.abc import Sequence

from greffe.moodle.catalogue import Catalogue
from greffe.moodle.database import Database

_ALLOW, _PROHIBIT = 1, -1000


def may(db: Database, catalogue: Catalogue, user: int, capability: str, contexts: Sequence[int]) -> bool:
    """``contexts``: ids of the course's context and of those above it. A role switched in a session is not seen from here."""
    if str(user) in catalogue.settings.get("siteadmins", "").split(","):
        return True
    roles = {int(r) for (r,) in db.query("roles_of_person", user=user, contexts=list(contexts))}
    roles.add(int(catalogue.settings.get("defaultuserroleid") or 0))
    found = db.query("permissions", capability=capability, contexts=list(contexts), roles=sorted(roles))
    if any(int(permission) == _PROHIBIT for _, permission in found):
        return False
    # of each role the deepest context decides
    said: dict[int, int] = {}
    for role, permission in found:
        said.setdefault(int(role), int(permission))
    return _ALLOW in said.values()
