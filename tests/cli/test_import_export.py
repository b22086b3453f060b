"""``python -m magroup import`` and ``export`` with real files and databases."""

import contextlib
import io
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from magroup.cli import import_
from magroup.cli.export import export_company
from magroup.cli.import_ import import_company
from magroup.data_folder import DataFolder
from magroup.model.configuration import Configuration
from magroup.model.numbers import NumberPlan
from magroup.model.presence import Presence
from magroup.store import database_url, load, load_state, once
from magroup.store.sealing import keyed
from magroup.store.settings import save_settings

TREE = Path(__file__).parents[2]
DEMO = TREE / "resources/demo/company.toml"


class ImportExportTests(SynchronousTestCase):
    """Both commands on a data folder."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()
        self.data = self.folder / "data"
        self.url = database_url("", self.data)

    def run_command(self, command: object, *arguments: object) -> tuple[int, str, str]:
        """Exit code, standard output and error."""
        output = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
        errors = io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
            code = command([str(argument) for argument in arguments])
        return code, output.buffer.getvalue().decode(), errors.getvalue()

    def loaded(self) -> Configuration:
        return once(self.url, keyed(self.data / "secrets.key", load), NumberPlan())

    def do_import(self, file: Path, *arguments: object) -> tuple[int, str, str]:
        return self.run_command(import_company, "--data", self.data, *arguments, file)

    def do_export(self, *arguments: object) -> tuple[int, str, str]:
        return self.run_command(export_company, "--data", self.data, *arguments)

    def file(self, content: str | bytes, name: str = "company.toml") -> Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def test_there_and_back(self) -> None:
        code, output, errors = self.do_import(DEMO)
        self.assertEqual((code, errors), (0, ""))
        self.assertIn("9 users, 8 lines", output)
        first, second = self.folder / "first.toml", self.folder / "second.toml"
        self.assertEqual(self.do_export(first), (0, "", ""))
        self.assertEqual(self.do_import(first)[0], 0)
        self.assertEqual(self.do_export(second), (0, "", ""))
        self.assertEqual(first.read_bytes(), second.read_bytes())
        self.assertEqual(self.do_export(), (0, first.read_text("utf-8"), ""))

    def test_stored_settings_hold(self) -> None:
        """How numbers are written is what administrators have stored over the file; what is wrong is left out."""
        self.do_import(DEMO)
        stored = {"numbers.country_code": '"41"', "sip.t1": "99"}
        once(self.url, save_settings, {}, stored, 0.0, "Ann")
        file = self.file('format = 1\n[[lines]]\nnumber = "0315551000"\n[[lines]]\nnumber = "+41 31 555 10 00"\n')
        code, _, errors = self.do_import(file)
        self.assertEqual(code, 1)
        self.assertIn("company.toml:5: ", errors)

    def test_presence_of_the_file_is_stored(self) -> None:
        self.do_import(DEMO)
        presence = once(self.url, load_state, 0.0).presence
        self.assertEqual(list(presence), ["leonard.saligny"])
        self.assertEqual(presence["leonard.saligny"].value, Presence.AWAY)
        self.assertGreater(presence["leonard.saligny"].since, 1.7e9)

    def test_export_is_for_its_owner_only(self) -> None:
        self.do_import(DEMO)
        path = self.file("old", "export.toml")
        path.chmod(0o644)
        self.do_export(path)
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["data", "export.toml"])

    def test_numbers_that_begin_with_the_pickup_code(self) -> None:
        """A line and a group; with another code they are taken."""
        company = """
format = 1
[[lines]]
number = "*8"
[[lines]]
number = "*7"
[[groups]]
name = "MA Group"
number = "*8-11"
"""
        code, _, errors = self.do_import(self.file(company))
        self.assertEqual(code, 1)
        for place in ("lines[1].number: *8", "groups[1].number: *8-11"):
            self.assertIn(f"{place} begins with *8, which is the code of a service", errors)
        self.assertNotIn("lines[2]", errors)
        settings = self.file('[calls]\npickup_code = "*5"\n', "magroup.toml")
        self.assertEqual(self.do_import(self.file(company), "--config", settings)[0], 0)

    def test_wrong_file_changes_nothing(self) -> None:
        self.do_import(DEMO)
        before = self.loaded()
        path = self.file('[[lines]]\nnumber = "x"\n\n[[users]]\nstars = 7\n')
        code, output, errors = self.do_import(path)
        self.assertEqual((code, output), (1, ""))
        self.assertEqual(
            [line.removeprefix(str(path)) for line in errors.splitlines()],
            [
                ":2: lines[1].number: x is no phone number: digits, * and #, with or without a + before",
                ":4: users[1].name: is missing",
                ":5: users[1].stars: must be a whole number from 0 to 5",
                f"magroup: {path} is not imported, nothing is changed",
            ],
        )
        self.assertEqual(self.loaded(), before)

    def test_files_that_cannot_be_read(self) -> None:
        self.patch(import_, "LARGEST_FILE", 1 << 20)
        for path, expected in {
            self.folder / "missing.toml": ": cannot be read: No such file or directory",
            self.folder: ": cannot be read: Is a directory",
            self.file(b"\n\n# \xff\n", "latin.toml"): ":3: is not UTF-8 text",
            self.file(b"#" * (1 << 20) + b"\n", "large.toml"): ": is larger than 1 MiB",
        }.items():
            code, _, errors = self.do_import(path)
            self.assertEqual((code, errors.splitlines()[0]), (1, f"{path}{expected}"))
        self.assertFalse(self.data.exists())

    def test_byte_order_mark(self) -> None:
        self.assertEqual(self.do_import(self.file(b"\xef\xbb\xbfformat = 1\n"))[0], 0)

    def test_refused_while_a_server_has_the_folder(self) -> None:
        folder = DataFolder.take(self.data)
        code, _, errors = self.do_import(DEMO)
        folder.release()
        self.assertEqual(code, 1)
        self.assertEqual(errors.count("\n"), 1)
        self.assertIn(f"data folder {self.data} is in use by process", errors)
        self.assertEqual(self.do_import(DEMO)[0], 0)

    def test_export_beside_a_server(self) -> None:
        self.do_import(DEMO)
        folder = DataFolder.take(self.data)
        self.addCleanup(folder.release)
        writer = sqlite3.connect(self.data / "magroup.db", isolation_level=None)
        self.addCleanup(writer.close)
        writer.execute("BEGIN IMMEDIATE")
        code, output, _ = self.do_export()
        self.assertEqual(code, 0)
        self.assertIn("MA Group", output)

    def test_export_of_nothing(self) -> None:
        code, output, errors = self.do_export(self.folder / "new.toml")
        self.assertEqual((code, output, errors.count("\n")), (1, "", 1))
        self.assertIn("No such file", errors)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_export_of_another_schema(self) -> None:
        self.do_import(DEMO)
        with contextlib.closing(sqlite3.connect(self.data / "magroup.db")) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = '0000'")
        code, _, errors = self.do_export()
        self.assertEqual((code, errors.count("\n")), (1, 1))
        self.assertIn("schema 0000", errors)

    def test_export_that_cannot_be_written(self) -> None:
        self.do_import(DEMO)
        code, _, errors = self.do_export(self.folder / "missing" / "x.toml")
        self.assertEqual((code, errors.count("\n")), (1, 1))
        self.assertIn("cannot be written: No such file or directory", errors)

    def test_made_secrets_are_told_of_but_not_shown(self) -> None:
        code, output, _ = self.do_import(self.file('[[lines]]\nnumber = "10"\n'))
        secret = self.loaded().lines[0].secret
        self.assertEqual(code, 0)
        self.assertIn("a SIP secret was made for: 10", output)
        self.assertNotIn(secret, output)
        self.assertNotIn("made", self.do_import(self.file('[[lines]]\nnumber = "10"\n'))[1])
        self.assertEqual(self.loaded().lines[0].secret, secret)

    def test_number_plan_of_the_configuration(self) -> None:
        config = self.file('[numbers]\ncountry_code = "41"\n', "magroup.toml")
        twice = self.file('[[lines]]\nnumber = "0315311111"\n[[lines]]\nnumber = "+41 31 531 11 11"\n')
        self.assertEqual(self.do_import(twice)[0], 0)
        code, _, errors = self.do_import(twice, "--config", config)
        self.assertEqual(code, 1)
        self.assertIn("lines[2].number: +41 31 531 11 11 is used by lines[1] already", errors)

    def test_database_elsewhere(self) -> None:
        url = f"sqlite:///{self.folder / 'other.db'}"
        self.assertEqual(self.do_import(DEMO, "--database", url)[0], 0)
        self.assertEqual(len(once(url, keyed(self.data / "secrets.key", load), NumberPlan()).users), 9)
        self.assertFalse((self.data / "magroup.db").exists())

    def test_wrong_arguments(self) -> None:
        for command in (import_company, export_company):
            for arguments in (["--nonsense"], ["a", "b"], ["--database", "mysql://x", "f"]):
                code, output, errors = self.run_command(command, "--data", self.data, *arguments)
                self.assertEqual((code, output, errors.count("\n")), (1, "", 1), errors)
                self.assertTrue(errors.startswith("magroup: "), errors)
        self.assertEqual(self.run_command(import_company)[0], 1)
        code, output, _ = self.run_command(import_company, "--help")
        self.assertEqual(code, 0)
        self.assertIn("--data DIR", output)

    def test_the_real_commands(self) -> None:
        for arguments in (["import", str(DEMO)], ["export", str(self.folder / "out.toml")]):
            done = subprocess.run(
                [sys.executable, "-m", "magroup", *arguments, "--data", str(self.data)],
                cwd=TREE,
                capture_output=True,
                text=True,
            )
            self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn('name = "MA Group"', (self.folder / "out.toml").read_text("utf-8"))
