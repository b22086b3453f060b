"""Opening databases: what cannot be opened is one clear line."""

import os
import sqlite3
import stat
from pathlib import Path

from sqlalchemy import Connection, Engine, event, text
from twisted.trial.unittest import SynchronousTestCase

from magroup.store import StoreError, database_url, migrate, once
from magroup.store.engine import open_engine, shown, transaction
from tests.peers import postgresql


def pragmas(connection: Connection) -> list[object]:
    return [connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "foreign_keys", "synchronous")]


class _Told(Exception):
    """Ends a connection before it is made."""


class OpenTests(SynchronousTestCase):
    """``open_engine`` and ``once``."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()
        self.file = self.folder / "magroup.db"
        self.url = database_url("", self.folder)

    def refused(self, url: str) -> str:
        message = str(self.assertRaises(StoreError, once, url, migrate))
        self.assertNotIn("\n", message)
        return message

    def test_default_url(self) -> None:
        self.assertEqual(self.url, f"sqlite:///{self.file}")
        self.assertEqual(database_url("postgresql://db/x", self.folder), "postgresql://db/x")

    def connected_with(self, engine: Engine) -> dict[str, object]:
        """What the driver would be told."""
        told: dict[str, object] = {}

        @event.listens_for(engine, "do_connect")
        def asked(dialect: object, record: object, arguments: object, named: dict[str, object]) -> None:
            told.update(named)
            raise _Told

        self.assertRaises(_Told, engine.connect)
        return told

    def test_a_server_that_is_cut_off(self) -> None:
        """It is given up soon, unless the URL says when."""
        for url in ("postgresql://db/x", "postgresql://db/x?connect_timeout=30"):
            told = self.connected_with(open_engine(url))
            self.assertEqual(told["tcp_user_timeout"], "10000")
            self.assertEqual(told["connect_timeout"], "30" if "?" in url else "5")

    def test_wal_foreign_keys_and_full_synchronisation(self) -> None:
        self.assertEqual(once(self.url, pragmas), ["wal", 1, 2])

    def test_file_is_for_its_owner_only(self) -> None:
        before = os.umask(0)
        try:
            once(self.url, migrate)
        finally:
            os.umask(before)
        self.assertEqual(stat.S_IMODE(self.file.stat().st_mode), 0o600)

    def test_another_encoding_than_utf8(self) -> None:
        """PostgreSQL makes such databases where the system has no locale."""
        server = postgresql.server()
        name = postgresql.new_name()
        server.make(name, f"{postgresql.EMPTY} ENCODING SQL_ASCII")
        self.addCleanup(server.drop, name)
        self.assertIn("has the encoding SQL_ASCII: make one by createdb", self.refused(server.url(name)))

    def test_not_a_database(self) -> None:
        self.file.write_bytes(b"a letter to somebody, much longer than a header" * 100)
        self.assertIn("file is not a database", self.refused(self.url))

    def test_damaged(self) -> None:
        once(self.url, migrate)
        with self.file.open("r+b") as file:
            file.seek(100)
            file.write(b"\xff" * 8000)
        self.assertIn(str(self.file), self.refused(self.url))

    def test_no_folder(self) -> None:
        self.assertIn("No such file or directory", self.refused(f"sqlite:///{self.folder}/missing/magroup.db"))

    def test_a_folder(self) -> None:
        self.assertIn("Is a directory", self.refused(f"sqlite:///{self.folder}"))

    def test_memory_is_no_database(self) -> None:
        for url in ("sqlite:///", "sqlite:///:memory:"):
            self.assertIn("needs a file", self.refused(url))
        self.assertIn("sqlite:///", self.refused("sqlite://"))

    def test_rubbish(self) -> None:
        for url in ("", "magroup", "postgresql://host:port:1/"):
            self.assertIn("URL", self.refused(url))

    def test_passwords_are_not_shown(self) -> None:
        self.assertEqual(shown("postgresql+psycopg://magroup:hush@db/x"), "postgresql://magroup:***@db/x")
        self.assertNotIn("hush", self.refused("mysql://magroup:hush@db/x"))

    def test_odd_folder_names(self) -> None:
        folder = self.folder / "what? a#b %20 c"
        folder.mkdir()
        once(database_url("", folder), migrate)
        self.assertTrue((folder / "magroup.db").is_file())

    def test_locked_by_another_process(self) -> None:
        once(self.url, migrate)
        other = sqlite3.connect(self.file, isolation_level=None)
        self.addCleanup(other.close)
        other.execute("BEGIN EXCLUSIVE")
        engine = open_engine(self.url, busy_timeout=0.01)
        self.addCleanup(engine.dispose)
        error = self.assertRaises(StoreError, transaction, engine, migrate)
        self.assertIn("database is locked", str(error))
