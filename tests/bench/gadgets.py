"""Gadgets on one core: ``python -m tests.bench.gadgets [--gadgets 500] [--rate 20] [--seconds 20]``.

So many browsers, on another core, each of another user, show groups of 20. Calls come to their members at the rate,
ring, are answered and end, on a FakeSwitch. Told are how long it took from the event that a phone rings until the last
browser of the group had it, the CPU of the server, how late it came to a tick of 20 ms, as of the sound; its memory.
"""

import argparse
import base64
import json
import os
import re
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

from magroup.model.configuration import Configuration
from magroup.model.groups import Group, Member
from magroup.model.lines import Line
from magroup.model.people import User
from magroup.model.settings import GadgetSettings, Settings
from tests.bench.rest import cpu
from tests.bench.sip_servers import pinned

IN_A_GROUP = 20
PING, PONG = b"\x89\x00", b"\x8a\x80" + bytes(4)
RINGS = re.compile(rb'"state":"ringing","direction":"in","name":"(\d+\.\d+)"')


def company(gadgets: int) -> Configuration:
    """A user, a line and a membership for each gadget."""
    numbers = [str(10000 + n) for n in range(gadgets)]
    return Configuration(
        users=tuple(User(n + 1, f"user.{n}", f"First{n}", f"Last{n}", lines=(numbers[n],)) for n in range(gadgets)),
        lines=tuple(map(Line, numbers)),
        groups=tuple(Group(n + 1, f"Group {n}", number=str(500 + n)) for n in range(-(-gadgets // IN_A_GROUP))),
        members=tuple(
            Member(n + 1, n // IN_A_GROUP + 1, f"user.{n}", numbers[n], f"U{n}", not at, at + 1)
            for n in range(gadgets)
            for at in (n % IN_A_GROUP,)
        ),
    )


def serve(folder: Path, count: int, rate: float) -> None:
    """The server: prints its port and cookies; from SIGUSR1 on calls come, with the next one it prints the ticks."""
    from twisted.internet import reactor as any_reactor
    from twisted.internet.task import LoopingCall

    from magroup.cti.fake import FakeSwitch
    from magroup.groups import Application, ForwardingBook, PresenceBook
    from magroup.groups.board import Board
    from magroup.groups.member_states import MemberStates
    from magroup.voicemail.boxes import Boxes
    from magroup.voicemail.mailboxes import Mailboxes
    from magroup.web.gadget.entrance import Entrance
    from magroup.web.gadget.opening import gadgets
    from magroup.web.mail import Mail
    from magroup.web.site import Surroundings, WebSite
    from magroup.web.status import Readiness, Status
    from tests.groups.world import Records
    from tests.web.admission.kit import Kept, admission

    reactor: Any = any_reactor
    settings = replace(Settings(), gadget=GadgetSettings(sockets=10_000))
    configuration = company(count)
    switch = FakeSwitch(reactor, [line.number for line in configuration.lines], trunk=True)
    presence = PresenceBook(reactor, lambda *change: None)
    forwarding = ForwardingBook(reactor, configuration, lambda *change: None, lambda *change: None)
    application = Application(switch, reactor, presence, forwarding, Records(), configuration)
    application.start()
    states = MemberStates(switch, application)
    states.start()
    board = Board(reactor, switch, states, presence, forwarding.subscribe, configuration)
    board.start()
    nothing: Any = None
    mailboxes = Mailboxes(Path("nowhere"), nothing, nothing, nothing, Boxes(configuration))
    opened, _ = gadgets(
        board, switch, application, states, Mail(mailboxes, nothing), nothing, lambda: configuration, lambda: settings,
        lambda name: None, reactor,
    )  # fmt: skip
    opened.start()
    admitted = admission(Kept(configuration), reactor, settings)
    surroundings = Surroundings(
        settings.instance, "1", Status, Readiness(), reactor.seconds, admitted,
        gadgets=Entrance(opened, admitted, reactor),
    )  # fmt: skip
    port = reactor.listenTCP(0, WebSite(surroundings).site(reactor), interface="127.0.0.1", backlog=1000)
    ids = [admitted.sessions.begin(user, "127.0.0.1") for user in configuration.users]
    cookies = [f"magroup-{settings.instance}={id}" for id in ids]
    late: list[float] = []
    calls = [0]

    def tick(due: float) -> None:
        late.append(1000 * (reactor.seconds() - due))
        reactor.callLater(0.02, tick, reactor.seconds() + 0.02)

    def ring() -> None:
        calls[0] += 1
        number = configuration.lines[calls[0] * 7 % count].number
        call = switch.arrive("0791112233", number, f"{reactor.seconds():.6f}")
        reactor.callLater(0.7, switch.device_answers, call, number)
        reactor.callLater(1.4, switch.device_hangs_up, call, number)

    def turn() -> None:
        if not calls[0]:
            LoopingCall(ring).start(1 / rate)
            tick(reactor.seconds())
        else:
            late.sort()
            print(json.dumps({"p99": late[int(len(late) * 0.99)], "max": late[-1], "calls": calls[0]}), flush=True)

    signal.signal(signal.SIGUSR1, lambda *one: reactor.callFromThread(turn))
    print(json.dumps([port.getHost().port, *cookies]), flush=True)
    reactor.run()


def connect(port: int, cookie: str, group: int) -> socket.socket:
    """A browser that shows the group; the snapshot is on its way."""
    browser = socket.create_connection(("127.0.0.1", port))
    key = base64.b64encode(os.urandom(16)).decode()
    browser.sendall(
        f"GET /Applications/inbound/MAGroup/src/gadget.ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nCookie: {cookie}\r\n"
        f"Sec-WebSocket-Protocol: magroup.1\r\nOrigin: http://127.0.0.1:{port}\r\n\r\n".encode()
    )
    read(browser, b'"type":"hello"')
    text = json.dumps({"id": 1, "do": "group", "group": group}).encode()
    browser.sendall(bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text)
    read(browser, b'"type":"snapshot"')
    return browser


def read(browser: socket.socket, wanted: bytes) -> None:
    got = b""
    while wanted not in got:
        piece = browser.recv(1 << 16)
        assert piece, got
        got += piece


def follow(browsers: list[socket.socket], seconds: float) -> dict[bytes, list[float]]:
    """By the moment at which a phone rang, the moments at which browsers knew of it."""
    selector = selectors.DefaultSelector()
    for browser in browsers:
        browser.setblocking(False)
        selector.register(browser, selectors.EVENT_READ, bytearray())
    heard: dict[bytes, dict[int, float]] = defaultdict(dict)
    end = time.time() + seconds
    while (now := time.time()) < end:
        for key, _ in selector.select(end - now):
            received: Any = key.fileobj
            kept: bytearray = key.data
            kept += received.recv(1 << 16)
            at = time.time()
            if PING in kept:
                received.send(PONG)
            for found in RINGS.finditer(kept):
                heard[found[1]].setdefault(key.fd, at)
            del kept[:-200]
    selector.close()
    return {rang: list(times.values()) for rang, times in heard.items()}


def memory(process: int) -> float:
    """Resident memory in KiB."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
    assert found
    return float(found[1])


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--gadgets", type=int, default=500)
    arguments.add_argument("--rate", type=float, default=20)
    arguments.add_argument("--seconds", type=float, default=20)
    arguments.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.serve:
        serve(chosen.serve, chosen.gadgets, chosen.rate)
        return
    with tempfile.TemporaryDirectory() as folder:
        command = [*pinned(0), sys.executable, "-m", "tests.bench.gadgets", "--serve", folder]
        command += ["--gadgets", str(chosen.gadgets), "--rate", str(chosen.rate)]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert server.stdout is not None
        os.sched_setaffinity(0, {1})
        if os.environ.get("BENCH_REALTIME"):
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
        try:
            port, *cookies = json.loads(server.stdout.readline())
            warm = connect(port, cookies[0], 1)
            before = memory(server.pid)
            browsers = [connect(port, cookie, n // IN_A_GROUP + 1) for n, cookie in enumerate(cookies)]
            each = (memory(server.pid) - before) / len(browsers)
            warm.close()
            print(f"{len(browsers)} gadgets, {each:.0f} KiB each")
            used = cpu(server.pid)
            server.send_signal(signal.SIGUSR1)
            heard = follow(browsers, chosen.seconds)
            used = cpu(server.pid) - used
            server.send_signal(signal.SIGUSR1)
            ticks = json.loads(server.stdout.readline())
            complete = [times for times in heard.values() if len(times) == IN_A_GROUP]
            rang = [float(moment) for moment, times in heard.items() if len(times) == IN_A_GROUP]
            last = sorted(1000 * (max(times) - at) for times, at in zip(complete, rang, strict=True))
            print(f"{ticks['calls']} calls, {len(last)} told to all {IN_A_GROUP} browsers of their group")
            print(
                f"until the last browser, ms: median {last[len(last) // 2]:.1f}, "
                f"p99 {last[int(len(last) * 0.99)]:.1f}, max {last[-1]:.1f}; "
                f"CPU {100 * used / chosen.seconds:.0f} %; a tick of 20 ms was late by "
                f"p99 {ticks['p99']:.1f}, max {ticks['max']:.1f} ms"
            )
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
