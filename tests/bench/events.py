"""Event streams on one core: ``python -m tests.bench.events [--streams 500] [--rate 50] [--seconds 10] [--members]``.

A company of 10,000 users, 1,000 groups of 20. So many clients, on another core, follow the events of the API; presence
changes at the rate, of people in the clients' groups. Told are the CPU of the server, how late it came to a tick of
20 ms, as of the sound, and how long an event took to the clients, both with the streams and without them. The clients
are administrators, who hear everything; with --members they are not, and hear of the people in their two groups.
"""

import argparse
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from magroup.model.people import Privilege
from magroup.model.settings import Settings
from magroup.served import served
from tests.bench.rest import company, cpu


def serve(folder: Path, streams: int, rate: int, is_member: bool) -> None:
    """The server: prints its port and tokens; from SIGUSR1 to the next presence changes, then it prints the ticks."""
    from twisted.internet import reactor as any_reactor
    from twisted.internet.defer import Deferred
    from twisted.internet.task import LoopingCall

    from magroup.announcement import Announcement
    from magroup.assembly import Assembly
    from magroup.model.settings_layers import Layers
    from magroup.reloading import Reload
    from magroup.service import Server
    from magroup.store import migrate, once, replace_all
    from magroup.web.site import Surroundings, WebSite
    from magroup.web.status import Readiness, Status
    from tests.web.admission.kit import admission
    from tests.web.rest.server import Following

    reactor: Any = any_reactor
    settings = replace(Settings(), data=str(folder))
    settings = replace(settings, sip=replace(settings.sip, listen=("udp:127.0.0.1:0",)))
    url = f"sqlite:///{folder}/magroup.db"
    given = company()
    if not is_member:
        admin = frozenset({Privilege.ADMIN})
        given = replace(given, users=tuple(replace(user, privileges=admin) for user in given.users))
    once(url, migrate)
    once(url, replace_all, given)

    async def start() -> None:
        layers = Layers(defaults=settings)
        assembly = Assembly(reactor, folder, Reload(lambda: layers, layers))
        await assembly.start(lambda name, stop: None, Announcement(), None, demo=False)
        followers = admission(Following(assembly.current), reactor)
        services = served(assembly, followers, lambda connection, change: None)
        surroundings = Surroundings(
            settings.instance, "1", Status, Readiness(), reactor.seconds, followers, *services
        )  # fmt: skip
        port = reactor.listenTCP(0, WebSite(surroundings).site(reactor), interface="127.0.0.1", backlog=500)
        names = [f"user.{n}" for n in range(1, streams + 1)]
        tokens = [
            (await followers.tokens.create(name, "bench", ["events:read"], 0.0, name, "here"))[1] for name in names
        ]  # fmt: skip
        book = assembly.application.presence
        late: list[float] = []
        counted = [0]

        def change(calls: int) -> None:
            for _ in range(calls):
                counted[0] += 1
                name = names[counted[0] * 7 % len(names)]
                book.set(name, 1, f"{reactor.seconds():.6f}", name)

        def tick(due: float) -> None:
            late.append(1000 * (reactor.seconds() - due))
            reactor.callLater(0.02, tick, reactor.seconds() + 0.02)

        changes: list[LoopingCall] = []

        def switch() -> None:
            if changes:
                changes.pop().stop()
                late.sort()
                told = ", ".join(f"{part}% {late[len(late) * part // 100]:.1f}" for part in (50, 90, 99))
                print(f"ticks late: {told} ms, at most {late[-1]:.1f} ms", flush=True)
            else:
                late.clear()
                changes.append(LoopingCall.withCount(change))
                changes[0].start(1 / rate)

        signal.signal(signal.SIGUSR1, lambda *_: reactor.callFromThread(switch))
        tick(reactor.seconds())
        Server.settle()
        print(json.dumps([port.getHost().port, *tokens]), flush=True)

    Deferred.fromCoroutine(start()).addErrback(lambda failure: (failure.printTraceback(), reactor.stop()))
    reactor.run()


class Clients:
    """Those who follow; ``took`` are the seconds of each event to each of them."""

    def __init__(self, port: int, tokens: list[str]) -> None:
        self.took: list[float] = []
        self._sockets = selectors.DefaultSelector()
        for token in tokens:
            client = socket.create_connection(("127.0.0.1", port))
            client.sendall(
                b"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %b\r\n\r\n" % token.encode()
            )
            self._sockets.register(client, selectors.EVENT_READ)

    def read(self, seconds: float) -> None:
        """Read for so long; the time of the server's clock, which is this one's, is in each message."""
        until = time.time() + seconds
        while (left := until - time.time()) > 0:
            for key, _ in self._sockets.select(left):
                data = key.fileobj.recv(1 << 16)  # type: ignore[union-attr]
                assert data, "the server has ended a stream"
                now = time.time()
                for part in data.split(b'"message":"')[1:]:
                    text = part.partition(b'"')[0]
                    if len(text) == 17:
                        self.took.append(now - float(text))


def measure(server: subprocess.Popen[str], clients: Clients, seconds: int) -> str:
    """What the server needs for the changes, and what the clients see."""
    assert server.stdout is not None
    clients.took.clear()
    before = cpu(server.pid)
    os.kill(server.pid, signal.SIGUSR1)
    clients.read(seconds)
    used = cpu(server.pid) - before
    os.kill(server.pid, signal.SIGUSR1)
    late = server.stdout.readline().strip()
    took = sorted(clients.took)
    told = ", ".join(f"{part}% {1000 * took[len(took) * part // 100]:.0f}" for part in (50, 99)) if took else "none"
    return f"CPU {100 * used / seconds:.0f} %; {late}; {len(took) / seconds:.0f} events/s read after (ms): {told}"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--streams", type=int, default=500)
    arguments.add_argument("--rate", type=int, default=50)
    arguments.add_argument("--seconds", type=int, default=10)
    arguments.add_argument("--members", action="store_true")
    arguments.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.serve:
        serve(chosen.serve, chosen.streams, chosen.rate, chosen.members)
        return
    with tempfile.TemporaryDirectory() as folder:
        command = ["taskset", "-c", "0", sys.executable, "-m", "tests.bench.events", "--serve", folder]
        command += ["--streams", str(chosen.streams), "--rate", str(chosen.rate)]
        server = subprocess.Popen(
            [*command, *(["--members"] if chosen.members else [])], stdout=subprocess.PIPE, text=True
        )  # fmt: skip
        assert server.stdout is not None
        os.sched_setaffinity(0, {1})
        try:
            port, *tokens = json.loads(server.stdout.readline())
            print("nobody follows:", measure(server, Clients(port, []), chosen.seconds))
            clients = Clients(port, tokens)
            clients.read(3)
            print(f"{chosen.streams} follow:", measure(server, clients, chosen.seconds))
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
