"""The phones of a live test: started side by side, registered at the server, ended side by side."""

from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, gatherResults

from tests.live.server import SECRET, Live
from tests.peers import Baresip, RtpSink, Sipp, SippResult, address
from tests.peers.sip_trace import SipText
from tests.peers.sipp import SCENARIOS as PEERS

T = TypeVar("T")
SCENARIOS = Path(__file__).parent / "scenarios"


async def together(*work: Coroutine[Deferred[Any], Any, T]) -> list[T]:
    """Do all of it at the same time; fails with the first failure."""
    found: list[T] = await gatherResults([Deferred.fromCoroutine(one) for one in work], consumeErrors=True)
    return found


async def baresips(server: Live, *numbers: str, **options: Any) -> list[Baresip]:
    """A registered baresip for each line."""
    options = {"registrar": server.sip, "secret": SECRET, **options}
    phones = [Baresip(server.test, number, **options) for number in numbers]
    await together(*(phone.start() for phone in phones))

    async def stop() -> None:
        await together(*(phone.stop() for phone in phones))

    # This cleanup comes before those of the phones, each of which would take its time.
    server.test.addCleanup(stop)
    await together(*(phone.registered() for phone in phones))
    return phones


class Desk:
    """A line whose phone is SIPp: it registers, then plays a script of ``tests.peers.sipp`` for one call.

    ``manager, = await desks(Desk(server, "1047", "uas", ring=0.2))``; ``sipp`` is the phone.
    """

    def __init__(self, server: Live, number: str, scenario: str | Path, says: str = "", **options: Any) -> None:
        """``says`` are header lines of its second REGISTER, in place of the User-Agent."""
        self.server = server
        self.says = says
        self.number = number
        self.ip = address(server.test).ip
        self.sipp = Sipp(server.test, scenario, ip=self.ip, **{"timeout": 60.0, **options})

    async def start(self) -> "Desk":
        """Register, and wait for calls."""
        await register(self.server, self.number, self.ip, self.says)
        await self.sipp.start()
        return self

    async def unregister(self) -> None:
        """Take the line out of service; the phone itself stays."""
        server = self.server
        await Sipp(
            server.test, SCENARIOS / "unregister.xml", server.sip, caller=self.number, password=SECRET
        ).run()  # fmt: skip

    async def invited(self, timeout: float = 10.0) -> SipText:
        """Wait for the call's INVITE."""
        return await self.sipp.message("INVITE", timeout)

    async def cancelled(self, timeout: float = 10.0) -> SipText:
        """Wait for the CANCEL."""
        return await self.sipp.message("CANCEL", timeout)

    def requests(self) -> list[str]:
        """The methods received so far."""
        return [m.first_line.split(" ")[0] for m in self.sipp.messages() if not m.sent and not m.status]


async def register(server: Live, number: str, ip: str, says: str = "") -> None:
    """Register a line at port 5060 of an address; ``says`` as for a Desk."""
    scenario: str | Path = "register"
    if says:
        scenario = Path(server.test.mktemp()).absolute().with_suffix(".xml")
        text = (PEERS / "register.xml").read_text()
        before, _, after = text.rpartition("User-Agent: SIPp")
        scenario.write_text(before + says + after)
    await Sipp(server.test, scenario, server.sip, ip=ip, caller=number, password=SECRET).run()


async def desks(*wanted: Desk) -> list[Desk]:
    """Start several side by side."""
    return await together(*(desk.start() for desk in wanted))


async def finished(*phones: Desk) -> list[SippResult]:
    """Wait until all have played their script to its end, and well."""
    return await together(*(desk.sipp.finished() for desk in phones))


class Caller:
    """A caller that is SIPp, with an RTP endpoint of the test as its sound: ``sink`` hears what is said.

    ``stay`` is for how long it stays after the answer, where its script says so.
    """

    def __init__(
        self, server: Live, scenario: str = "uac_wait_bye", service: str = "8973", caller: str = "1201", **options: Any
    ) -> None:
        self.server = server
        self.sink = RtpSink(server.test)
        self.sipp = Sipp(
            server.test, scenario, server.sip, service=service, caller=caller, password=SECRET,
            media=(self.sink.ip, self.sink.port), **{"timeout": 60.0, **options},
        )  # fmt: skip

    async def call(self) -> "Caller":
        """Begin the call."""
        self.sink.open()
        await self.sipp.start()
        return self

    async def heard(self, status: int, timeout: float = 10.0) -> SipText:
        """Wait for a response with this status to the INVITE."""
        return await self.sipp.message(status, timeout)

    async def finished(self) -> SippResult:
        """Wait until the script was played to its end, and well."""
        return await self.sipp.finished()
