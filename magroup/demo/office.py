"""The demo's phones in one room: each with a SIP port of its own on loopback, all with one set of media ports."""

from random import Random
from typing import Any

from magroup.demo.phone import DemoPhone
from magroup.lifecycle import StartError
from magroup.model.configuration import Configuration
from magroup.model.listen import PortRange
from magroup.model.settings import Settings
from magroup.rtp import tone
from magroup.rtp.library import SoundLibrary
from magroup.rtp.media import Media
from magroup.rtp.ports import Ports
from magroup.rtp.socket_wire import SocketWires
from magroup.sip.endpoint import Endpoint
from magroup.sip.hop import Hop
from magroup.sip.timers import Timers
from magroup.sip.transaction import TransactionLayer
from magroup.sip.transport import Transports

HOST = "127.0.0.1"
SPEECH = "Music.wav"


class DemoOffice:
    """Makes the phones of all group members; lines of others are left for phones of people who try magroup."""

    def __init__(self, reactor: Any, settings: Settings, library: SoundLibrary) -> None:
        self.timers = Timers(reactor)
        self._reactor = reactor
        self._library = library
        ports = PortRange.parse(settings.rtp.ports)
        self._media = Media(reactor, Ports(reactor, SocketWires(reactor), ports.first, ports.last))
        self._transports: list[Transports] = []
        self._switch = Hop("udp", HOST, 5060)
        self._pilot = settings.voicemail.pilot

    async def open(self, configuration: Configuration, listening: list[tuple[str, str, int]]) -> list[DemoPhone]:
        """The phones, not yet started. Raises StartError when the switch has no UDP on loopback."""
        found = [port for transport, host, port in listening if transport == "udp" and host in (HOST, "", "0.0.0.0")]
        if not found:
            raise StartError("--demo needs the SIP switch at UDP on 127.0.0.1")
        self._switch = Hop("udp", HOST, found[0])
        phones = []
        for number in dict.fromkeys(member.number for member in configuration.members):
            line = configuration.line(number)
            if line is None or line.on_pbx:
                continue
            endpoint = Endpoint("magroup demo phone", 0)
            transports = Transports(self._reactor, lambda message, hop: None)
            endpoint.layer = TransactionLayer(transports, self.timers, endpoint)
            transports.receive = endpoint.layer.receive
            await transports.listen_udp(HOST, 0)
            self._transports.append(transports)
            speech = self._library.get(SPEECH) or tone.silence()
            phones.append(DemoPhone(
                endpoint, self._media, self._switch, number, configuration.name_of_number(number), line.secret,
                speech, Random(),
            ))  # fmt: skip
        return phones

    async def stop(self) -> None:
        self._media.close()
        for transports in self._transports:
            await transports.stop()
        self.timers.stop()

    def notes(self, configuration: Configuration) -> list[str]:
        """What to put into two softphones, and what to dial."""
        taken = {member.number for member in configuration.members}
        spare = [line for line in configuration.lines if line.number not in taken and not line.on_pbx]
        notes = [f"The demo company is at work. For a softphone of your own: server {HOST}:{self._switch.port} (UDP)"]
        notes += [f"  user {line.number}, password {line.secret}" for line in spare]
        notes += [f"  then dial {group.number}: {group.name}" for group in configuration.groups if group.number]
        for line in spare:
            user = configuration.user_of_number(line.number)
            if user is not None and user.voicemail:
                notes.append(f"  or {user.voicemail}, to leave {line.number} a message; {self._pilot} plays it there")
        return notes
