"""``python -m magroup rotate-key`` and what other commands say without the keys."""

import contextlib
import io
from collections.abc import Callable, Sequence
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from magroup.cli.export import export_company
from magroup.cli.import_ import import_company
from magroup.cli.rotate_key import rotate_key
from magroup.data_folder import DataFolder
from tests.cli.test_import_export import DEMO


class RotateKeyTests(SynchronousTestCase):
    """The demo company with a key file of its own place."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()
        self.data, self.key = self.folder / "data", self.folder / "magroup.key"
        self.assertEqual(self.run_command(import_company, DEMO)[0], 0)

    def run_command(self, command: Callable[[Sequence[str]], int], *arguments: object) -> tuple[int, str]:
        """Exit code, and what was said."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = command(["--data", str(self.data), "--key-file", str(self.key), *map(str, arguments)])
        return code, said.getvalue()

    def exported(self) -> str:
        file = self.folder / "export.toml"
        self.assertEqual(self.run_command(export_company, file), (0, ""))
        return file.read_text("utf-8")

    def test_another_key(self) -> None:
        self.assertFalse((self.data / "secrets.key").exists())
        before, keys = self.exported(), self.key.read_text().splitlines()
        code, said = self.run_command(rotate_key)
        self.assertEqual(code, 0)
        self.assertRegex(said, r"magroup.key: passwords in the database are encrypted with the key [0-9a-f]{16} now\n$")
        self.assertEqual(self.exported(), before)
        now = self.key.read_text().splitlines()
        self.assertEqual((len(now), now[-1]), (len(keys) + 1, keys[-1]))
        self.key.write_text(now[2] + "\n")
        self.assertEqual(self.exported(), before)

    def test_refused(self) -> None:
        held = DataFolder.take(self.data)
        self.assertIn("is in use by process", self.run_command(rotate_key)[1])
        held.release()
        kept = self.key.read_bytes()
        self.key.unlink()
        for command, arguments in ((rotate_key, ()), (export_company, ()), (import_company, (DEMO,))):
            code, said = self.run_command(command, *arguments)
            self.assertEqual((code, said.count("\n")), (1, 1), said)
            self.assertIn("magroup.key is missing: passwords in the database are encrypted with the key", said)
        self.key.write_bytes(kept)
        self.key.chmod(0o600)
        self.assertEqual(self.run_command(rotate_key)[0], 0)
        self.assertEqual(self.run_command(rotate_key, "--nonsense")[0], 1)
