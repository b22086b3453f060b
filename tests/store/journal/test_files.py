"""The journal's files: what is written stays readable, whatever happens to the disk."""

import os
import resource
import stat
from pathlib import Path
from unittest.mock import Mock

from twisted.trial.unittest import SynchronousTestCase

from magroup.store.journal import files
from magroup.store.journal.files import JournalFiles, discard, read, segments
from magroup.store.journal.lines import Entry, Kind
from magroup.store.journal.moving import read_piece
from tests.store.calls import call, ended


def live(id: str) -> Entry:
    return Entry(Kind.LIVE, call(id))


def over(id: str) -> Entry:
    return Entry(Kind.ENDED, ended(call(id)))


class JournalFilesTests(SynchronousTestCase):
    """``JournalFiles``."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()) / "journal"
        self.files = JournalFiles(self.folder, segment_size=3000)
        self.addCleanup(self.files.close)
        self.syncs = 0
        self.patch(files.os, "fdatasync", self.sync)

    def sync(self, file: int) -> None:
        self.syncs += 1
        os.fsync(file)

    def entries(self) -> list[Entry]:
        return [Entry.decode(line) for path in segments(self.folder) for line, _ in read(path, 0)]

    def test_appends(self) -> None:
        for id in "abc":
            written = self.files.append([live(id)], [], 0.0)
            self.assertEqual(written.extent.size, written.extent.path.stat().st_size)
        self.assertEqual(self.entries(), [live("a"), live("b"), live("c")])

    def test_for_its_owner_only(self) -> None:
        extent = self.files.append([live("a")], [], 0.0).extent
        self.assertEqual(stat.S_IMODE(extent.path.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(self.folder.stat().st_mode), 0o700)

    def test_nothing_to_write_makes_no_file(self) -> None:
        written = self.files.append([], [], 0.0)
        self.assertEqual((written.extent, written.unsynced, self.folder.exists()), (None, False, False))

    def test_forced_to_the_disk_once_a_second(self) -> None:
        unsynced = [self.files.append([live("a")], [], now).unsynced for now in (10.0, 10.2, 10.9, 11.0, 11.1)]
        self.assertEqual(unsynced, [False, True, True, False, True])
        self.assertFalse(self.files.append([], [], 11.2, sync=True).unsynced)
        self.assertFalse(self.files.append([], [], 20.0).unsynced)
        self.assertEqual(self.syncs, 3)

    def test_clock_set_back(self) -> None:
        self.files.append([live("a")], [], 1000.0)
        self.assertFalse(self.files.append([live("a")], [], 10.0).unsynced)

    def test_a_full_segment_is_followed_by_one_that_begins_with_live_calls(self) -> None:
        first = self.files.append([live(str(number)) for number in range(20)], [], 0.0).extent
        second = self.files.append([over("0")], [call("18"), call("19")], 0.0).extent
        self.assertNotEqual(first.path, second.path)
        self.assertEqual(segments(self.folder), [first.path, second.path])
        self.assertEqual(self.entries()[-3:], [live("18"), live("19"), over("0")])

    def test_goes_on_behind_earlier_segments(self) -> None:
        self.folder.mkdir(parents=True)
        for name in ("journal-00000009.jsonl", "journal-00000012.damaged", "other.jsonl", "journal-x.jsonl"):
            (self.folder / name).touch()
        extent = self.files.append([live("a")], [], 0.0).extent
        self.assertEqual(extent.path.name, "journal-00000013.jsonl")
        self.assertEqual([path.name[-8:-6] for path in segments(self.folder)], ["09", "13"])

    def test_a_deleted_segment(self) -> None:
        self.files.append([live("a")], [], 0.0).extent.path.unlink()
        self.files.append([live("b")], [call("a")], 0.0)
        self.assertEqual(self.entries(), [live("a"), live("b")])

    def test_what_json_cannot_hold_is_left_out(self) -> None:
        odd = Mock(encode=Mock(side_effect=TypeError))
        written = self.files.append([live("a"), odd, live("b")], [], 0.0)
        self.assertEqual((written.refused, self.entries()), (1, [live("a"), live("b")]))

    def test_sign_of_life(self) -> None:
        self.files.sign_of_life()
        path = self.files.append([live("a")], [], 0.0).extent.path
        os.utime(path, (1, 1))
        self.files.sign_of_life()
        self.assertNotEqual(path.stat().st_mtime, 1)

    def test_full_disk(self) -> None:
        """A limit on the size of files stands for it: a write is cut short, the next one fails."""
        self.files.append([live("a")], [], 0.0)
        size = segments(self.folder)[0].stat().st_size
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, before[1]))
        try:
            self.assertRaises(OSError, self.files.append, [live("b")], [], 0.0)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        self.assertEqual(self.entries(), [live("a")])
        self.files.append([live("b")], [], 0.0)
        self.assertEqual(self.entries(), [live("a"), live("b")])

    def test_full_disk_from_the_beginning(self) -> None:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
        try:
            self.assertRaises(OSError, self.files.append, [live("b")], [call("a")], 0.0)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        self.files.append([live("b")], [call("a")], 0.0)
        self.assertEqual(self.entries(), [live("a"), live("b")])

    def test_a_torn_line_that_cannot_be_taken_back(self) -> None:
        self.files.append([live("a")], [], 0.0)
        write = os.write

        def torn(file: int, content: bytes) -> int:
            if len(content) > 50:
                return write(file, content[:50])
            raise OSError(28, "No space left on device")

        def refuse(*_: object) -> None:
            raise OSError(5, "Input/output error")

        self.patch(files.os, "write", torn)
        self.patch(files.os, "ftruncate", refuse)
        self.assertRaises(OSError, self.files.append, [live("b" * 60)], [call("a")], 0.0)
        self.patch(files.os, "write", write)
        self.assertFalse(self.files.append([], [], 5.0).unsynced)
        self.files.append([live("b")], [call("a")], 5.0)
        self.assertEqual(self.entries(), [live("a"), live("a"), live("b")])

    def test_folder_that_cannot_be_made(self) -> None:
        self.folder.parent.mkdir()
        self.folder.touch()
        self.assertRaises(OSError, self.files.append, [live("a")], [], 0.0)
        self.folder.unlink()
        self.files.append([live("a")], [], 0.0)
        self.assertEqual(self.entries(), [live("a")])

    def test_discard(self) -> None:
        for damaged, left in ((True, ["journal-00000001.damaged"]), (False, ["journal-00000001.damaged"])):
            self.files.append([live("a")], [], 0.0)
            self.files.close()
            path = segments(self.folder)[0]
            discard(path, damaged)
            discard(path, damaged)
            self.assertEqual([path.name for path in self.folder.iterdir()], left)


class ReadTests(SynchronousTestCase):
    """``read`` and ``read_piece`` of files with holes."""

    def setUp(self) -> None:
        self.path = Path(self.mktemp())

    def test_torn_last_line(self) -> None:
        lines = [live("a").encode(), over("a").encode(), live("b").encode()]
        whole = b"".join(lines)
        for size in range(len(whole) + 1):
            self.path.write_bytes(whole[:size])
            piece = read_piece(self.path, 0)
            ends = [len(b"".join(lines[:count])) for count in range(4)]
            count = sum(end <= size for end in ends) - 1
            self.assertEqual(piece.end, ends[count])
            self.assertEqual((len(piece.live), len(piece.ended)), [(0, 0), (1, 0), (1, 1), (2, 1)][count])
            self.assertEqual(piece.damaged, 0)

    def test_damaged_lines_are_counted(self) -> None:
        self.path.write_bytes(live("a").encode() + b"\x00" * 40 + b"\n{]\n" + over("b").encode())
        piece = read_piece(self.path, 0)
        self.assertEqual((piece.damaged, [c.id for c in piece.live], [c.id for c in piece.ended]), (2, ["a"], ["b"]))

    def test_only_up_to_the_end_that_is_known(self) -> None:
        first = live("a").encode()
        self.path.write_bytes(first + live("b").encode())
        self.assertEqual([end for _, end in read(self.path, 0, len(first))], [len(first)])
        self.assertEqual([end for _, end in read(self.path, 0, len(first) + 5)], [len(first)])
