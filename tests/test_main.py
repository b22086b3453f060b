"""``python -m magroup``."""

import contextlib
import io
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from magroup.__main__ import COMMANDS, main
from magroup.model.settings_text import example_toml
from tests.server_process import environment


class MainTests(SynchronousTestCase):
    """Exit code, standard output, standard error."""

    def said(self, *arguments: str) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(arguments)
        return code, out.getvalue(), err.getvalue()

    def test_check_config(self) -> None:
        file = Path(self.mktemp())
        file.write_text('instance = "A"\nlanguage = "en"\ndatabase = "sqlite://u:hush@h"\n')
        shown = f'database = "sqlite://u:***@h"\ninstance = "A"\n{file}: good\n'
        self.assertEqual(self.said("check-config", str(file)), (0, shown, ""))

    def test_check_config_refuses(self) -> None:
        file = Path(self.mktemp())
        file.write_text("x = 1\ny = 2\n")
        lines = f"{file}, line 1: x is not a setting\n{file}, line 2: y is not a setting\n"
        self.assertEqual(self.said("check-config", str(file)), (1, "", lines))

    def test_example_config(self) -> None:
        self.assertEqual(self.said("example-config"), (0, example_toml(), ""))

    def test_usage(self) -> None:
        for arguments in ((), ("--help",)):
            code, out, err = self.said(*arguments)
            self.assertEqual((code, err), (0, ""))
            for name in COMMANDS:
                self.assertIn(f"  {name} ", out)
        for arguments in (("check-config",), ("check-config", "a", "b"), ("example-config", "x")):
            code, out, err = self.said(*arguments)
            self.assertEqual((code, out, len(err.splitlines())), (1, "", 1))
        self.assertEqual(
            self.said("nope"), (1, "", "magroup: 'nope' is not a command; python -m magroup --help lists them\n")
        )

    def test_every_command_is_there(self) -> None:
        for module, function, _ in COMMANDS.values():
            self.assertTrue(callable(getattr(import_module(module), function)))

    def test_as_a_program(self) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "magroup", "nope"], env=environment(), capture_output=True, text=True, timeout=60
        )
        self.assertEqual((done.returncode, done.stdout, len(done.stderr.splitlines())), (1, "", 1))
