"""SIP and sound put together: transports, transactions, registrar, trunks, media and the switch on top of them."""

from collections.abc import Awaitable, Callable
from os import urandom
from typing import Any

from twisted.internet.defer import Deferred

from magroup.model.clock import Clock
from magroup.model.configuration import Configuration
from magroup.model.listen import PortRange, SipListen
from magroup.model.settings import Settings
from magroup.process import ALONE, Process
from magroup.rtp.library import SoundLibrary
from magroup.rtp.media import Media
from magroup.rtp.ports import Ports
from magroup.rtp.recordings import Recordings
from magroup.rtp.wire import Wires
from magroup.sip.addresses import source_address
from magroup.sip.auth import Authenticator
from magroup.sip.bans import Bans
from magroup.sip.bindings import Bindings
from magroup.sip.contacts import Limits as ContactLimits
from magroup.sip.endpoint import Endpoint
from magroup.sip.errors import SipError
from magroup.sip.event import Limits as EventLimits
from magroup.sip.hop import Hop
from magroup.sip.limits import Limits as TransportLimits
from magroup.sip.message import MessageError, Request
from magroup.sip.notifier import Notifier
from magroup.sip.publications import Publications
from magroup.sip.sdes import Policy
from magroup.sip.shedding import Shedding
from magroup.sip.timers import Timers
from magroup.sip.tls import ClientTls, server_context
from magroup.sip.trace import Trace
from magroup.sip.transaction import TransactionLayer, random_token
from magroup.sip.transport import Transports
from magroup.sip.uri import Uri
from magroup.sip.wire import Network
from magroup.switch.guard import Guard, Surroundings
from magroup.switch.media import SwitchMedia
from magroup.switch.outside import OutsideCalls
from magroup.switch.registrar import Registrar, RegistrationStore
from magroup.switch.remotecc.control import RemoteControl
from magroup.switch.remotecc.incoming import IncomingRefers
from magroup.switch.switch import Limits, SipSwitch
from magroup.switch.traces import CallTraces
from magroup.switch.trunks import Trunks
from magroup.switch.usual_registers import UsualRegisters
from magroup.switch.wrong_passwords import WrongPasswords
from magroup.version import VERSION

LOOK_EVERY = 0.05
GOODBYE_SECONDS = 1.0


class Telephony:
    """All that makes calls. ``configuration`` gives the current one, ``network`` and ``wires`` are UDP for SIP, RTP.

    ``library`` has the sounds of announcements, ``prompts`` those of the voicemail; ``process`` is which of several at
    the same ports this is.
    """

    def __init__(
        self, clock: Clock, settings: Settings, configuration: Callable[[], Configuration], store: RegistrationStore,
        library: SoundLibrary, recordings: Recordings, wires: Wires, resolve: Callable[[Uri], Awaitable[list[Hop]]],
        network: Network | None = None, token: Callable[[], str] = random_token, node: str = "a",
        prompts: SoundLibrary | None = None, process: Process = ALONE,
    ) -> None:  # fmt: skip
        sip = settings.sip
        watching = _watching(settings)
        ports = process.part_of(PortRange.parse(settings.rtp.ports))
        self.timers = Timers(clock)
        self.endpoint = Endpoint()
        self.trace = self.endpoint.trace = Trace(clock.seconds)
        self.transports = Transports(
            clock, lambda message, hop: None, limits=_transports(settings), network=network or process.network,
            advertised=sip.advertised_address, client_tls=ClientTls(sip.tls_authorities, sip.tls_verify),
            bans=Bans(self.timers), is_shared=process.count > 1,
        )  # fmt: skip
        self.layer = TransactionLayer(self.transports, self.timers, self.endpoint, process.token(token), sip.t1)
        self.endpoint.layer = self.layer
        self.transports.receive = self.layer.receive
        self.transports.malformed = self._malformed
        self.authenticator = Authenticator(
            sip.domain, self._secret_of, process.secret or urandom(32), sip.nonce_lifetime, failed=self._failed
        )  # fmt: skip
        self.bindings = Bindings()
        self.registrar = Registrar(
            self.endpoint, self.timers, clock, self.bindings, self.authenticator, configuration, store,
            sip.options_ping_interval,
        )  # fmt: skip
        self.ports = Ports(clock, wires, ports.first, ports.last)
        self.media = Media(clock, self.ports)
        self.recordings = recordings
        self.trunks = Trunks(self.endpoint, self.timers, resolve, process.is_first)
        self.switch = SipSwitch(
            clock, self.timers, self.endpoint,
            SwitchMedia(self.media, library, recordings, settings.rtp.address, prompts),
            self.registrar, self.trunks, self.authenticator, configuration, node,
        )  # fmt: skip
        self.outside = OutsideCalls(
            self.timers, self.endpoint, configuration, lambda line: bool(self.bindings.contacts(line)),
            settings.outside, settings.time_zone,
        )  # fmt: skip
        self.switch.calling.outside = self.outside.admits
        self.traces = CallTraces(self.trace, self.switch.calls_by_id, self.own_end)
        self.notifier = Notifier(self.endpoint, clock, self.line_of, watching)
        self.publications = Publications(self.endpoint, clock.seconds, self.line_of, self._is_own, watching)
        self.remote = RemoteControl(self.endpoint, self.registrar)
        self.refers = IncomingRefers(self.line_of, self.layer.token)
        self.endpoint.methods |= {
            "SUBSCRIBE": self.notifier.request, "PUBLISH": self.publications.request, "REFER": self.refers.request,
        }  # fmt: skip
        self.shedding = Shedding(self.layer, clock, self.transports, self._is_registered)
        self.guard = Guard(self.timers, self.transports, self._around(), settings.protection)
        self.layer.admits, self.authenticator.refused = self.guard.admits, self.guard.refuses
        self.trunks.found = self.guard.look_again
        self.transports.registers = UsualRegisters(
            self.endpoint, self.registrar, self.authenticator, clock.seconds, configuration, self.transports.heard,
            self.guard.harmless, lambda: self.shedding.takes_all_registrations,
        ).serve  # fmt: skip
        self._wrong_passwords = WrongPasswords(self.timers)
        self._clock = clock
        self._configuration = configuration
        self._is_listening = False
        self._apply(settings)

    def apply(self, settings: Settings) -> None:
        """Take over what may change while calls are up; they keep what they began with."""
        self.registrar.ping_every(settings.sip.options_ping_interval)
        self._apply(settings)

    def _apply(self, settings: Settings) -> None:
        sip = settings.sip
        self.endpoint.agent = sip.server_name or f"magroup/{VERSION}"
        self.endpoint.session_expires, self.endpoint.min_se = sip.session_expires, sip.min_se
        self.transports.limit(_transports(settings))
        self.guard.limit(settings.protection)
        self.outside.limit(settings.outside, settings.time_zone)
        self.shedding.limit(settings.overload.wait / 1000, settings.overload.retry_after)
        self.trace.limit(settings.trace.memory << 20, settings.trace.messages_per_call)
        self._trace_on()
        self.authenticator.nonces.lifetime = sip.nonce_lifetime
        self.bindings.limits = ContactLimits(sip.expiry_min, sip.expiry_default, sip.expiry_max)
        self.notifier.limit(_watching(settings))
        self.publications.limit(_watching(settings))
        self.switch.limits = Limits(settings.calls.max_calls, settings.calls.ring_timeout, sip.max_forwards)
        self.switch.ring_limit = self.switch.limits.ring
        self.switch.pickup_code = settings.calls.pickup_code
        self.switch.media.address, self.switch.media.dtmf = settings.rtp.address, settings.rtp.dtmf_payload_type
        self.switch.media.srtp = Policy(settings.rtp.srtp)

    def _around(self) -> Surroundings:
        """What the guard asks."""
        switch, bindings = self.switch, self.bindings

        def line_of(user: str) -> str:
            line = self._configuration().line(user.partition("@")[0])
            return line.number if line is not None else ""

        def phones_of(line: str) -> list[str]:
            return [one.received[0] for one in (bindings.contacts(line) if line else bindings.all())]

        return Surroundings(
            line_of, lambda number: switch.is_line(number) or switch.is_route_point(number), phones_of,
            self.trunks.networks,
        )  # fmt: skip

    def _failed(self, address: str, user: str) -> None:
        self._wrong_passwords.note(address, user)
        self.guard.failed(address, user)

    def _malformed(self, error: MessageError, hop: Hop) -> None:
        if self.guard.malformed(hop):
            self.layer.malformed(error, hop)

    def watch(self, seen: Callable[[bool, Hop, bytes, bytes], None] | None) -> None:
        """Tell of each SIP message, beside the trace: whether it is sent, the hop, its bytes, its Call-ID."""
        self.trace.watch = seen
        self._trace_on()

    def _trace_on(self) -> None:
        is_used = self.trace.is_on or self.trace.watch is not None
        self.transports.trace = self.trace if is_used else None

    def line_of(self, request: Request, hop: Hop) -> str:
        """The line whose phone subscribes or publishes. Raises SipError; trunks are nobody's phones."""
        if self.trunks.of_source(hop) is not None:
            raise SipError(403)
        line = self._configuration().line(self.authenticator.check(request, self._clock.seconds(), address=hop.host))
        if line is None or line.on_pbx:
            raise SipError(403)
        return line.number

    def own_end(self, hop: Hop) -> tuple[str, int]:
        """Where messages to and from the hop leave and arrive, whatever is advertised."""
        return hop.local_host or source_address(hop.host), self.transports.local(hop)[1]

    def _is_own(self, number: str, line: str) -> bool:
        return self._configuration().plan.same(number, line)

    def _is_registered(self, number: str) -> bool:
        line = self._configuration().line(number)
        return line is not None and bool(self.bindings.contacts(line.number))

    def _secret_of(self, user: str) -> str | None:
        line = self._configuration().line(user)
        return line.secret if line is not None and not line.on_pbx else None

    async def listen(self, addresses: tuple[str, ...]) -> list[str]:
        """Open every transport, then start the trunks; returns where it listens. Raises CannotListenError, TlsError."""
        for text in addresses:
            where = SipListen.parse(text)
            if where.transport == "udp":
                await self.transports.listen_udp(where.host, where.port)
            elif where.transport == "tcp":
                await self.transports.listen_tcp(where.host, where.port)
            else:
                context = server_context(where.certificate, where.key)
                await self.transports.listen_tls(where.host, where.port, context)
        # Not before: a trunk that nobody could ask counts as gone until it is asked again.
        self._is_listening = True
        self.trunks.configure(self._configuration().trunks)
        return [f"{transport} {_bracketed(host)}:{port}" for transport, host, port in self.transports.listening()]

    def configure(self, old: Configuration | None, new: Configuration) -> None:
        """The configuration has changed: trunks start and stop, lines that went or got another secret lose phones."""
        if self._is_listening:
            self.trunks.configure(new.trunks)
            self.guard.look_again()
        if old is None or old.lines is new.lines:
            return
        kept = {line.number: line for line in new.lines}
        for line in old.lines:
            now = kept.get(line.number)
            if now is None or now.secret != line.secret or now.on_pbx:
                self.registrar.forget_line(line.number)
                if now is None:
                    self.switch.forget_line(line.number)
                self.notifier.forget_line(line.number)
                self.publications.forget_line(line.number)

    async def when(self, is_so: Callable[[], bool], seconds: float) -> bool:
        """Wait until something is so, ``seconds`` at most; whether it is."""
        for _ in range(int(seconds / LOOK_EVERY)):
            if is_so():
                return True
            waiting: Deferred[bool] = Deferred()
            self.timers.after(LOOK_EVERY, waiting.callback, True)
            await waiting
        return is_so()

    async def stop(self) -> None:
        """End what is left of calls, give the phones a moment to hear of it, and close everything."""
        self.shedding.stop()
        self.notifier.stop()
        self.switch.end_calls()
        await self.when(lambda: not self.layer.is_waiting, GOODBYE_SECONDS)
        await self.recordings.stop()
        self.registrar.stop()
        self.trunks.stop()
        self.media.close()
        await self.transports.stop()
        self.layer.stop()
        self.timers.stop()

    def describe(self) -> dict[str, Any]:
        """The debug dump of each layer, as lines."""
        return {
            "transports": self.transports.describe(),
            "transactions": self.layer.describe(),
            "dialogs": self.endpoint.describe(),
            "calls": self.switch.describe(),
            "trunks": self.trunks.describe(),
            "subscriptions": self.notifier.describe(),
            "publications": self.publications.describe(),
            "streams": self.media.describe(),
        }


def _transports(settings: Settings) -> TransportLimits:
    sip = settings.sip
    return TransportLimits(
        message=sip.message_limit, header=sip.message_limit, connections=sip.max_connections,
        connections_per_address=sip.connections_per_address, idle=sip.idle_timeout,
    )  # fmt: skip


def _watching(settings: Settings) -> EventLimits:
    sip = settings.sip
    return EventLimits(sip.subscription_min, sip.subscription_max, sip.max_subscriptions, sip.subscriptions_per_line)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
