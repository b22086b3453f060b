"""The data folder and its lock."""

import os
import subprocess
import sys
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from magroup.data_folder import LOCK_FILE, DataFolder, DataFolderError
from tests.server_process import environment

HOLDER = """
import subprocess
import sys
from pathlib import Path
from magroup.data_folder import DataFolder
folder = DataFolder.take(Path(sys.argv[1]))
if len(sys.argv) > 2:
    subprocess.Popen(["sleep", sys.argv[2]], pass_fds=[folder.descriptor], stdin=subprocess.DEVNULL, stdout=2)
print("taken", flush=True)
sys.stdin.read()
"""


class DataFolderTests(SynchronousTestCase):
    """One holder at a time."""

    def setUp(self) -> None:
        self.path = Path(self.mktemp())

    def take(self) -> DataFolder:
        folder = DataFolder.take(self.path)
        self.addCleanup(folder.release)
        return folder

    def held_by_another(self, *child: str) -> "subprocess.Popen[str]":
        """``child``: for how many seconds one that it has started holds the folder with it."""
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(self.path), *child],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        assert process.stdout is not None
        self.assertEqual(process.stdout.readline(), "taken\n")
        return process

    def test_made_for_its_owner(self) -> None:
        self.path = self.path / "deep" / "data"
        self.take()
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o700)
        self.assertEqual((self.path / LOCK_FILE).stat().st_mode & 0o777, 0o600)
        self.assertEqual((self.path / LOCK_FILE).read_text(), f"{os.getpid()}\n")

    def test_one_that_is_there_stays_as_it_is(self) -> None:
        self.path.mkdir(mode=0o750)
        self.take()
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o750)

    def test_held_by_a_running_process(self) -> None:
        process = self.held_by_another()
        error = self.assertRaises(DataFolderError, DataFolder.take, self.path)
        self.assertEqual(str(error), f"data folder {self.path} is in use by process {process.pid}")

    def test_left_by_a_killed_one(self) -> None:
        process = self.held_by_another()
        process.kill()
        process.wait()
        self.assertEqual((self.path / LOCK_FILE).read_text(), f"{process.pid}\n")
        self.take()
        self.assertEqual((self.path / LOCK_FILE).read_text(), f"{os.getpid()}\n")

    def test_workers_of_a_killed_one(self) -> None:
        """They hold it until they end, for which a start waits, but not for ever."""
        process = self.held_by_another("2.5")
        process.kill()
        process.wait()
        error = self.assertRaises(DataFolderError, DataFolder.take, self.path, 0.2)
        self.assertEqual(str(error), f"data folder {self.path} is in use by process {process.pid}")
        self.take()
        self.assertEqual((self.path / LOCK_FILE).read_text(), f"{os.getpid()}\n")

    def test_lock_file_with_rubbish(self) -> None:
        self.path.mkdir()
        (self.path / LOCK_FILE).write_bytes(b"\xff" * 5000)
        self.take()
        self.assertEqual((self.path / LOCK_FILE).read_text(), f"{os.getpid()}\n")

    def test_released(self) -> None:
        folder = self.take()
        self.assertRaises(DataFolderError, DataFolder.take, self.path)
        folder.release()
        folder.release()
        folder.write_process_id()
        self.assertEqual((self.path / LOCK_FILE).read_text(), "")
        self.take()

    def test_a_file(self) -> None:
        self.path.touch()
        error = self.assertRaises(DataFolderError, DataFolder.take, self.path)
        self.assertEqual(str(error), f"data folder {self.path} cannot be used: it is not a folder")

    def test_below_a_file(self) -> None:
        self.path.touch()
        error = self.assertRaises(DataFolderError, DataFolder.take, self.path / "x" / "y")
        self.assertEqual(str(error), f"data folder {self.path}/x/y cannot be used: Not a directory")

    def test_where_nothing_can_be_made(self) -> None:
        error = self.assertRaises(DataFolderError, DataFolder.take, Path("/proc/magroup-data"))
        self.assertEqual(str(error), "data folder /proc/magroup-data cannot be used: No such file or directory")
