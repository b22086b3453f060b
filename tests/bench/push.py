"""Pushes on one core: ``python -m tests.bench.push [--phones 1000] [--groups 50] [--rate 50] [--seconds 20]``.

So many phones, all on another core, show groups; presence of somebody in one of them changes at the rate. Told are how
long it took from a change until a phone was pushed to whose last push was over a second old and answered, the CPU of
the server, and how late it came to a tick of 20 ms, as of the sound.
"""

import argparse
import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

from magroup.model.configuration import Configuration
from magroup.model.groups import Group, Member
from magroup.model.lines import Line, Phone
from magroup.model.people import User
from magroup.model.presence import Presence
from magroup.model.settings import Settings

ANSWER = b'<CiscoIPPhoneResponse><ResponseItem Status="0" Data="Success" URL="http://x"/></CiscoIPPhoneResponse>'
STATES = (Presence.AVAILABLE, Presence.AWAY, Presence.BUSY, Presence.DND)
WARM_UP = 5.0
"""Seconds until the pushes of the start are over."""


def company(phones: int, groups: int, port: int) -> Configuration:
    """A user, a line and a phone for each; the phones show the group."""
    numbers = [str(10000 + n) for n in range(phones)]
    each = phones // groups
    return Configuration(
        users=tuple(User(n + 1, f"user.{n}", f"First{n}", f"Last{n}", lines=(numbers[n],)) for n in range(phones)),
        lines=tuple(Line(number, displayed_group=n // each + 1) for n, number in enumerate(numbers)),
        phones=tuple(
            Phone(f"SEP{n:012X}", "CP-8845", (number,), f"127.0.0.1:{port}") for n, number in enumerate(numbers)
        ),
        groups=tuple(Group(n + 1, f"Group {n}", number=str(500 + n)) for n in range(groups)),
        members=tuple(
            Member(n + 1, n // each + 1, f"user.{n}", numbers[n], f"U{n}", not n % each, n % each + 1)
            for n in range(phones)
        ),
    )


class _Phones(asyncio.Protocol):
    """All phones: each request is answered at once."""

    def __init__(self) -> None:
        self.received = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        if end and len(body) >= int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]):
            lines = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n" % len(ANSWER)
            self.transport.write(lines + ANSWER)
            self.transport.close()


async def phones() -> None:
    """Serve; the port is printed."""
    server = await asyncio.get_running_loop().create_server(_Phones, "127.0.0.1", 0, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


class Bench:
    """The server's part in this process."""

    def __init__(self, configuration: Configuration, rate: float) -> None:
        from twisted.internet import reactor

        from magroup.cti.fake import FakeSwitch
        from magroup.groups import Application, ForwardingBook, PresenceBook
        from magroup.groups.board import Board
        from magroup.groups.member_states import MemberStates
        from magroup.service import Server
        from magroup.web.phone.opening import status_display
        from magroup.web.phone.push.pushes import Pushes
        from tests.groups.world import Records

        self.reactor: Any = reactor
        self.configuration = configuration
        self.rate = rate
        self.presence = PresenceBook(self.reactor, lambda *change: None)
        switch = FakeSwitch(self.reactor, [line.number for line in configuration.lines])
        forwarding = ForwardingBook(self.reactor, configuration, lambda *change: None, lambda *change: None)
        application = Application(switch, self.reactor, self.presence, forwarding, Records(), configuration)
        application.start()
        states = MemberStates(switch, application)
        states.start()
        board = Board(self.reactor, switch, states, self.presence, forwarding.subscribe, configuration)
        board.start()
        self.settle = Server.settle
        nothing: Any = None
        settings = Settings(public_url="http://10.0.0.5:8080")
        self.pushes = Pushes(
            board, switch, application, states, lambda: configuration, lambda: settings, lambda number: (), nothing,
            nothing, lambda: 8080, status_display(application, switch, states, nothing), self.reactor,
        )  # fmt: skip
        self.pushes.pusher._way = self.timed(self.pushes.pusher._way)
        self.group_of = {
            phone.device_name.casefold(): configuration.lines[n].displayed_group
            for n, phone in enumerate(configuration.phones)
        }
        self.random = Random(1)
        self.changed_at: dict[int, float] = {}
        self.answered_at: dict[str, float] = {}
        self.delays: list[float] = []
        self.late: list[float] = []
        self.pushed = self.changes = 0
        self.is_measuring = False

    def timed(self, way: Any) -> Callable[[str], Callable[[bytes], Awaitable[Any]] | None]:
        """The ways of the pusher, with a look at the clock when something goes out and when it is answered."""

        def found(device: str) -> Any:
            send = way(device)

            async def timed(document: bytes) -> Any:
                self.begun(device)
                answer = await send(document)
                self.answered_at[device] = self.reactor.seconds()
                return answer

            return timed

        return found

    def begun(self, device: str) -> None:
        now = self.reactor.seconds()
        self.pushed += 1
        changed_at = self.changed_at.get(self.group_of[device], 0.0)
        if self.is_measuring and changed_at - self.answered_at.get(device, now) > 1.0:
            self.delays.append(1000 * (now - changed_at))

    def change(self) -> None:
        """Somebody is another way; the time is that before anything of it is done."""
        self.reactor.callLater(self.random.expovariate(self.rate), self.change)
        member = self.random.choice(self.configuration.members)
        now = self.presence.get(member.user_name).value
        self.changes += 1
        self.changed_at[member.group_id] = self.reactor.seconds()
        self.presence.set(member.user_name, self.random.choice([state for state in STATES if state is not now]))

    def tick(self, due: float) -> None:
        self.late.append(1000 * (self.reactor.seconds() - due))
        self.reactor.callLater(0.02, self.tick, self.reactor.seconds() + 0.02)

    def run(self, seconds: float) -> None:
        """Measure for so long, after a while."""
        self.pushes.start()
        self.change()
        begun: list[float] = []

        def measure() -> None:
            self.settle()
            self.pushed = self.changes = 0
            self.is_measuring = True
            begun.extend((time.process_time(), time.monotonic()))
            self.tick(self.reactor.seconds())
            self.reactor.callLater(seconds, told)

        def told() -> None:
            self.tell(time.process_time() - begun[0], time.monotonic() - begun[1])
            self.pushes.stop()
            self.reactor.stop()

        self.reactor.callLater(WARM_UP, measure)
        self.reactor.run()

    def tell(self, spent: float, passed: float) -> None:
        """The figures of so many seconds, of which so many of the processor."""
        delays, late = sorted(self.delays) or [0.0], sorted(self.late)
        outcomes = {outcome.value: count for outcome, count in self.pushes.pusher.figures.outcomes.items() if count}
        print(f"{self.changes / passed:.0f} changes/s, {self.pushed / passed:.0f} pushes/s, {outcomes}")
        print(f"CPU {100 * spent / passed:.0f} %, {1000 * spent / max(1, self.pushed):.2f} ms a push")
        print(f"event to push ({len(delays)}): p50 {at(delays, 0.5):.1f}, p99 {at(delays, 0.99):.1f}, "
              f"max {delays[-1]:.1f} ms")  # fmt: skip
        print(f"ticks late: p50 {at(late, 0.5):.2f}, p99 {at(late, 0.99):.2f}, max {late[-1]:.2f} ms")


def at(found: list[float], share: float) -> float:
    return found[int(len(found) * share)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--phones", type=int, default=1000)
    parser.add_argument("--groups", type=int, default=50)
    parser.add_argument("--rate", type=float, default=50.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--serve", action="store_true", help="be the phones")
    given = parser.parse_args()
    if given.serve:
        asyncio.run(phones())
        return
    serving = subprocess.Popen([sys.executable, "-m", "tests.bench.push", "--serve"], stdout=subprocess.PIPE, text=True)
    try:
        assert serving.stdout is not None
        port = int(serving.stdout.readline())
        Bench(company(given.phones, given.groups, port), given.rate).run(given.seconds)
    finally:
        serving.terminate()
        serving.wait()


if __name__ == "__main__":
    main()
