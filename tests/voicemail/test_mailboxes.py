"""The book of messages: what is told to whom, and what the folders hold at the start."""

import json
import os
from dataclasses import asdict, replace
from pathlib import Path

from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.languages import Language
from magroup.model.messages import NO_MESSAGES, Message, MessagesWaiting
from magroup.model.numbers import NumberPlan
from magroup.rtp.wav import header, mend, read_header
from magroup.voicemail.boxes import Boxes
from magroup.voicemail.folder import LONGEST_NAME, note_of
from magroup.voicemail.mailboxes import Mailboxes
from magroup.voicemail.pins import LONGEST_LOCK, WrongPins, fits
from magroup.voicemail.recovery import Found, cut_off, look_into
from tests.voicemail.world import ANN, ANNS, BEN, BENS, BOARDS, FOLDER_OF_BOXES, company, message


class MailboxesTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.done: list[object] = []
        self.book = Mailboxes(
            FOLDER_OF_BOXES,
            lambda message: self.done.append(("save", message.id, message.heard)),
            lambda message_id: self.done.append(("remove", message_id)),
            lambda path: self.done.append(("discard", path.name)),
            Boxes(company()),
            [message(2), message(1, heard=True), message(3, BENS)],
        )
        self.book.subscribe(lambda box: self.done.append(f"box {box}"))
        self.book.subscribe_lines(lambda line: self.done.append(f"line {line}"))

    def test_what_is_there(self) -> None:
        self.assertEqual([one.id for one in self.book.messages(ANNS)], ["m1", "m2"])
        self.assertEqual(self.book.messages("none"), ())
        self.assertEqual((self.book.counts(ANNS), self.book.counts(BOARDS)), (MessagesWaiting(1, 1), NO_MESSAGES))
        self.assertEqual(self.book.waiting(BEN), MessagesWaiting(1, 0))
        self.assertEqual(self.book.waiting("1050"), NO_MESSAGES)
        self.assertEqual(self.book.path(message(2)), FOLDER_OF_BOXES / ANNS / "m2.wav")
        self.assertEqual(self.done, [])

    def test_added(self) -> None:
        self.book.add(message(4, BENS))
        self.assertEqual(self.done, [("save", "m4", False), f"box {BENS}", f"line {BEN}", "line 1049"])
        self.done.clear()
        self.book.add(message(5, BOARDS))
        self.assertEqual(self.done, [("save", "m5", False), f"box {BOARDS}"])

    def test_heard(self) -> None:
        self.book.heard(ANNS, "m2")
        self.book.heard(ANNS, "m2")
        self.book.heard(ANNS, "no such message")
        self.assertEqual(self.done, [("save", "m2", True), f"box {ANNS}", f"line {ANN}"])
        self.book.heard(ANNS, "m2", False)
        self.assertEqual(self.book.counts(ANNS), MessagesWaiting(1, 1))

    def test_deleted(self) -> None:
        self.book.delete(BENS, "m3")
        self.book.delete(BENS, "m3")
        self.assertEqual(
            self.done, [("discard", "m3.wav"), ("remove", "m3"), f"box {BENS}", f"line {BEN}", "line 1049"]
        )
        self.assertEqual(self.book.messages(BENS), ())

    def test_subscribers(self) -> None:
        stop = self.book.subscribe(lambda box: 1 // 0)
        self.book.heard(ANNS, "m2")
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        stop()
        stop()
        self.book.heard(ANNS, "m2", False)
        self.assertEqual(self.done.count(f"box {ANNS}"), 2)

    def test_configured(self) -> None:
        """Lines whose lamp is another than before are told."""
        given = company()
        ann, ben, cid = given.users
        users = (replace(ann, voicemail=""), ben, replace(cid, voicemail=ANNS))
        self.book.configure(Boxes(replace(given, users=users)))
        self.assertEqual(self.done, [f"line {ANN}", "line 1050"])
        self.assertEqual((self.book.waiting(ANN), self.book.waiting("1050")), (NO_MESSAGES, MessagesWaiting(1, 1)))
        self.assertEqual(len(self.book.messages(ANNS)), 2)


class BoxesTests(SynchronousTestCase):
    def test_boxes(self) -> None:
        boxes = Boxes(company(), Language.FRENCH)
        self.assertEqual(len(boxes), 3)
        ann, ben, board = boxes.get(ANNS), boxes.get(BENS), boxes.get(BOARDS)
        assert ann is not None and ben is not None and board is not None
        spoken = [box.language for box in (ann, ben, board)]
        self.assertEqual(spoken, [Language.GERMAN, Language.FRENCH, Language.FRENCH])
        self.assertEqual((ann.lines, ben.lines, board.lines), ((ANN,), (BEN, "1049"), ()))
        self.assertEqual((len(ann.pins), ben.pins), (1, ()))
        self.assertIsNone(boxes.get("5050"))

    def test_shared(self) -> None:
        given = company()
        cid = replace(given.users[2], voicemail=ANNS, voicemail_pin_hash="other")
        box = Boxes(replace(given, users=(*given.users[:2], cid))).get(ANNS)
        assert box is not None
        self.assertEqual((len(box.pins), box.lines), (2, (ANN, "1050")))

    def test_taken_over(self) -> None:
        """What is made from the same things, and nothing else."""
        before = company()
        boxes = Boxes(before)
        boxes.points("*97")
        ann, *others = before.users
        lines = before.lines[1:]
        for changes, same in (
            ({"members": ()}, (True, True, True)),
            ({"lines": lines}, (True, True, False)),
            ({"groups": ()}, (True, False, False)),
            ({"users": (replace(ann, voicemail=""), *others)}, (False, False, False)),
            ({"plan": NumberPlan(country_code="41")}, (False, False, False)),
        ):
            changed = before.changed(**changes)
            now = Boxes(changed, before=boxes)
            kept = (now._of_users is boxes._of_users, now.is_as(boxes), now._points is boxes._points)
            self.assertEqual(kept, same, changes)
            fresh = Boxes(changed)
            self.assertEqual((now._by_number, now.points("*97")), (fresh._by_number, fresh.points("*97")))
        self.assertFalse(Boxes(before, Language.FRENCH, boxes).is_as(boxes))
        nothing = before.changed(users=(), groups=())
        self.assertTrue(Boxes(nothing, before=(empty := Boxes(nothing))).is_as(empty))

    def test_spellings(self) -> None:
        given = company()
        plan = NumberPlan(country_code="41", area_code="31")
        ann = replace(given.users[0], voicemail="031 531 50 47")
        boxes = Boxes(replace(given, users=(ann,), plan=plan))
        box = boxes.get("+41315315047")
        assert box is not None
        self.assertEqual(box.number, "0315315047")
        self.assertEqual(boxes.of_diversion(["0041315315047"]), box)


class PinTests(SynchronousTestCase):
    def test_fits(self) -> None:
        hash = PasswordHasher(1, 8, 1).hash("4711")
        self.assertTrue(fits("4711", ["broken", hash]))
        self.assertFalse(fits("4712", [hash]))
        self.assertFalse(fits("4711", []))

    def test_longest_lock(self) -> None:
        clock = Clock()
        wrong = WrongPins(clock)
        for _ in range(300):
            wrong.wrong(ANNS)
        self.assertTrue(wrong.is_locked(ANNS))
        clock.advance(LONGEST_LOCK)
        self.assertFalse(wrong.is_locked(ANNS))


def read(path: Path) -> tuple[str, float]:
    found = read_header(path)
    return found.note, found.seconds


def repair(path: Path) -> tuple[str, float]:
    found = mend(path)
    return found.note, found.seconds


NOTES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.dictionaries(st.sampled_from(list(asdict(message(1)))), inner),
)


class RecoveryTests(SynchronousTestCase):
    """What ``look_into`` finds in the folders."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).absolute()

    def file(self, name: str, note: str = "", seconds: float = 2.0, whole: bool = True) -> Path:
        path = self.folder / ANNS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = b"\1\0" * int(seconds * 8000)
        path.write_bytes(header(8000, note, len(data) if whole else 0) + data)
        return path

    def look(self, *known: str) -> Found:
        return look_into(self.folder, known, read, repair, 1.0)

    def left(self) -> list[str]:
        return sorted(path.name for path in (self.folder / ANNS).iterdir())

    def test_nothing_yet(self) -> None:
        self.assertEqual(self.look(), Found())

    def test_known(self) -> None:
        """Not even opened."""
        self.file("m1.wav").write_bytes(b"")
        self.assertEqual(self.look("m1"), Found(frozenset({"m1"})))

    def test_unknown(self) -> None:
        """The database was not told in time: the file knows."""
        whole = replace(message(1), seconds=0.0)
        self.file("m1.wav", note_of(whole))
        self.assertEqual(self.look().new, (replace(whole, seconds=2.0),))

    def test_somebody_was_sending(self) -> None:
        """A greeting that was not there as a whole."""
        self.file("m1.wav")
        (self.folder / ".upload-x").write_bytes(b"RIFF")
        self.look()
        self.assertEqual([path.name for path in self.folder.iterdir()], [ANNS])

    def test_cut_off(self) -> None:
        self.file("m1.wav.part", note_of(message(1)), whole=False)
        found = self.look()
        self.assertEqual(found.new, (replace(message(1), seconds=2.0),))
        self.assertEqual(self.left(), ["m1.wav"])
        self.assertEqual(read(self.folder / ANNS / "m1.wav"), (note_of(message(1)), 2.0))

    def test_cut_off_too_soon(self) -> None:
        self.file("m1.wav.part", seconds=0.5)
        self.file("m2.wav.part").write_bytes(b"RIF")
        self.file("greeting.wav.part")
        self.assertEqual(self.look(), Found())
        self.assertEqual(self.left(), [])

    def test_what_somebody_else_writes(self) -> None:
        """Another node does: what was written lately is left alone, what has lain there is mended."""
        now = 1_800_000_000.0
        for number, ago in ((1, 10.0), (2, 1000.0)):
            path = self.file(f"m{number}.wav.part", note_of(message(number)), whole=False)
            os.utime(path, (now - ago, now - ago))
        upload = self.folder / ".upload-x"
        upload.write_bytes(b"RIFF")
        os.utime(upload, (now, now))
        found = look_into(self.folder, (), read, repair, 1.0, now - 600.0)
        self.assertEqual(found.ids, frozenset({"m2"}))
        self.assertEqual(self.left(), ["m1.wav.part", "m2.wav"])
        self.assertTrue(upload.exists())

    def test_what_somebody_has_left(self) -> None:
        """Only that is looked at; what another one keeps in the same moment is no fault."""
        now = 1_800_000_000.0
        for name, ago in (("m1.wav.part", 10.0), ("m2.wav.part", 1000.0), ("m3.wav.part", 1000.0), ("m4.wav", 1000.0)):
            path = self.file(name, note_of(message(int(name[1]))), whole=name == "m4.wav")
            os.utime(path, (now - ago, now - ago))

        def mend(path: Path) -> tuple[str, float]:
            if path.name.startswith("m3"):
                path.unlink()
            return repair(path)

        found = cut_off(self.folder, mend, 1.0, now - 600.0)
        self.assertEqual(found, (replace(message(2), seconds=2.0),))
        self.assertEqual(self.left(), ["m1.wav.part", "m2.wav", "m4.wav"])
        self.assertEqual(cut_off(self.folder / "none", mend, 1.0, now), ())

    def test_greeting(self) -> None:
        self.file("greeting.wav")
        self.assertEqual(self.look().greetings, frozenset({ANNS}))

    def test_others_are_left_alone(self) -> None:
        self.file("m1.wav").write_bytes(b"no sound")
        (self.folder / ANNS / "notes.txt").write_text("mine")
        (self.folder / "file").write_text("mine")
        self.assertEqual(self.look(), Found())
        self.assertEqual(self.left(), ["m1.wav", "notes.txt"])

    def test_the_folder_says_whose_it_is(self) -> None:
        """Not the note, which somebody may have moved with the file."""
        self.file("m7.wav", note_of(message(1, BENS, heard=True)))
        (found,) = self.look().new
        self.assertEqual((found.id, found.box, found.heard, found.caller_number), ("m7", ANNS, False, "0315311111"))

    @given(st.one_of(st.text(max_size=50), NOTES.map(json.dumps)))
    def test_any_note(self, note: str) -> None:
        path = self.file("m1.wav", note)
        (found,) = self.look().new
        self.assertIsInstance(found, Message)
        self.assertEqual({type(value) for value in asdict(found).values()} - {str, float, int, bool}, set())
        path.unlink()

    def test_longest_note(self) -> None:
        """It fits into the file whatever a caller is called."""
        long = replace(message(1), caller_name="\U0001f4de" * 500)
        self.assertLess(len(note_of(long)), 4000)
        self.assertEqual(len(json.loads(note_of(long))["caller_name"]), LONGEST_NAME)
