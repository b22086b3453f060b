"""One worker of a load: gets ready, makes calls until it is told otherwise, and leaves nothing behind."""

import gc
import resource
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError

from magroup.load.arrivals import Concurrency, Rate
from magroup.load.call_times import CallTimes
from magroup.load.chance import Chance
from magroup.load.cisco import Handsets
from magroup.load.lineup import Lineup
from magroup.load.measures import Measures
from magroup.load.messages import Done, Progress, Ready, Said, Share
from magroup.load.numbers import expanded
from magroup.load.registration import Registration
from magroup.load.surroundings import Surroundings
from magroup.model.listen import PortRange
from magroup.rtp.media import Media
from magroup.rtp.ports import Ports
from magroup.rtp.socket_wire import SocketWires
from magroup.sip.hop import Hop
from magroup.sip.message import Response
from magroup.sip.ping import ping
from magroup.sip.timers import Timers
from magroup.sip.tls import TlsError
from magroup.sip.uri import sip_uri
from magroup.sip.wire import UdpNetwork

TELL_EVERY = 0.5
LATENESS_EVERY = 0.1
REGISTER_PATIENCE = 35.0
"""Seconds that the last phone to register may take: longer than SIP goes on repeating."""
GOODBYE = 5.0
AT_ONCE = 50
"""Lines that unregister at the same time."""


class Worker:
    """``tell`` gets what is to be said to the load tool."""

    def __init__(self, reactor: Any, share: Share, handsets: Handsets, tell: Callable[[Said], None]) -> None:
        self._reactor = reactor
        self._tell = tell
        scenario = self._scenario = share.scenario
        self._share = share
        self.measures = Measures()
        self._timers = Timers(reactor)
        first, last = ports_of(scenario.network.rtp_ports, share.worker, share.workers)
        self._media = Media(reactor, Ports(reactor, SocketWires(reactor), first, last))
        callers = [number for table in scenario.callers for number in expanded(table.numbers)]
        times = CallTimes(Path(share.times), callers)
        hosts = {share.host, *share.addresses, *scenario.network.other_hosts}
        self._sinks = [UdpNetwork(reactor).open(one, 0, lambda *_: None) for one in share.addresses]
        self._around = Surroundings(
            self._timers, self.measures, Chance(scenario.run.seed, share.worker), times, self._media, scenario.media,
            hosts, {wire.host: wire.port for wire in self._sinks}, share.domain,
        )  # fmt: skip
        self._lineup = Lineup(reactor, scenario, share, self._around, handsets)
        self._arrivals: list[Rate | Concurrency] = []
        self._is_ending = False
        self._is_there = True
        self._cpu = (time.process_time(), reactor.seconds())

    async def prepare(self) -> None:
        """Find the server, register the phones; tells that it is ready, or what the problem is."""
        self._timers.after(TELL_EVERY, self._report)
        try:
            for station in self._lineup.stations:
                await station.open()
        except (CannotListenError, TlsError) as error:
            self._tell(Ready(str(error)))
            return
        problem = await self._find_server() or await self._register()
        gc.collect()
        gc.freeze()
        self._tell(Ready(problem))

    async def _find_server(self) -> str:
        """Ask the server whether it is there; "" or the problem."""
        share, server = self._share, self._scenario.server
        needs_sip = bool(self._scenario.phones or self._scenario.callers)
        if not needs_sip:
            return ""
        self._is_there = False
        station = self._lineup.main
        answered: Deferred[str] = Deferred()

        def heard(is_there: bool, response: Response) -> None:
            if not answered.called:
                answered.callback("" if is_there else f"{response.status} {response.reason}")

        target = sip_uri("", share.host, share.port, share.transport)
        limit = self._timers.after(server.answers_within, heard_nothing, answered)
        ping(station.endpoint, station.server, target, target, heard)
        why = await answered
        limit.cancel()
        self._is_there = not why
        return f"no SIP server answers at {Hop(share.transport, share.host, share.port)}: {why}" if why else ""

    async def _register(self) -> str:
        lines = self._lineup.lines
        for rate, some in self._lineup.registrations:
            now = self._reactor.seconds()
            starts = [partial(line.start, now + at / rate) for at, line in enumerate(some, 1)]
            self._one_after_another(rate, starts)
        slowest = max((len(some) / rate for rate, some in self._lineup.registrations if some), default=0.0)
        await self._until(lambda: all(line.is_registered or line.problem for line in lines) or self._is_ending,
                          slowest + REGISTER_PATIENCE)  # fmt: skip
        if lines and not any(line.is_registered for line in lines) and not self._is_ending:
            return f"none of {len(lines)} phones could register: {lines[0].problem or 'no answer'}"
        return ""

    def _one_after_another(self, rate: float, all_of_them: Sequence[Callable[[], Any]]) -> None:
        """Do these at a rate, evenly."""
        left = iter(all_of_them)

        def do() -> None:
            one = next(left, None)
            if one is None or self._is_ending:
                arrivals.stop()
            else:
                one()

        arrivals = Rate(self._reactor, self._around.chance.random, rate, do, is_even=True)
        if all_of_them:
            self._arrivals.append(arrivals)
            arrivals.start()

    def begin(self) -> None:
        """Make calls, and all else."""
        if self._is_ending:
            return
        self._look_at_clock(self._reactor.seconds() + LATENESS_EVERY)
        run, share, chance, lineup = self._scenario.run, self._share, self._around.chance, self._lineup
        for pool in lineup.pools:
            table = pool.table
            if table.rate:
                self._arrivals.append(Rate(
                    self._reactor, chance.random, table.rate / share.workers, pool.arrive, ramp=run.ramp,
                    is_even=table.arrival == "even", first=(share.worker + 1) / share.workers, late=self._late,
                ))  # fmt: skip
            else:
                wanted = len(range(share.worker, table.concurrent, share.workers))
                self._arrivals.append(Concurrency(self._reactor, wanted, pool.how_many, pool.call, run.ramp))
            self._arrivals[-1].start()
        for rate, client in lineup.clients:
            arrivals = Rate(self._reactor, chance.random, rate, client.ask, ramp=run.ramp, late=self._late)
            self._arrivals.append(arrivals)
            arrivals.start()
        for rate, gadgets in lineup.gadgets:
            self._one_after_another(rate, [one.start for one in gadgets])
        for visitor in lineup.visitors:
            visitor.start()

    async def drain(self) -> None:
        """Begin nothing more, let calls end, at most for as long as the scenario says; then end."""
        self._stop_arrivals()
        await self._until(lambda: self._is_ending or not self._calls_up, self._scenario.run.drain)
        await self.end()

    async def end(self) -> None:
        """End all calls, unregister, close everything; tells that it is done."""
        if self._is_ending:
            return
        self._is_ending = True
        self._stop_arrivals()
        lineup = self._lineup
        for _, client in lineup.clients:
            client.stop()
        for visitor in lineup.visitors:
            visitor.stop()
        for gadget in (one for _, some in lineup.gadgets for one in some):
            gadget.stop()
        for caller in (one for pool in lineup.pools for one in pool.callers):
            caller.cut()
        await self._until(lambda: not any(phone.calls for phone in lineup.phones), GOODBYE)
        for phone in lineup.phones:
            phone.hang_up()
        if self._is_there:
            await self._quiet(lineup.lines)
        self._media.close()
        for station in lineup.stations:
            await station.stop()
        for sink in self._sinks:
            sink.close()
        if lineup.web is not None:
            await lineup.web.close()
        self._timers.stop()
        self._tell(Done(self.measures.take()))

    async def _quiet(self, lines: list[Registration]) -> None:
        """Unregister all lines, some at a time while they are answered, and wait for what is under way."""
        left, asked = deque(lines), set[Registration]()
        since = self._reactor.seconds()
        while (left or asked) and self._reactor.seconds() - since < GOODBYE:
            answered = {line for line in asked if not line.is_registered}
            if answered:
                since = self._reactor.seconds()
                asked -= answered
            while left and len(asked) < AT_ONCE:
                line = left.popleft()
                line.stop()
                if line.is_registered:
                    asked.add(line)
            await self._wait(0.01)
        for line in left:
            line.stop()
        await self._until(lambda: not any(station.is_waiting for station in self._lineup.stations), GOODBYE)
        forgotten = sum(line.is_registered for line in lines)
        if forgotten:
            self.measures.reason("registrations", "unregistering was not answered", forgotten)

    def _stop_arrivals(self) -> None:
        for arrivals in self._arrivals:
            arrivals.stop()
        self._arrivals.clear()

    @property
    def _calls_up(self) -> int:
        return sum(caller.call is not None for pool in self._lineup.pools for caller in pool.callers)

    def _late(self, seconds: float) -> None:
        self.measures.record("lateness", seconds)

    def _look_at_clock(self, due: float) -> None:
        now = self._reactor.seconds()
        if now >= due:
            self._late(now - due)
            due = now + LATENESS_EVERY
        if not self._is_ending:
            self._reactor.callLater(max(due - self._reactor.seconds(), 0.0), self._look_at_clock, due)

    def _report(self) -> None:
        """Tell what was measured, again and again."""
        self._timers.after(TELL_EVERY, self._report)
        cpu, now = time.process_time(), self._reactor.seconds()
        share = (cpu - self._cpu[0]) / max(now - self._cpu[1], 1e-3)
        self._cpu = (cpu, now)
        gauges = {
            "calls_up": self._calls_up,
            "phones_registered": sum(line.is_registered for line in self._lineup.lines),
            "gadgets_open": sum(one.is_open for _, some in self._lineup.gadgets for one in some),
        }
        self._tell(Progress(self.measures.take(), gauges, share))

    async def _until(self, is_so: Callable[[], bool], seconds: float) -> None:
        """Wait until something is so, ``seconds`` at most."""
        end = self._reactor.seconds() + seconds
        while not is_so() and self._reactor.seconds() < end:
            await self._wait(0.05)

    async def _wait(self, seconds: float) -> None:
        waiting: Deferred[None] = Deferred()
        self._reactor.callLater(seconds, waiting.callback, None)
        await waiting


def heard_nothing(answered: Deferred[str]) -> None:
    if not answered.called:
        answered.callback("no answer to OPTIONS")


def raise_limits() -> None:
    """As many open files as the system allows: each call with sound takes two."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def ports_of(text: str, worker: int, workers: int) -> tuple[int, int]:
    """This worker's part of the range."""
    whole = PortRange.parse(text)
    each = (whole.last + 1 - whole.first) // workers // 2 * 2
    first = whole.first + worker * each
    return first, first + each - 1
