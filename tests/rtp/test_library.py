"""The sound library: names, shadowing, changed and broken files, threads."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from twisted.internet import reactor
from twisted.internet.defer import Deferred, execute
from twisted.internet.threads import deferToThreadPool
from twisted.logger import LogEvent, globalLogPublisher
from twisted.python.threadpool import ThreadPool
from twisted.trial.unittest import TestCase

from magroup.model.sounds import sound_key
from magroup.rtp.audio_file import SoundError
from magroup.rtp.library import SoundLibrary


def write(path: Path, level: float = 0.5, frames: int = 5) -> Path:
    soundfile.write(path, np.full(160 * frames, level), 8000)
    return path


class LibraryTest(TestCase):
    def setUp(self) -> None:
        self.shipped, self.own = (Path(self.mktemp()) for _ in range(2))
        for folder in (self.shipped, self.own):
            folder.mkdir(parents=True)
        self.library = SoundLibrary((self.shipped, self.own), execute)
        self.lines: list[str] = []
        globalLogPublisher.addObserver(self.observe)
        self.addCleanup(globalLogPublisher.removeObserver, self.observe)

    def observe(self, event: LogEvent) -> None:
        if event.get("log_namespace") == "magroup.rtp.library":
            self.lines.append(str(event["log_format"]).format(**event))

    def refresh(self, library: SoundLibrary | None = None) -> None:
        self.successResultOf(Deferred.fromCoroutine((library or self.library).refresh()))

    def load(self, name: str) -> Deferred[Any]:
        return Deferred.fromCoroutine(self.library.load(name))

    def refused(self, name: str) -> str:
        failure = self.failureResultOf(self.load(name), SoundError)
        return failure.getErrorMessage()


class NameTests(LibraryTest):
    def test_case(self) -> None:
        write(self.shipped / "Welcome.wav")
        self.refresh()
        for name in ("Welcome.wav", "welcome.WAV", "WELCOME.wav"):
            sound = self.library.get(name)
            assert sound is not None
            self.assertEqual(sound.name, "Welcome.wav")
        self.assertEqual(self.library.names(), ["Welcome.wav"])

    def test_case_within_a_folder(self) -> None:
        """Of two names that differ in case only, the first in the order of letters counts, and always the same."""
        write(self.own / "WELCOME.wav", frames=4)
        write(self.own / "Welcome.wav", frames=6)
        self.refresh()
        self.assertEqual(self.library.names(), ["WELCOME.wav"])
        self.assertEqual(len(self.successResultOf(self.load("Welcome.wav"))), 4)

    def test_letters_of_other_systems(self) -> None:
        """The same umlaut, written as one character and as two."""
        write(self.shipped / "Gru\u0308ezi.wav")
        self.refresh()
        self.assertIsNotNone(self.library.get("GR\u00dcEZI.wav"))

    def test_shadowing(self) -> None:
        write(self.shipped / "Welcome.wav", frames=5)
        write(self.shipped / "Music.wav", frames=6)
        own = write(self.own / "WELCOME.WAV", frames=7)
        self.refresh()
        self.assertEqual(self.library.names(), ["Music.wav", "WELCOME.WAV"])
        self.assertEqual([len(self.library.get(name) or ()) for name in ("welcome.wav", "music.wav")], [7, 6])
        own.unlink()
        self.refresh()
        self.assertEqual(len(self.library.get("Welcome.wav") or ()), 5)

    def test_no_way_out(self) -> None:
        outside = write(self.shipped.parent / "outside.wav")
        (self.own / "inner").mkdir()
        write(self.own / "inner" / "deep.wav")
        os.symlink(os.path.abspath(outside), self.own / "link.wav")
        write(self.own / ".hidden.wav")
        self.refresh()
        self.assertEqual(self.library.names(), [])
        tried = ("../outside.wav", os.path.abspath(outside), "inner/deep.wav", "inner\\deep.wav", "link.wav", "..")
        for name in (*tried, "", ".hidden.wav", "a\0.wav", "x" * 300 + ".wav"):
            self.assertIsNone(self.library.get(name), name)
            self.assertIn("there is no such sound", self.refused(name))

    def test_other_files_are_no_sounds(self) -> None:
        (self.shipped / "README.md").write_text("about the sounds")
        write(self.shipped / "Welcome.wav")
        self.refresh()
        self.assertEqual((self.library.names(), self.lines), (["Welcome.wav"], []))

    def test_missing_folder(self) -> None:
        self.refresh(SoundLibrary((self.shipped / "missing",), execute))
        self.assertEqual(self.lines, [])

    def test_keys(self) -> None:
        self.assertEqual(sound_key("Stra\u00dfe.wav"), sound_key("STRASSE.WAV"))
        self.assertEqual(sound_key("a/b.wav"), "")


class ChangeTests(LibraryTest):
    def test_changed(self) -> None:
        """A stream keeps the sound it plays; who asks now gets the new one."""
        path = write(self.shipped / "Welcome.wav", 0.5)
        self.refresh()
        before = self.library.get("Welcome.wav")
        assert before is not None
        frames = before.frames["PCMU"]
        write(path, 0.25, 9)
        self.refresh()
        after = self.library.get("Welcome.wav")
        assert after is not None
        self.assertEqual((len(before), len(after)), (5, 9))
        self.assertIs(before.frames["PCMU"], frames)

    def test_unchanged_is_not_read_again(self) -> None:
        write(self.shipped / "Welcome.wav")
        self.refresh()
        before = self.library.get("Welcome.wav")
        self.refresh()
        self.assertIs(self.library.get("Welcome.wav"), before)
        self.assertIs(self.successResultOf(self.load("welcome.wav")), before)

    def test_load(self) -> None:
        write(self.own / "New.wav", frames=3)
        self.assertIsNone(self.library.get("New.wav"))
        sound = self.successResultOf(self.load("new.wav"))
        self.assertIs(self.library.get("New.wav"), sound)

    def test_gone(self) -> None:
        path = write(self.own / "New.wav")
        self.refresh()
        path.unlink()
        self.refresh()
        self.assertIsNone(self.library.get("New.wav"))
        self.assertEqual(self.library.names(), [])

    def test_broken(self) -> None:
        """One line in the log, the other sounds are there."""
        (self.own / "Broken.wav").write_bytes(b"no sound")
        write(self.own / "Welcome.wav")
        for _ in range(3):
            self.refresh()
        self.assertEqual(len(self.lines), 1)
        self.assertIn("Broken.wav: is no audio that can be read", self.lines[0])
        self.assertEqual(self.library.names(), ["Welcome.wav"])
        self.assertIsNone(self.library.get("Broken.wav"))
        self.assertIn("is no audio", self.refused("broken.wav"))

    def test_broken_later(self) -> None:
        """What was read before stays until there is something better."""
        path = write(self.own / "Welcome.wav", frames=5)
        self.refresh()
        path.write_bytes(b"no sound")
        self.refresh()
        self.assertEqual(len(self.library.get("Welcome.wav") or ()), 5)
        self.assertIn("is no audio", self.refused("Welcome.wav"))
        write(path, frames=6)
        self.refresh()
        self.assertEqual(len(self.library.get("Welcome.wav") or ()), 6)
        self.assertEqual(len(self.successResultOf(self.load("Welcome.wav"))), 6)

    def test_missing_is_told_once(self) -> None:
        for _ in range(3):
            self.assertIsNone(self.library.get("Nothing.wav"))
        self.assertEqual(self.lines, ["There is no sound 'Nothing.wav' that can be played"])
        write(self.own / "Nothing.wav")
        self.refresh()
        (self.own / "Nothing.wav").unlink()
        self.refresh()
        self.library.get("Nothing.wav")
        self.assertEqual(len(self.lines), 2)

    def test_hostile_names_do_not_fill_the_log(self) -> None:
        for number in range(2000):
            self.library.get(f"{number}.wav")
        self.assertEqual(len(self.lines), 1000)


class OrderTests(LibraryTest):
    def test_readers_take_turns(self) -> None:
        """A file that changes while it is read by one is not put back to its old state by the slower one."""
        path = write(self.own / "Welcome.wav", frames=5)
        waiting: list[Callable[[], None]] = []

        def in_thread(work: Callable[[], Any]) -> Deferred[Any]:
            done: Deferred[Any] = Deferred()
            waiting.append(lambda: execute(work).chainDeferred(done))
            return done

        self.library = SoundLibrary((self.own,), in_thread)
        first = self.load("Welcome.wav")
        second = self.load("Welcome.wav")
        self.assertEqual(len(waiting), 1)
        waiting.pop()()
        self.assertEqual(len(self.successResultOf(first)), 5)
        write(path, frames=8)
        waiting.pop()()
        self.assertEqual(len(self.successResultOf(second)), 8)
        self.assertEqual(len(self.library.get("Welcome.wav") or ()), 8)


class ThreadTests(LibraryTest):
    async def test_threads(self) -> None:
        pool = ThreadPool(0, 2)
        pool.start()
        self.addCleanup(pool.stop)
        write(self.own / "Welcome.wav", frames=5)
        library = SoundLibrary((self.shipped, self.own), partial(deferToThreadPool, reactor, pool))
        await library.refresh()
        self.assertEqual(library.names(), ["Welcome.wav"])
        self.assertEqual(len(await library.load("welcome.wav")), 5)
