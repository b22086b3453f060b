"""What a migration may do: nodes of the version before go on with the database, one after the other is upgraded."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Inspector, inspect, text
from twisted.trial.unittest import SynchronousTestCase

from magroup.store import migrate, once
from magroup.store import migrations as folder_of_migrations
from tests.peers import postgresql

SINCE = "0012"
"""Nodes of an older version are stopped before the first one of this is started."""


def versions() -> list[str]:
    """From ``SINCE`` to the newest."""
    config = Config()
    config.set_main_option("script_location", str(Path(folder_of_migrations.__path__[0])))
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions(SINCE, "heads")][::-1]


def obstacles(before: Inspector, after: Inspector) -> Iterator[str]:
    """What would stop a program that knows the tables as they were ``before``."""
    remaining = set(after.get_table_names())
    for table in before.get_table_names():
        if table not in remaining:
            yield f"{table} is gone"
            continue
        old = {column["name"]: column for column in before.get_columns(table)}
        new = {column["name"]: column for column in after.get_columns(table)}
        yield from (f"{table}.{name} is gone" for name in old if name not in new)
        for name, column in new.items():
            if name not in old and not column["nullable"] and column["default"] is None:
                yield f"{table}.{name} needs a value that older versions do not give"
            elif name in old and old[name]["nullable"] and not column["nullable"]:
                yield f"{table}.{name} may not be empty any more"
            elif name in old and str(old[name]["type"]) != str(column["type"]):
                yield f"{table}.{name} is something else"
        known = _unique(before, table)
        yield from (f"{table}: {', '.join(names)} must be unique" for names in _unique(after, table) - known)


def _unique(database: Inspector, table: str) -> set[tuple[str, ...]]:
    names = [one["column_names"] for one in database.get_unique_constraints(table)]
    names += [one["column_names"] for one in database.get_indexes(table) if one["unique"]]
    return {tuple(str(name) for name in some) for some in names}


class Migrations(SynchronousTestCase):
    def url(self, name: str) -> str:
        folder = Path(self.mktemp())
        folder.mkdir()
        return f"sqlite:///{folder.absolute() / name}"

    def test_older_versions_go_on(self) -> None:
        """Each step from the first version that several nodes run."""
        url = self.url("magroup.db")
        before: Inspector | None = None
        for version in versions():
            once(url, migrate, version)
            after = once(url, _looked_at)
            if before is not None:
                self.assertEqual(list(obstacles(before, after)), [], version)
            before = after

    def test_obstacles(self) -> None:
        """Each kind is found; what only adds is none."""
        old, new = self.url("old.db"), self.url("new.db")
        for url, statements in (
            (old, ("CREATE TABLE a (x INTEGER, y TEXT, z TEXT)", "CREATE TABLE b (x INTEGER)")),
            (new, ("CREATE TABLE a (x TEXT, z TEXT NOT NULL, n TEXT NOT NULL, o TEXT NOT NULL DEFAULT '', p TEXT)",
                   "CREATE UNIQUE INDEX u ON a (z)", "CREATE TABLE c (x INTEGER NOT NULL)")),
        ):  # fmt: skip
            once(url, _done, statements)
        found = sorted(obstacles(once(old, _looked_at), once(new, _looked_at)))
        self.assertEqual(found, [
            "a.n needs a value that older versions do not give", "a.x is something else", "a.y is gone",
            "a.z may not be empty any more", "a: z must be unique", "b is gone",
        ])  # fmt: skip

    def test_two_nodes_at_once(self) -> None:
        """One makes the schema, the other one waits and finds it."""
        database, name = postgresql.server(), postgresql.new_name()
        database.make(name, postgresql.EMPTY)
        self.addCleanup(database.drop, name)
        done: list[bool] = []
        nodes = [Thread(target=lambda: done.append(once(database.url(name), migrate))) for _ in range(3)]
        for node in nodes:
            node.start()
        for node in nodes:
            node.join(60)
        self.assertEqual(sorted(done), [False, False, True])


def _looked_at(connection: Connection) -> Inspector:
    """Everything is read now: the connection does not stay."""
    found = inspect(connection)
    for table in found.get_table_names():
        found.get_columns(table)
        found.get_unique_constraints(table)
        found.get_indexes(table)
    return found


def _done(connection: Connection, statements: tuple[str, ...]) -> None:
    for statement in statements:
        connection.execute(text(statement))
