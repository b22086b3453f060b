"""``python -m magroup backup`` and ``restore``: damaged files, harmful ones, folders that are not empty."""

import contextlib
import io
import stat
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, text
from twisted.trial.unittest import SynchronousTestCase

from magroup.cli.backup.commands import backup, copy, restore
from magroup.cli.backup.manifest import KEPT, NAME, is_safe
from magroup.cli.import_ import import_company
from magroup.data_folder import DataFolder
from magroup.model.numbers import NumberPlan
from magroup.store import database_url, load, migrate, once
from magroup.store.key_file import write_keys
from magroup.store.keyring import Keyring
from magroup.store.sealing import keyed
from tests.cli.test_import_export import DEMO

PLAN = NumberPlan()


class BackupTests(SynchronousTestCase):
    """The demo company, a sound and a message."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()
        self.data, self.file = self.folder / "data", self.folder / "backup.zip"
        self.key = self.data / "secrets.key"
        self.run_command(import_company, "--data", self.data, DEMO)
        for name in ("sounds/Welcome.wav", "mailboxes/10/m.wav", "pictures/a.png", "journal/.half", "reports/r.xlsx"):
            path = self.data / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(name.encode() * 1000)

    def run_command(self, command: object, *arguments: object) -> tuple[int, str, str]:
        """Exit code, standard output and error."""
        output, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
            code = command([str(argument) for argument in arguments])
        return code, output.getvalue(), errors.getvalue()

    def backup(self) -> str:
        code, output, errors = self.run_command(backup, "--data", self.data, self.file)
        self.assertEqual(code, 0, errors)
        return output + errors

    def restore(self, data: Path, *arguments: object) -> tuple[int, str]:
        keys = () if "--key-file" in arguments else ("--key-file", self.key)
        code, output, errors = self.run_command(restore, "--data", data, *keys, *arguments, self.file)
        return code, output + errors

    def refused(self, words: str) -> None:
        """It is refused, and a folder that was not there is left without anything."""
        other = self.folder / "refused"
        code, said = self.restore(other)
        self.assertEqual((code, said.count("\n")), (1, 1), said)
        self.assertIn(words, said)
        self.assertFalse([path for path in other.rglob("*") if path.name != "magroup.lock"] if other.exists() else [])

    def test_there_and_back(self) -> None:
        said = self.backup()
        self.assertRegex(said, r"backup.zip: \d\d tables, \d+ rows, 3 files \(0.1 MB\), looked through\n.*$")
        self.assertRegex(said, r"\npasswords are in it encrypted with the key [0-9a-f]{16}: keep the key file too")
        self.assertEqual(stat.S_IMODE(self.file.stat().st_mode), 0o600)
        other = self.folder / "new" / "data"
        self.assertEqual(self.restore(other)[0], 0)
        self.assertEqual(
            once(database_url("", other), keyed(self.key, load), PLAN),
            once(database_url("", self.data), keyed(self.key, load), PLAN),
        )  # fmt: skip
        found = sorted(str(path.relative_to(other)) for path in other.rglob("*") if path.is_file())
        self.assertEqual(
            [name for name in found if not name.startswith("magroup.")],
            ["mailboxes/10/m.wav", "pictures/a.png", "sounds/Welcome.wav"],
        )
        self.assertEqual((other / "pictures/a.png").read_bytes(), (self.data / "pictures/a.png").read_bytes())

    def test_journals_of_workers(self) -> None:
        """Each is there; what only looks like one is not."""
        for folder in ("journal", "journal-2", "journal-16", "journal-x", "journal-200"):
            path = self.data / folder / "1.jsonl"
            path.parent.mkdir(exist_ok=True)
            path.write_text(folder)
        self.backup()
        other = self.folder / "new" / "data"
        self.assertEqual(self.restore(other)[0], 0)
        found = {path.parent.name: path.read_text() for path in other.glob("journal*/*.jsonl")}
        self.assertEqual(found, {name: name for name in ("journal", "journal-2", "journal-16")})

    def test_keys(self) -> None:
        """No password is in it, and it is of use with its keys only, which may be where they are to be already."""
        self.backup()
        secrets = [line.secret for line in once(database_url("", self.data), keyed(self.key, load), PLAN).lines]
        with ZipFile(self.file) as archive:
            everything = b"".join(map(archive.read, archive.namelist()))
        self.assertTrue(all(secrets))
        self.assertEqual([secret for secret in secrets if secret.encode() in everything], [])
        self.assertFalse(self.key.read_bytes().split()[-1] in everything)
        other = self.folder / "other"
        code, said = self.restore(other, "--key-file", other / "secrets.key")
        self.assertEqual((code, said.count("\n")), (1, 1))
        self.assertIn("secrets.key is missing: passwords in the database are encrypted with the key", said)
        write_keys(other / "secrets.key", Keyring.new())
        code, said = self.restore(other, "--key-file", other / "secrets.key")
        self.assertEqual((code, said.count("\n")), (1, 1))
        self.assertIn("is not that of this database", said)
        self.assertEqual({path.name for path in other.iterdir()}, {"secrets.key", "magroup.lock"})
        (other / "secrets.key").write_bytes(self.key.read_bytes())
        self.assertEqual(self.restore(other, "--key-file", other / "secrets.key")[0], 0)

    def test_of_a_version_without_keys(self) -> None:
        """What is in it in clear text is encrypted where it is put back."""

        def older(connection: Connection) -> None:
            migrate(connection, "0011")
            connection.execute(text("INSERT INTO lines VALUES ('1047', 's3cret', '', 0, 0, NULL)"))

        old = self.folder / "old"
        once(self.made(database_url("", old), old), older)
        code, said, _ = self.run_command(backup, "--data", old, self.file)
        self.assertEqual(code, 0)
        self.assertIn("are in it in clear text", said)
        other = self.folder / "other"
        self.assertEqual(self.restore(other, "--key-file", other / "secrets.key")[0], 0)
        self.assertNotIn(b"s3cret", b"".join(path.read_bytes() for path in other.glob("magroup.db*")))
        (line,) = once(database_url("", other), keyed(other / "secrets.key", load), PLAN).lines
        self.assertEqual(line.secret, "s3cret")

    def test_only_looked_through(self) -> None:
        self.backup()
        code, said = self.restore(self.folder / "other", "--check")
        self.assertEqual((code, said.count("looked through")), (0, 1))
        self.assertFalse((self.folder / "other").exists())

    def test_never_over_something(self) -> None:
        self.backup()
        self.assertIn("is not empty", self.restore(self.data)[1])
        other = self.folder / "other"
        once(self.made(database_url("", other), other), migrate)
        self.assertIn("the database is not empty", self.restore(other)[1])
        self.assertEqual([path.name for path in other.iterdir() if path.is_dir()], [])

    def made(self, url: str, folder: Path) -> str:
        folder.mkdir()
        return url

    def test_in_use(self) -> None:
        self.backup()
        held = DataFolder.take(self.folder / "other")
        self.addCleanup(held.release)
        self.assertIn("is in use by process", self.restore(self.folder / "other")[1])

    def test_no_file(self) -> None:
        self.refused("No such file")
        self.file.write_bytes(b"rubbish")
        self.refused("it is damaged: File is not a zip file")

    def test_what_is_no_file_is_told(self) -> None:
        (self.data / "sounds/Link.wav").symlink_to("/nowhere")
        self.assertIn("sounds/Link.wav is no file", self.backup())

    def test_cannot_be_written(self) -> None:
        code, _, errors = self.run_command(backup, "--data", self.data, self.folder / "missing" / "backup.zip")
        self.assertEqual((code, errors.count("\n")), (1, 1))
        code, _, errors = self.run_command(backup, "--data", self.folder / "nothing", self.file)
        self.assertEqual((code, errors.count("\n")), (1, 1))
        self.assertEqual(list(self.folder.glob(".backup*")), [])

    def test_cut_off(self) -> None:
        self.backup()
        whole = self.file.read_bytes()
        for length in (len(whole) - 1, len(whole) // 2, 30):
            self.file.write_bytes(whole[:length])
            self.refused("it is damaged")

    def test_one_byte_is_another(self) -> None:
        """Wherever it is, in the middle of any file or row."""
        self.backup()
        whole = self.file.read_bytes()
        with ZipFile(self.file) as archive:
            entries = [one for one in archive.infolist() if one.file_size]
        # A local header has 30 bytes, the name, and what is at 28 in it says how long (APPNOTE.TXT 4.3.7).
        starts = [(one, one.header_offset + 30 + len(one.filename)) for one in entries]
        for one, start in starts:
            if one.filename == NAME:
                continue
            extra = int.from_bytes(whole[one.header_offset + 28 :][:2], "little")
            place = start + extra + one.compress_size // 2
            self.file.write_bytes(whole[:place] + bytes((whole[place] ^ 0x55,)) + whole[place + 1 :])
            self.refused("")

    def changed(self, change: object) -> None:
        """The backup with another list of contents, its files as they were."""
        self.backup()
        with ZipFile(self.file) as archive:
            entries = {name: archive.read(name) for name in archive.namelist()}
        listed = msgspec.json.decode(entries[NAME])
        change(listed, entries)
        entries[NAME] = msgspec.json.encode(listed)
        with ZipFile(self.file, "w", ZIP_DEFLATED) as archive:
            for name, content in entries.items():
                archive.writestr(name, content)

    def test_names_that_lead_elsewhere(self) -> None:
        for name in ("../evil", "/etc/evil", "sounds/../../evil", "magroup.db", "sounds", "sounds//x", "sounds/\n"):

            def change(listed: dict, entries: dict, name: str = name) -> None:
                listed["files"][name] = {"size": 1, "sha256": "0" * 64}
                entries[name] = b"x"

            self.changed(change)
            self.refused("a name that cannot be")

    def test_more_or_less_than_it_says(self) -> None:
        self.changed(lambda listed, entries: entries.update(more=b"x"))
        self.refused("does not hold what it says")
        self.changed(lambda listed, entries: entries.pop("pictures/a.png"))
        self.refused("does not hold what it says")
        self.changed(lambda listed, entries: entries.update({"pictures/a.png": b"x" * 10_000_000}))
        self.refused("it is damaged: pictures/a.png")

    def test_of_another_time(self) -> None:
        self.changed(lambda listed, entries: listed.update(format=2))
        self.refused("made by a newer magroup")
        self.changed(lambda listed, entries: listed.update(schema="9999"))
        self.refused("made by a newer magroup")
        self.changed(lambda listed, entries: listed.update(schema="0005"))
        self.refused("schema 0005 has other tables than the backup")

    def test_rows_that_are_none(self) -> None:
        for line in (b"[]", b"{}", b"x", b'["a"]', b"[" * 100_000, b"[1,2,3,4,5,6,7]"):

            def change(listed: dict, entries: dict, line: bytes = line) -> None:
                from magroup.store.dump import Sum

                found = Sum()
                found.add(line)
                entries["tables/groups.jsonl"] = line + b"\n"
                listed["tables"]["groups"] |= {"rows": 1, "sum": found.text}

            self.changed(change)
            self.refused("table groups")

    @given(st.text(max_size=20) | st.lists(st.sampled_from([*KEPT, "..", ".", "", "a"]), max_size=4).map("/".join))
    def test_safe_names(self, name: str) -> None:
        if is_safe(name):
            found = (Path("/data") / name).resolve()
            self.assertIn(found.relative_to("/data").parts[0], KEPT)
            self.assertNotEqual(len(found.relative_to("/data").parts), 1)


class CopyTests(SynchronousTestCase):
    def test_copied_and_refused(self) -> None:
        folder = Path(self.mktemp()).absolute()
        data = folder / "data"
        target = f"sqlite:///{folder / 'new.db'}"
        run = BackupTests.run_command
        run(self, import_company, "--data", data, DEMO)  # type: ignore[arg-type]
        code, said, _ = run(self, copy, "--data", data, target)  # type: ignore[arg-type]
        self.assertEqual(code, 0)
        self.assertRegex(said, r"new.db: \d\d tables, \d+ rows, compared\n$")
        loaded = keyed(data / "secrets.key", load)
        self.assertEqual(once(target, loaded, PLAN), once(database_url("", data), loaded, PLAN))
        code, _, errors = run(self, copy, "--data", data, target)  # type: ignore[arg-type]
        self.assertIn("not empty", errors)
        held = DataFolder.take(data)
        self.addCleanup(held.release)
        self.assertIn("is in use", run(self, copy, "--data", data, f"{target}2")[2])  # type: ignore[arg-type]
