"""A company with mailboxes on a FakeSwitch and a clock: what the tests of the voicemail happen in."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.cti.fake import Effect, FakeSwitch
from magroup.cti.switch import Ring
from magroup.cti.types import Cause, Party
from magroup.model.calls import Reason
from magroup.model.configuration import Configuration
from magroup.model.groups import Group, Overflow
from magroup.model.lines import Line
from magroup.model.messages import Message
from magroup.model.people import User
from magroup.policy import trail_in_words
from magroup.voicemail import voicemail
from magroup.voicemail.boxes import Boxes
from magroup.voicemail.folder import path_of
from magroup.voicemail.mailboxes import Mailboxes
from magroup.voicemail.prompts import FOLDER
from magroup.voicemail.service import VoicemailSettings
from magroup.voicemail.voicemail import Voicemail

PILOT, ANNS, BENS, BOARDS = "*97", "5047", "5048", "5900"
ANN, BEN, CALLER = "1047", "1048", "0315311111"
PIN, HASH = "4711", "the hash of 4711"
START = 1_700_000_000.0
FOLDER_OF_BOXES = Path("/data/mailboxes")


def company(pin: str = HASH, **more: Any) -> Configuration:
    """Ann with a PIN, Ben without one, and a group whose callers leave messages for nobody in particular."""
    users = (
        User(1, "ann", "Ann", lines=(ANN,), voicemail=ANNS, voicemail_pin_hash=pin, language="de"),
        User(2, "ben", "Ben", lines=(BEN, "1049"), voicemail="50 48"),
        User(3, "cid", "Cid", lines=("1050",)),
    )
    lines = tuple(Line(number) for number in (ANN, BEN, "1049", "1050"))
    group = Group(7, "Board", number="8973", overflow=Overflow.parse(f"voicemail:{BOARDS}"))
    return replace(Configuration(users=users, lines=lines, groups=(group,)), **more)


def message(number: int, box: str = ANNS, heard: bool = False, **more: Any) -> Message:
    """A message left so many minutes after the start."""
    return Message(f"m{number}", box, CALLER, "Bob", START + 60 * number, 10.0, heard=heard, **more)


class VoicemailTestCase(SynchronousTestCase):
    """``says()`` are the voicemail's words to the switch since the last time; after each test nothing is left."""

    settings = VoicemailSettings(PILOT)
    stored: tuple[Message, ...] = ()
    greetings: tuple[str, ...] = ()

    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(START)
        self.switch = FakeSwitch(self.clock, [ANN, BEN, "1049", "1050"], trunk=True)
        self.saved: list[Message] = []
        self.removed: list[str] = []
        self.discarded: list[Path] = []
        self.notes: list[Reason] = []
        configuration = company()
        self.boxes = Mailboxes(
            FOLDER_OF_BOXES, self.saved.append, self.removed.append, self.discarded.append, Boxes(configuration),
            self.stored, self.greetings,
        )  # fmt: skip
        self.checks: list[tuple[str, tuple[str, ...]]] = []
        self.voicemail = Voicemail(
            self.switch, self.clock, self.boxes, configuration, self.settings, self.in_thread,
            lambda seconds: datetime.fromtimestamp(seconds, UTC), self.note,
        )  # fmt: skip
        self.patch(voicemail, "fits", self.fits)
        self.voicemail.start()
        self.switch.route_register(self.voicemail.points)
        self.says()

    def tearDown(self) -> None:
        for call in self.switch.calls():
            self.switch.caller_hangs_up(call.id)
        self.assertEqual(len(self.voicemail), 0)
        self.assertEqual(self.voicemail.describe(), {"calls": {}, "recordings": [], "timers": 0})
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertFalse(any(self.switch.describe().values()), self.switch.describe())

    async def in_thread(self, work: Callable[[], bool]) -> bool:
        return work()

    def fits(self, pin: str, hashes: tuple[str, ...]) -> bool:
        self.checks.append((pin, hashes))
        return f"the hash of {pin}" in hashes

    def note(self, call_id: str, reasons: Iterable[Reason]) -> None:
        self.notes += reasons

    # What happens

    def diverted(self, *numbers: str, caller: str = CALLER) -> str:
        """A call that these numbers have sent to the pilot."""
        self.switch.route_register([*self.voicemail.points, "8999"])
        call_id = self.switch.arrive(caller, "8999", "Bob")
        self.switch.deflect(call_id, Ring(PILOT, Party(caller), numbers))
        self.says()
        return call_id

    def ends(self, call_id: str) -> None:
        """What is played is over."""
        self.switch.message_ends(call_id)

    # What is seen

    def says(self) -> list[Effect]:
        """Prompts without their folder and suffix, files without theirs."""
        said, self.switch.effects = self.switch.effects, []
        return [tuple(_short(word) for word in effect) for effect in said if effect[0] not in ("route", "deflect")]

    def story(self) -> str:
        return trail_in_words(self.notes)

    def is_up(self) -> bool:
        return bool(self.switch.calls())

    def path(self, of: Message) -> Path:
        return path_of(FOLDER_OF_BOXES, of)


END = ("clear", Cause.NORMAL_CLEARING)


def _short(word: Any) -> Any:
    if not isinstance(word, str):
        return word
    if word.startswith("/"):
        return str(Path(word).relative_to(FOLDER_OF_BOXES).with_suffix(""))
    return word.removeprefix(FOLDER).removesuffix(".wav") if word.startswith(FOLDER) else word
