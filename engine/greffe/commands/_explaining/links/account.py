"""Whether Moodle knows him, as one person."""

from __future__ import annotations

from greffe.commands._explaining.known import Known
from greffe.commands._explaining.step import step
from greffe.view.chain import Cause, Link, Step


def account_link(known: Known) -> Step:
    """The account that answers to the name."""
    found, text = known.standing.account, known.sought.text
    if known.several:
        who = ", ".join(f"{a} (id {a.id})" for a in known.several)
        return step(
            Link.ACCOUNT,
            f"several accounts answer to {text}: {who}",
            "user",
            cause=Cause.AMBIGUOUS_PERSON,
            todo="Merge the accounts, or leave the number to one of them; no night touches them before.",
        )
    if found is None:
        return step(
            Link.ACCOUNT,
            f"no account answers to {text}: the places wait for one",
            cause=Cause.NO_ACCOUNT,
            todo="Have the account made (the directory, or a person): the places come when it appears, or with the next night.",
        )
    if found.deleted:
        return step(
            Link.ACCOUNT,
            f"the account {found.username} is deleted",
            "user",
            found.id,
            cause=Cause.DELETED_ACCOUNT,
            todo="Make a new account with the same number: a deleted one does not come back.",
        )
    also = "; it is suspended and cannot log in" if found.suspended else ""
    also = also or ("" if found.confirmed else "; it is not confirmed and cannot log in")
    what = f"{found}, idnumber {found.idnumber or '(none)'}{also}"
    return step(Link.ACCOUNT, what, "user", found.id, found.made)
