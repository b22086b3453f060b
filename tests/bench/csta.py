"""CSTA, a core for each side: ``python -m tests.bench.csta [--lines 5000] [--rate 200] [--seconds 20] [--calls 500]``.

A server with FakeSwitch, and a client on another core, over a socket on loopback. All lines are monitored. Told are how
long it takes from the connection until all monitors run and all snapshots are taken, with so many calls up; then, while
calls come that make events at the rate, how many of them the client has heard, and the CPU of both sides.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from typing import Any

from tests.bench.rest import cpu

CALL_EVENTS = 6
"""Of a call: Originated, Delivered, Established, ConnectionCleared twice, CallCleared."""


def numbers(lines: int) -> list[str]:
    return [f"3{at:05}" for at in range(lines)]


def serve(lines: int, rate: float, calls: int) -> None:
    """The server: prints its port; from SIGUSR1 on the calls come."""
    from twisted.internet import reactor as any_reactor
    from twisted.internet.task import LoopingCall

    from magroup.csta.accounts import Account
    from magroup.csta.limits import Limits
    from magroup.csta.switching_function import SwitchingFunction
    from magroup.cti.fake import FakeSwitch

    reactor: Any = any_reactor
    all_lines = numbers(lines)
    switch = FakeSwitch(reactor, all_lines)
    limits = Limits(requests_per_second=1000.0, monitors=lines + 10)

    async def admit(user: str, password: str, address: str) -> Account:
        return Account(user, True)

    server = SwitchingFunction(reactor, switch, admit, lambda address: Account("bench", True), str, limits)
    port = reactor.listenTCP(0, server.factory, interface="127.0.0.1")
    for at in range(calls):
        call_id = switch.arrive(all_lines[2 * at], all_lines[2 * at + 1])
        switch.device_answers(call_id, all_lines[2 * at + 1])
    up: list[tuple[str, str]] = []
    free = all_lines[2 * calls :]
    state = {"at": 0}

    def steps(count: int) -> None:
        for _ in range(count):
            step()

    def step() -> None:
        """A call comes and is answered, one of those before it ends."""
        one, other = free[state["at"] % len(free)], free[(state["at"] + 1) % len(free)]
        state["at"] += 2
        call_id = switch.arrive(one, other)
        switch.device_answers(call_id, other)
        up.append((call_id, other))
        if len(up) > 20:
            switch.device_hangs_up(*up.pop(0))

    looping = LoopingCall.withCount(steps)

    def begin() -> None:
        looping.start(CALL_EVENTS / rate)

    signal.signal(signal.SIGUSR1, lambda *_: reactor.callFromThread(begin))
    reactor.callWhenRunning(lambda: print(port.getHost().port, flush=True))
    reactor.run()


def watch(port: int, lines: int, seconds: float) -> None:
    """The client: prints how long it took to look at everything, then how late the events were."""
    from twisted.internet import reactor as any_reactor

    from magroup.csta.client_session import ClientSession, Peer
    from magroup.csta.switch import CstaSwitch
    from magroup.cti.events import CallEvent, Event
    from magroup.cti.fake import FakeSwitch

    reactor: Any = any_reactor
    points = FakeSwitch(reactor)
    switch = CstaSwitch(reactor, numbers(lines), points)
    heard = [0]
    began = time.monotonic()

    def changed(why: str) -> None:
        if not why:
            print(f"looked {time.monotonic() - began:.2f} {len(switch.calls())}", flush=True)
            switch.monitor_start(event)

    def event(one: Event) -> None:
        if isinstance(one, CallEvent):
            heard[0] += 1

    switch.changed = changed

    def report() -> None:
        print(f"heard {heard[0]}", flush=True)
        reactor.stop()

    def begin() -> None:
        heard[0] = 0
        reactor.callLater(seconds, report)

    signal.signal(signal.SIGUSR1, lambda *_: reactor.callFromThread(begin))
    from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol

    session = ClientSession(reactor, Peer(), switch.heard, switch.link_up, switch.link_down)
    connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", port), session)
    reactor.run()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=5000)
    parser.add_argument("--rate", type=float, default=200.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--calls", type=int, default=500)
    parser.add_argument("--part", default="")
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    if given.part == "serve":
        serve(given.lines, given.rate, given.calls)
        return
    if given.part == "watch":
        watch(given.port, given.lines, given.seconds)
        return

    def start(part: str, *more: str) -> "subprocess.Popen[str]":
        same = [f"--{name}={getattr(given, name)}" for name in ("lines", "rate", "calls", "seconds")]
        command = [sys.executable, "-m", "tests.bench.csta", "--part", part, *same, *more]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    server = start("serve")
    assert server.stdout is not None
    client = start("watch", f"--port={server.stdout.readline().strip()}")
    assert client.stdout is not None
    try:
        _, seconds, calls = client.stdout.readline().split()
        print(f"{given.lines} lines monitored and looked at, {calls} calls found: {seconds} s; "
              f"CPU of the server {cpu(server.pid):.1f} s, of the client {cpu(client.pid):.1f} s")  # fmt: skip
        before = cpu(server.pid), cpu(client.pid)
        for one in (client, server):
            os.kill(one.pid, signal.SIGUSR1)
        time.sleep(given.seconds - 0.5)
        after = cpu(server.pid), cpu(client.pid)
        _, heard = client.stdout.readline().split()
        shares = [(one - other) / (given.seconds - 0.5) for one, other in zip(after, before, strict=True)]
        print(f"{int(heard) / given.seconds:.0f} events/s heard of {given.rate:.0f}: "
              f"the server takes {100 * shares[0]:.0f} % of a core, the client {100 * shares[1]:.0f} %")  # fmt: skip
    finally:
        for one in (client, server):
            one.kill()
            one.wait()


if __name__ == "__main__":
    main()
