"""What the live tests of the voicemail share: a company with mailboxes, callers who talk for a while, own greetings."""

from pathlib import Path
from typing import Any

from twisted.trial.unittest import TestCase

from magroup.model.languages import Language
from magroup.model.messages import Message
from magroup.model.settings import Settings, VoicemailSettings
from magroup.voicemail.prompts import FOLDER, PIECES, name_of
from tests.live.case import LiveCase
from tests.live.phones import baresips
from tests.live.server import Live, company
from tests.peers import Baresip, audio, until

PILOT, BOX, PIN = "*97", "5047", "4711"
GREETING_SECONDS = 1.2


def mailbox(text: str, number: str, *settings: str) -> str:
    """A company file in which the user of a line has these settings too."""
    return text.replace(f'name = "u{number}"\n', "\n".join([f'name = "u{number}"', *settings, ""]), 1)


def office(options: str = "", pin: str = PIN, **more: Any) -> str:
    """A company whose manager has the mailbox."""
    pins = (f'voicemail_pin = "{pin}"',) if pin else ()
    return mailbox(company(options, **more), "1047", f'voicemail = "{BOX}"', *pins)


def speech(test: TestCase, seconds: float = 60.0, rate: int = 8000) -> Path:
    """What a caller says all the time."""
    path = Path(test.mktemp()).absolute().with_suffix(".wav")
    return audio.write_wav(path, audio.babble(seconds, rate, seed=7), rate)


def own_greeting(folder: Path, box: str = BOX) -> Path:
    """Give a box of a server that has not started yet a short greeting of its own."""
    path = folder / "mailboxes" / box / "greeting.wav"
    path.parent.mkdir(parents=True)
    return audio.write_wav(path, audio.babble(GREETING_SECONDS, seed=5))


def part_of(test: TestCase, recorded: Path, source: Path, least: float = 1.0) -> None:
    """What was recorded is an unbroken piece of what was said, of at least so many seconds."""
    heard, rate = audio.read_wav(recorded)
    said, said_rate = audio.read_wav(source)
    test.assertGreaterEqual(len(heard) / rate, least)
    score = audio.correlate(said, said_rate, heard, rate)[1]
    test.assertGreater(score, 0.9, f"{len(heard) / rate} s")


def short_prompts(folder: Path) -> None:
    """Let a server that has not started yet say everything in a tenth of a second."""
    path = folder / "sounds" / "prompts"
    path.mkdir(parents=True)
    for at, piece in enumerate(PIECES):
        name = name_of(piece, Language.ENGLISH).removeprefix(FOLDER)
        audio.write_wav(path / name, audio.babble(0.1, seed=100 + at))


async def recording(folder: Path, box: str = BOX, seconds: float = 2.0) -> Path:
    """Wait until so much of a message is on the disk; its temporary file."""

    def there() -> Path | None:
        parts = list((folder / "mailboxes" / box).glob("*.part"))
        return parts[0] if parts and parts[0].stat().st_size > seconds * 16000 else None

    found: Path = await until(there, 25.0, what=f"{seconds} s on the disk")
    return found


class VoicemailCase(LiveCase):
    """Servers with a voicemail; after each test nobody is in it and nothing is being recorded."""

    async def voicemail(
        self, text: str, greeting: bool = True, listen: dict[str, Any] | None = None, **settings: Any
    ) -> Live:
        """A server with the pilot; ``greeting``: the box has one of its own."""
        given = Settings(voicemail=VoicemailSettings(pilot=PILOT, **settings))
        server = Live(self, text, settings=given, sip={"options_ping_interval": 0})
        self.speak(server)
        if greeting:
            own_greeting(server.folder)
        short_prompts(server.folder)
        await server.start()
        self.addCleanup(server.quiet)
        return server

    async def caller(self, server: Live, number: str = "1201", **options: Any) -> Baresip:
        """Somebody who talks all the time."""
        self.source = speech(self, rate=16000 if options.get("codecs") == ("G722",) else 8000)
        (phone,) = await baresips(server, number, source=self.source, **options)
        return phone

    def messages(self, server: Live, box: str = BOX) -> tuple[Message, ...]:
        return server.assembly.voicemail.mailboxes.messages(box)

    def path(self, server: Live, message: Message) -> Path:
        return server.assembly.voicemail.mailboxes.path(message)

    async def leaves(self, server: Live, phone: Baresip, number: str, seconds: float = 2.0, box: str = BOX) -> Message:
        """The phone calls a number, speaks after the tone, and ends by ``*``; the message."""
        before = len(self.messages(server, box))
        await phone.dial(server.uri(number))
        await recording(server.folder, box, seconds)
        await phone.dtmf("*")
        await phone.wait("CALL_CLOSED", timeout=20.0)
        await until(lambda: len(self.messages(server, box)) > before, what="the message")
        return self.messages(server, box)[-1]

    async def counts(self, server: Live, new: int, old: int, box: str = BOX) -> None:
        """Wait until there are so many messages."""
        mailboxes = server.assembly.voicemail.mailboxes

        def there() -> bool:
            counts = mailboxes.counts(box)
            return (counts.new, counts.old) == (new, old)

        await until(there, 25.0, what=f"{new} new, {old} old", seen=lambda: str(mailboxes.counts(box)))
