"""The whole server in this process, on loopback, with a company of the test's own: started, stopped, found empty."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from twisted.internet import reactor
from twisted.trial.unittest import TestCase

from magroup import resources
from magroup.announcement import Announcement
from magroup.assembly import Assembly
from magroup.cli.import_ import put_company
from magroup.model.calls import CallRecord
from magroup.model.configuration import Configuration
from magroup.model.forwarding import Forwarding
from magroup.model.groups import Member
from magroup.model.presence import Presence
from magroup.model.settings import OverloadSettings, Settings
from magroup.model.settings_layers import Layers
from magroup.policy import trail_in_words
from magroup.reloading import Reload
from magroup.rtp import library
from magroup.rtp.audio_file import LIMITS, SoundLimits, read_sound
from magroup.rtp.sound import Sound
from magroup.store.audit import record
from magroup.store.journal import calls_between
from tests.peers import address, audio, until
from tests.peers.addresses import Address
from tests.store.fresh import put

SECRET = "secret"


def company(options: str = "", people: tuple[str, ...] = ("1047", "1175", "1068"), others: tuple[str, ...] = ("1201",),
            more: str = "", users: Mapping[str, str] | None = None, vips: tuple[str, ...] = (),
            on_pbx: tuple[str, ...] = ()) -> str:  # fmt: skip
    """A company file: a group 8973 of ``people``, the manager first, and lines of ``others`` outside of it.

    ``users`` are settings of users by the number of their line; ``vips`` is the manager's list; the phones of the lines
    ``on_pbx`` register elsewhere.
    """
    numbers = (*people, *others)
    lines = "".join(
        f'[[lines]]\nnumber = "{number}"\n' + ("on_pbx = true\n" if number in on_pbx else f'secret = "{SECRET}"\n')
        for number in numbers
    )
    given = users or {}
    people_at_work = "".join(
        f'[[users]]\nname = "u{number}"\nfirst_name = "First{number}"\nlast_name = "Last"\nlines = ["{number}"]\n'
        f"{given.get(number, '')}\n"
        for number in numbers
    )  # fmt: skip
    return f"format = 1\n{lines}{people_at_work}{group('MA Group', '8973', options, people, vips)}{more}"


def group(name: str, number: str, options: str, people: tuple[str, ...], vips: tuple[str, ...] = ()) -> str:
    """A group of a company file, the manager, who has these VIPs, first."""
    listed = ", ".join(f'"{vip}"' for vip in vips)
    members = "".join(
        f'[[groups.members]]\nuser = "u{number}"\nnumber = "{number}"\nshort_name = "S{number}"\n'
        + (f"manager = true\nvips = [{listed}]\n" if at == 0 else "")
        for at, number in enumerate(people)
    )  # fmt: skip
    return f'[[groups]]\nname = "{name}"\nnumber = "{number}"\n{options}\n{members}'


def read_once(path: Path, limits: SoundLimits = LIMITS) -> Sound:
    """What comes with magroup is read once for all servers of this process: else it is most of what a start takes."""
    return _read_once(path, limits) if path.is_relative_to(resources.sound()) else read_sound(path, limits)


_read_once = lru_cache(maxsize=None)(read_sound)


class Live:
    """A running server: SIP at ``sip`` on an address of its own, everything it holds at ``assembly``."""

    def __init__(
        self, test: TestCase, text: str, folder: Path | None = None, settings: Settings | None = None,
        listen: tuple[str, ...] = (), sip: dict[str, Any] | None = None, calls: dict[str, Any] | None = None,
        place: Address | None = None, bus: Any = None,
    ) -> None:  # fmt: skip
        """``listen`` adds transports, where {address} is the server's; ``sip`` and ``calls`` are single settings.

        ``place`` is an address leased before, for who must know it before the server is there; ``bus`` is its end of
        that of several nodes.
        """
        self.test = test
        test.patch(library, "read_sound", read_once)
        self.bus = bus
        self.folder = folder or Path(test.mktemp()).absolute()
        self.folder.mkdir(parents=True, exist_ok=True)
        put(self.folder)
        self.company = self.folder / "company.toml"
        self.company.write_text(text, encoding="utf-8")
        self.address: Address = place or address(test)
        given = settings or Settings()
        more = tuple(text.replace("{address}", str(self.address)) for text in listen)
        self.settings = replace(
            given, data=str(self.folder),
            # What else runs on the machine of the tests is no overload.
            overload=given.overload if settings else OverloadSettings(wait=0),
            sip=replace(
                given.sip, listen=(f"udp:{self.address}:5060", f"tcp:{self.address}:5060", *more), **(sip or {})
            ),
            calls=replace(given.calls, **(calls or {})),
        )  # fmt: skip
        self._stops: list[tuple[str, Any]] = []
        self.assembly: Assembly
        test.addCleanup(self.stop)

    @property
    def sip(self) -> str:
        """``host:port`` of the registrar."""
        return f"{self.address}:5060"

    def uri(self, number: str) -> str:
        return f"sip:{number}@{self.address}"

    def sound(self, name: str, seconds: float, seed: int) -> Path:
        """Put a sound like speech into the server's folder; give whole 20 ms. It is there with the next start."""
        path = self.sound_file(name)
        path.parent.mkdir(exist_ok=True)
        return audio.write_wav(path, audio.babble(seconds, seed=seed))

    def sound_file(self, name: str) -> Path:
        """A sound in the server's folder."""
        return self.folder / "sounds" / name

    async def start(self, take_company: bool = True) -> "Live":
        """Start, with the company file unless the configuration of an earlier start in the folder is wanted."""
        self.assembly = Assembly(reactor, self.folder, Reload(self.layers, self.layers()), self.bus)
        await self.assembly.start(
            lambda name, stop: self._stops.append((name, stop)), Announcement(),
            self.company if take_company else None, demo=False,
        )  # fmt: skip
        return self

    def layers(self) -> Layers:
        """The settings as magroup reads them, now."""
        return Layers(defaults=self.settings)

    async def read_again(self, settings: Settings) -> None:
        """Let the server read other settings, as after a SIGHUP."""
        self.settings = settings
        await self.assembly.settings_book.read_again()

    async def stop(self) -> None:
        """Stop as twistd does: the last part started first."""
        if self._stops:
            _, stop = self._stops.pop()
            try:
                waiting = stop()
                if waiting is not None:
                    await waiting
            finally:
                await self.stop()

    async def quiet(self, timeout: float = 15.0) -> None:
        """Wait until no call, dialog, port or stream is left; transactions forget themselves later."""
        await until(lambda: not any(self.left().values()), timeout, what="nothing left", seen=lambda: str(self.left()))

    def left(self) -> dict[str, Any]:
        """What is held because of calls."""
        telephony = self.assembly.telephony
        return {
            "calls": list(telephony.switch.calls_by_id),
            "dialogs": list(telephony.endpoint.dialogs),
            "sessions": len(telephony.endpoint.sessions),
            "streams": telephony.media.active,
            "ports": telephony.ports.in_use,
            "group calls": len(self.assembly.application),
            "open records": len(self.assembly.application.journal),
            "voicemail": len(self.assembly.voicemail),
            "recordings": len(self.assembly.mailroom.recordings),
        }

    async def registered(self, *numbers: str) -> None:
        """Wait until the lines have a phone."""
        switch = self.assembly.telephony.switch
        await until(lambda: all(switch.in_service(number) for number in numbers), what=f"{numbers} in service")

    async def records(self) -> list[CallRecord]:
        """All calls of the journal, the oldest first."""
        await self.journal.flush()
        page = await self.assembly.database.read(calls_between, 0.0, 4e9, 1000)
        return list(page.calls)

    @property
    def journal(self) -> Any:
        return self.assembly.application.journal._journal

    async def trails(self) -> list[str]:
        """The reasons of all calls, in words, the oldest call first."""
        return [trail_in_words(record.trail) for record in await self.records()]

    async def story(self) -> str:
        """The reasons of the only call, without how many seconds anything took."""
        (story,) = await self.stories()
        return story

    async def stories(self) -> list[str]:
        """As ``story``, of all calls, the oldest call first."""
        return [re.sub(r"( after)? \d+ s\b", "", words) for words in await self.trails()]

    def transactions(self) -> int:
        """How many SIP transactions are remembered."""
        layer = self.assembly.telephony.layer
        return len(layer.clients) + len(layer.servers)

    def dump(self) -> dict[str, Any]:
        """The debug dump of all layers."""
        return dict(self.assembly.telephony.describe())

    def presence(self, number: str, state: Presence) -> None:
        """The user of a line sets the own presence."""
        self.assembly.application.presence.set(f"u{number}", state)

    def forward(self, number: str, forwarding: Forwarding) -> None:
        """Set the forwarding of a line."""
        self.assembly.application.forwarding.set_line(number, forwarding)

    def forward_calls_of(self, number: str, forwarding: Forwarding) -> None:
        """Set the application forwarding of the manager with this line."""
        self.assembly.application.forwarding.set_application(self.member(number).id, forwarding)

    def member(self, number: str, group_id: int = 1) -> Member:
        """The member of a group with this line."""
        return next(m for m in self.configuration.members_of(group_id) if m.number == number)

    @property
    def configuration(self) -> Configuration:
        """What is in force."""
        return self.assembly.current.value

    async def reconfigure(self, change: Callable[[Configuration], Configuration]) -> None:
        """Change the configuration as people do: stored, then in force."""
        await self.assembly.current.edit(self.assembly.database, change, record)

    async def take_company(self, text: str) -> None:
        """Put the company of a file in the place of the one that is in force."""
        plan, now = self.configuration.plan, reactor.seconds()
        imported = await self.assembly.database.run(put_company, text, "company.toml", plan, now)
        self.assembly.current.replace(imported.configuration)

    async def trail(self) -> str:
        """The reasons of the only call, in words."""
        (record,) = await self.records()
        return trail_in_words(record.trail)
