"""``[moodle]``: the site's database, and how Greffe works on it."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from greffe.config.amounts import Duration, Port
from greffe.config.secret import Secret
from greffe.config.strict import Strict


class Moodle(Strict, frozen=True, kw_only=True):
    """The site's database: from Moodle's own config.php, from the keys here, or both (these win)."""

    config_php: str | None = None
    """Moodle's config.php; read, never run."""
    type: Literal["mariadb", "mysqli", "pgsql"] | None = None
    """The database, as Moodle's ``$CFG->dbtype``."""
    host: str | None = None
    """Address of the server; on PostgreSQL also the directory of its socket."""
    port: Port | None = None
    """Default: the database's own."""
    socket: str | None = None
    """The local socket, in place of host and port."""
    name: str | None = None
    """The database."""
    user: str | None = None
    """Greffe's account."""
    password: Secret | None = None
    """Where its password comes from."""
    prefix: str | None = None
    """Of Moodle's tables, as ``$CFG->prefix``."""
    schema: str | None = None
    """PostgreSQL: the schema of Moodle's tables, where it is not the role's own search path."""
    lock_factory: Literal["database", "db_record", "file"] | None = None
    """How Moodle locks its tasks; default: as config.php says, else ``database``, as Moodle."""
    lock_root: str | None = None
    """Directory of Moodle's lock files, for ``lock_factory = "file"``."""
    lock_wait: Duration = "5s"
    """How long a night waits for Moodle's task locks and for another night of Greffe's; then it ends with exit code 6."""
    transaction_rows: Annotated[int, msgspec.Meta(ge=1)] = 10_000
    """Rows that one transaction changes, about: whole courses are never split below this."""
    writers: Annotated[int, msgspec.Meta(ge=1, le=8)] = 3
    """Connections that write a large plan side by side; one more than the server has cores to spare is enough."""
