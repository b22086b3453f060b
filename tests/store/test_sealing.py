"""Secrets in the database are encrypted with the keys of a file: begun, read, turned, and refused without them."""

import os
import stat
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.configuration import Configuration
from magroup.model.lines import Line, Phone, Trunk
from magroup.store import StoreError, load, replace_all
from magroup.store.engine import open_engine, transaction
from magroup.store.key_file import key_path, read_keys, write_keys
from magroup.store.keyring import Keyring, id_of, keys_in_use
from magroup.store.saving import save
from magroup.store.sealing import key_of, keyed, prepare, rotate
from magroup.store.settings import load_settings, save_settings
from tests.store.databases import SqliteFile, new_database

COMPANY = Configuration(
    lines=(Line("1047", secret="s3cret of 1047"), Line("1048"), Line("1049", secret="sealed1:looks like one")),
    phones=(Phone("SEP1", model="8845", push_user="u", push_password="p4ss of SEP1", token="t0ken of SEP1"),),
    trunks=(Trunk(1, "Carrier", "192.0.2.1", user_name="u", password="zürich 🔑"),),
)
REDIS = {"redis.url": '"redis://:r3dis@r/0"'}
SECRETS = ("s3cret", "p4ss", "t0ken", "rich", "r3dis")


class SealingTestCase(SynchronousTestCase):
    """A database with clear text, as an older version has left it, and the place of a key file."""

    def setUp(self) -> None:
        self.database = new_database(self)
        self.engines: list[Engine] = []
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()
        self.path = self.folder / "secrets.key"
        self.database.do(replace_all, COMPANY)
        self.database.do(save_settings, {}, REDIS, 0.0, "Ann")
        self.assertEqual([secret in self.stored() for secret in SECRETS], [True] * len(SECRETS))

    def stored(self) -> str:
        """All that is in the columns, as it is there."""
        statements = (
            "secret FROM lines", "push_password, token FROM phones", "password FROM trunks", "value FROM settings",
        )  # fmt: skip
        return "\n".join(str(row) for one in statements for row in self.database.rows(text(f"SELECT {one}")))

    def again(self, work: Any, *args: Any) -> Any:
        """As another program, which knows no keys yet."""
        engine = open_engine(self.database.url)
        self.addCleanup(engine.dispose)
        self.engines.append(engine)
        return transaction(engine, work, *args)

    def refused(self, words: str, work: Any, *args: Any) -> None:
        before = self.stored()
        with self.assertRaisesRegex(StoreError, words) as caught:
            self.again(work, *args)
        self.assertNotIn("\n", str(caught.exception))
        self.assertEqual(self.stored(), before)


class BeginningTests(SealingTestCase):
    """At the first start of this version."""

    def test_what_is_there(self) -> None:
        before = self.database.do(load, COMPANY.plan)
        self.assertFalse(self.again(prepare, self.path))
        self.assertEqual([secret for secret in SECRETS if secret in self.stored()], [])
        self.assertEqual(self.again(keyed(self.path, load), COMPANY.plan), before)
        self.assertEqual(self.again(keyed(self.path, load_settings)), REDIS)

    def test_nothing_is_left_in_the_file(self) -> None:
        """SQLite does not clean up by itself; PostgreSQL does it later, and its dumps never have what was there."""
        if isinstance(self.database, SqliteFile):
            file = self.database.file
            self.database.close()
            self.assertIn(b"s3cret", file.read_bytes())
            self.again(prepare, self.path)
            self.engines[-1].dispose()
            found = b"".join(path.read_bytes() for path in file.parent.glob("magroup.db*"))
            self.assertEqual([secret for secret in SECRETS if secret.encode() in found], [])

    def test_file(self) -> None:
        """It is made for its owner only; nothing that is empty is encrypted."""
        self.again(prepare, self.path)
        self.assertEqual(stat.S_IMODE(self.path.stat().st_mode), 0o600)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["secrets.key"])
        self.assertEqual(self.database.rows(text("SELECT secret FROM lines WHERE number = '1048'")), [("",)])

    def test_file_that_is_there(self) -> None:
        mine = Keyring.new()
        write_keys(self.path, mine)
        self.again(prepare, self.path)
        self.assertEqual(self.again(key_of), mine.id)

    def test_second_start(self) -> None:
        self.again(prepare, self.path)
        before, content = self.stored(), self.path.read_bytes()
        self.again(prepare, self.path)
        self.assertEqual((self.stored(), self.path.read_bytes()), (before, content))

    def test_nothing_is_half_done(self) -> None:
        """The file is there before the database needs it, and is used by the next start."""

        def fails(connection: Any) -> None:
            prepare(connection, self.path)
            raise KeyError

        before = self.stored()
        self.assertRaises(KeyError, self.again, fails)
        self.assertEqual((self.stored(), self.again(key_of)), (before, ""))
        made = read_keys(self.path)
        self.again(prepare, self.path)
        self.assertEqual(self.again(key_of), made.id if made else "")

    def test_changes(self) -> None:
        """What is different is written encrypted, and only that."""

        def change(connection: Any) -> Configuration:
            old = load(connection, COMPANY.plan)
            return save(connection, old, old.changed(lines=(*old.lines[1:], Line("1047", secret="n3w"))))

        self.again(prepare, self.path)
        others = self.database.rows(text("SELECT secret FROM lines WHERE number <> '1047'"))
        saved = self.again(keyed(self.path, change))
        self.assertNotIn("n3w", self.stored())
        self.assertEqual(self.again(keyed(self.path, load), COMPANY.plan), saved)
        self.assertEqual(self.database.rows(text("SELECT secret FROM lines WHERE number <> '1047'")), others)


class RefusalTests(SealingTestCase):
    """Without its keys nothing is read, and nothing changed."""

    def setUp(self) -> None:
        super().setUp()
        self.again(prepare, self.path)

    def test_lost(self) -> None:
        self.path.unlink()
        for work in (prepare, keyed(self.path, load)):
            arguments = (self.path,) if work is prepare else (COMPANY.plan,)
            self.refused(f"secrets.key is missing: passwords .* the key {self.again(key_of)}$", work, *arguments)
        self.assertFalse(self.path.exists())

    def test_another_one(self) -> None:
        write_keys(self.path, Keyring.new(), over=True)
        self.refused(f"is not that of this database, .* the key {self.again(key_of)}$", prepare, self.path)
        self.refused("is not that of this database", rotate, self.path)

    def test_no_keys_at_all(self) -> None:
        self.refused("encrypted: the key file is needed", load, COMPANY.plan)

    def test_open_to_others(self) -> None:
        for mode in (0o604, 0o620, 0o602):
            os.chmod(self.path, mode)
            self.refused("can be read or changed by others", prepare, self.path)
        os.chmod(self.path, 0o640)
        self.again(prepare, self.path)

    def test_damaged_file(self) -> None:
        whole = self.path.read_text()
        for content, words in (
            ("", "no key in it"), ("# nothing\n", "no key in it"), ("rubbish", "line 1 is no key"),
            (whole[:-3] + "\n", "line 3 is "), (whole + "x" * 70_000, "too long"),
            (whole + "0 AAAA\n", "line 4 is damaged"),
            (whole.replace(" ", " \udcff").encode("utf-8", "surrogateescape").decode("latin-1"), "line 3 is no key"),
        ):  # fmt: skip
            self.path.write_text(content)
            self.refused(words, prepare, self.path)

    def test_no_file(self) -> None:
        self.path.unlink()
        self.path.mkdir()
        self.refused("cannot be read: Is a directory", prepare, self.path)

    def test_place_that_is_not_there(self) -> None:
        self.assertRaises(StoreError, write_keys, self.folder / "no" / "key", Keyring.new())
        self.assertRaises(StoreError, write_keys, self.path, Keyring.new())

    def test_moved_to_another_place(self) -> None:
        """Who can write to the database cannot have a password shown in the place of another."""
        self.database.do(lambda c: c.execute(text("UPDATE lines SET secret = (SELECT password FROM trunks)")).close())
        self.refused("lines.secret is damaged", keyed(self.path, load), COMPANY.plan)


class RotationTests(SealingTestCase):
    def test_another_key(self) -> None:
        self.again(prepare, self.path)
        before, old = self.stored(), self.again(key_of)
        new = self.again(rotate, self.path)
        self.assertEqual((self.again(key_of), new == old, old in self.stored()), (new, False, False))
        self.assertEqual(self.again(keyed(self.path, load), COMPANY.plan).lines, COMPANY.lines)
        self.assertNotEqual(self.stored(), before)
        keys = read_keys(self.path)
        self.assertEqual((keys.id if keys else "", old in keys if keys else False), (new, True))

    def test_of_clear_text(self) -> None:
        self.again(rotate, self.path)
        self.assertEqual(self.again(keyed(self.path, load), COMPANY.plan).trunks, COMPANY.trunks)
        self.assertEqual([secret for secret in SECRETS if secret in self.stored()], [])

    def test_that_fails(self) -> None:
        """The database is as it was, and the file opens it."""

        def fails(connection: Any) -> None:
            rotate(connection, self.path)
            raise KeyError

        self.again(prepare, self.path)
        self.assertRaises(KeyError, self.again, fails)
        self.again(prepare, self.path)
        self.assertEqual(self.again(keyed(self.path, load), COMPANY.plan).phones, COMPANY.phones)


class KeyringTests(SynchronousTestCase):
    """By itself."""

    @given(st.text(min_size=1))
    def test_there_and_back(self, secret: str) -> None:
        one, other = Keyring.new(), Keyring.new()
        sealed = one.seal("a.b", secret)
        self.assertEqual((one.open("a.b", sealed), one.turned().open("a.b", sealed)), (secret, secret))
        self.assertNotEqual(one.seal("a.b", secret), sealed)
        self.assertEqual(id_of(sealed), one.id)
        self.assertRaises(StoreError, other.open, "a.b", sealed)
        self.assertRaises(StoreError, one.open, "a.c", sealed)

    @given(st.data())
    def test_one_letter_is_another(self, data: Any) -> None:
        keyring = Keyring.new()
        sealed = keyring.seal("a.b", "secret")
        at = data.draw(st.integers(0, len(sealed) - 1))
        letter = data.draw(st.sampled_from("Aa0:_\n"))
        if sealed[at] != letter:
            self.assertRaises(StoreError, keyring.open, "a.b", sealed[:at] + letter + sealed[at + 1 :])

    def test_rubbish(self) -> None:
        keyring = Keyring.new()
        mine = f"sealed1:{keyring.id}:"
        for stored in ("", "x", mine, f"{mine}A", f"{mine}AAAA", "sealed1::="):
            self.assertRaises(StoreError, keyring.open, "a.b", stored)

    def test_an_engine_without_keys(self) -> None:
        database = new_database(self)
        self.assertIsNone(database.do(keys_in_use))

    def test_place_of_the_file(self) -> None:
        self.assertEqual(key_path("", Path("/data")), Path("/data/secrets.key"))
        self.assertEqual(key_path("/etc/magroup.key", Path("/data")), Path("/etc/magroup.key"))
