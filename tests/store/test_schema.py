"""Migrations lead to the tables, and databases that are none of ours are refused."""

import subprocess
import sys
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from twisted.trial.unittest import SynchronousTestCase

from magroup.store import StoreError, migrate, once
from magroup.store import migrations as folder_of_migrations
from magroup.store.schema import SCHEMA_VERSION, stored_version
from magroup.store.tables import metadata

TREE = Path(__file__).parents[2]


def statements(connection: Connection) -> set[frozenset[str]]:
    """What SQLite keeps of each table and index, whatever the order of the constraints."""
    found = connection.execute(
        text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name <> 'alembic_version'")
    )
    return {frozenset(" ".join(statement.split()).removesuffix(" )").split(", ")) for statement in found.scalars()}


class SchemaTests(SynchronousTestCase):
    """``migrate`` on SQLite files."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        self.folder.mkdir()
        self.url = self.url_of("magroup.db")

    def url_of(self, name: str) -> str:
        return f"sqlite:///{self.folder.absolute() / name}"

    def test_migrations_make_the_tables(self) -> None:
        self.assertTrue(once(self.url, migrate))

        def differences(connection: Connection) -> object:
            return compare_metadata(
                MigrationContext.configure(connection, opts={"compare_server_default": True}), metadata
            )

        self.assertEqual(once(self.url, differences), [])

    def test_constraints_and_indexes_too(self) -> None:
        once(self.url, migrate)
        once(self.url_of("other.db"), metadata.create_all)
        self.assertEqual(once(self.url, statements), once(self.url_of("other.db"), statements))

    def test_version_is_that_of_the_last_migration(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(folder_of_migrations.__path__[0])))
        self.assertEqual(ScriptDirectory.from_config(config).get_heads(), [SCHEMA_VERSION])
        once(self.url, migrate)
        self.assertEqual(once(self.url, stored_version), SCHEMA_VERSION)

    def test_tokens_of_older_versions(self) -> None:
        """Each gets the id of its user; those of nobody go."""

        def older(connection: Connection) -> None:
            migrate(connection, "0004")
            connection.execute(text(
                "INSERT INTO users VALUES (7, 'ann', 'Ann', '', '', '', '', '', 0, '', '', '', '')"
            ))  # fmt: skip
            for id, key in ((1, "ann"), (2, "gone")):
                connection.execute(text(f"INSERT INTO tokens VALUES ({id}, 'k{id}', '{key}', 'x', '[]', 1, 0, 0)"))

        def tokens(connection: Connection) -> list[tuple[object, ...]]:
            return [tuple(row) for row in connection.execute(text("SELECT id, key, user_id, created_at FROM tokens"))]

        once(self.url, older)
        once(self.url, migrate)
        self.assertEqual(once(self.url, tokens), [(1, "k1", 7, 1.0)])
        once(self.url_of("other.db"), metadata.create_all)
        self.assertEqual(once(self.url, statements), once(self.url_of("other.db"), statements))

    def test_phones_of_older_versions(self) -> None:
        """They keep their lines, and have no strip."""

        def older(connection: Connection) -> None:
            migrate(connection, "0007")
            connection.execute(text("INSERT INTO lines VALUES ('1047', '', '', 0, 0, NULL)"))
            connection.execute(text("INSERT INTO phones VALUES ('SEP1', 'sep1', '8845', '', '', '', 'x')"))
            connection.execute(text("INSERT INTO phone_lines VALUES ('SEP1', 1, '1047')"))

        def phones(connection: Connection) -> list[tuple[object, ...]]:
            found = connection.execute(
                text("SELECT device_name, model, token, strip, number FROM phones NATURAL JOIN phone_lines")
            )
            return [tuple(row) for row in found]

        once(self.url, older)
        once(self.url, migrate)
        self.assertEqual(once(self.url, phones), [("SEP1", "8845", "x", 0, "1047")])

    def test_second_time_does_nothing(self) -> None:
        once(self.url, migrate)
        self.assertFalse(once(self.url, migrate))

    def test_alembic_is_imported_only_when_needed(self) -> None:
        once(self.url, migrate)
        program = (
            "import sys; from magroup.store import migrate, once;"
            f"once({self.url!r}, migrate); print('alembic' in sys.modules)"
        )
        done = subprocess.run([sys.executable, "-c", program], cwd=TREE, capture_output=True, text=True, check=True)
        self.assertEqual(done.stdout.strip(), "False")

    def test_newer_database(self) -> None:
        once(self.url, migrate)
        once(self.url, lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'")).rowcount)
        error = self.assertRaises(StoreError, once, self.url, migrate)
        self.assertIn("made by a newer magroup", str(error))

    def test_another_programs_database(self) -> None:
        once(self.url, lambda c: c.execute(text("CREATE TABLE songs (title TEXT)")).close())
        error = self.assertRaises(StoreError, once, self.url, migrate)
        self.assertIn("another program", str(error))

    def test_a_failed_migration_leaves_nothing(self) -> None:
        def migrate_and_fail(connection: Connection) -> None:
            migrate(connection)
            raise KeyError

        self.assertRaises(KeyError, once, self.url, migrate_and_fail)
        self.assertEqual(once(self.url, stored_version), "")
