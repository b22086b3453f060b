"""Bringing a database to the schema of this program; Alembic is imported only where there is something to do."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

from magroup.store.errors import StoreError

SCHEMA_VERSION = "0012"
"""The revision of the last module in ``migrations/versions``."""

_LOCK = 0x6D6167726F7570


def migrate(connection: Connection, wanted: str = SCHEMA_VERSION) -> bool:
    """Make or update the schema within the caller's transaction; True when something was done.

    Raises StoreError for a database that a newer magroup, or another program, has made, and for a version ``wanted``
    that this one does not know.
    """
    stored = stored_version(connection)
    if stored == wanted:
        return False
    if connection.dialect.name == "postgresql":
        # Another node may be at it.
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        stored = stored_version(connection)
        if stored == wanted:
            return False
    _upgrade(connection, stored, wanted)
    return True


def check_version(connection: Connection) -> None:
    """StoreError unless the database has the schema of this program."""
    stored = stored_version(connection)
    if stored != SCHEMA_VERSION:
        raise StoreError(
            f"the database has schema {stored or 'none'}, this magroup has {SCHEMA_VERSION}: start the server once"
        )


def stored_version(connection: Connection) -> str:
    """The revision that the database is at, "" for an empty one."""
    tables = inspect(connection).get_table_names()
    if "alembic_version" in tables:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
        if len(found) == 1:
            return str(found[0])
    if tables:
        raise StoreError("the database holds tables of another program")
    return ""


def _upgrade(connection: Connection, stored: str, wanted: str) -> None:
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.runtime.migration import MigrationContext, RevisionStep
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    known = {script.revision for script in scripts.walk_revisions()}
    for version in (stored, wanted):
        if version and version not in known:
            raise StoreError(
                f"the database has schema {version}, made by a newer magroup; this one knows {SCHEMA_VERSION}"
            )

    def steps(revision: Any, _context: MigrationContext) -> list[RevisionStep]:
        return scripts._upgrade_revs(wanted, revision)

    with EnvironmentContext(config, scripts, fn=steps, destination_rev=wanted) as environment:
        environment.configure(connection=connection, transactional_ddl=True)
        environment.run_migrations()
