"""REST services of a large company on one core: ``python -m tests.bench.rest [--seconds 10] [--profile]``.

10,000 users, 1,000 groups of 20. wrk on another core asks getMembers of one group, which nothing changes, of many
groups, and of groups while presence changes ten times a second; then editGroup is called one after the other, with the
time of each. At the end: how late the reactor came to a tick of 20 ms, as of the sound, while 200 readers asked.
"""

import argparse
import cProfile
import os
import pstats
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from magroup.model.configuration import Configuration
from magroup.model.groups import Group, Member
from magroup.model.lines import Line
from magroup.model.people import User
from magroup.model.settings import Settings
from magroup.served import served

USERS, GROUPS, SIZE = 10_000, 1_000, 20
EDITS = 200
_MANY = """
request = function()
  return wrk.format("GET", wrk.path .. "?gr_id=" .. math.random(1, 1000))
end
"""


def company() -> Configuration:
    """Every user in two groups; the first of each group is its manager."""
    people = range(1, USERS + 1)
    return Configuration(
        users=tuple(User(n, f"user.{n}", f"First{n}", f"Last{n}", lines=(str(20_000 + n),)) for n in people),
        lines=tuple(Line(str(20_000 + n), secret="secret") for n in people),
        groups=tuple(Group(n, f"Group {n}", number=str(1_000 + n), manager_timeout=10) for n in range(1, GROUPS + 1)),
        members=tuple(
            Member((group - 1) * SIZE + place, group, f"user.{who}", str(20_000 + who), f"M{place}", place == 1, place)
            for group in range(1, GROUPS + 1)
            for place in range(1, SIZE + 1)
            for who in [((group - 1) * SIZE + place - 1) % USERS + 1]
        ),
    )


def serve(folder: Path, profile: bool) -> None:
    """The server: prints its port, ends with SIGTERM."""
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
    from tests.web.admission.kit import Kept, admission
    from tests.web.rest.server import LoopbackAdmission

    reactor: Any = any_reactor
    settings = replace(Settings(), data=str(folder))
    settings = replace(settings, sip=replace(settings.sip, listen=("udp:127.0.0.1:0",)))
    url = f"sqlite:///{folder}/magroup.db"
    once(url, migrate)
    once(url, replace_all, company())

    async def start() -> None:
        layers = Layers(defaults=settings)
        assembly = Assembly(reactor, folder, Reload(lambda: layers, layers))
        await assembly.start(lambda name, stop: None, Announcement(), None, demo=False)
        rest, *_ = served(assembly, LoopbackAdmission(), lambda connection, change: None)
        site = WebSite(
            Surroundings(
                settings.instance, "1", Status, Readiness(), reactor.seconds, admission(Kept(), reactor), rest
            )
        )  # fmt: skip
        port = reactor.listenTCP(0, site.site(reactor), interface="127.0.0.1", backlog=500)
        book = assembly.application.presence
        states = LoopingCall(lambda: book.set("user.9999", int(reactor.seconds() * 10) % 2))
        signal.signal(signal.SIGUSR1, lambda *_: reactor.callFromThread(states.start, 0.1))
        late: list[float] = []

        def tick(due: float) -> None:
            late.append(1000 * (reactor.seconds() - due))
            reactor.callLater(0.02, tick, reactor.seconds() + 0.02)

        def tell() -> None:
            late.sort()
            told = ", ".join(f"{part}% {late[len(late) * part // 100]:.1f}" for part in (50, 90, 99))
            print(f"ticks late: {told} ms, at most {late[-1]:.1f} ms", file=sys.stderr, flush=True)

        signal.signal(
            signal.SIGUSR2,
            lambda *_: reactor.callFromThread(tell if late else partial(tick, reactor.seconds())),
        )
        Server.settle()
        print(port.getHost().port, flush=True)

    Deferred.fromCoroutine(start()).addErrback(lambda failure: (failure.printTraceback(), reactor.stop()))
    if not profile:
        reactor.run()
        return
    profiler = cProfile.Profile()
    profiler.runcall(reactor.run)
    pstats.Stats(profiler, stream=sys.stderr).sort_stats("tottime").print_stats(45)


def cpu(process: int) -> float:
    """Seconds of CPU that a process has taken."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wrk(server: int, url: str, seconds: int, script: Path | None = None, readers: int = 16) -> str:
    """The lines of wrk's report that matter, and what a second of CPU does: others may use this machine, too."""
    before = cpu(server)
    command = ["taskset", "-c", "1", "wrk", "-t", "1", "-c", str(readers), "-d", f"{seconds}s", "--latency"]
    done = subprocess.run(
        [*command, *(["-s", str(script)] if script else []), url], capture_output=True, text=True, check=True
    )  # fmt: skip
    told = [line.strip() for line in done.stdout.splitlines()]
    requests = next(int(line.split()[0]) for line in told if " requests in " in line)
    told.append(f"Requests/sec of CPU: {requests / (cpu(server) - before):.0f}")
    return "; ".join(line for line in told if line.startswith(("Requests/sec", "50%", "99%", "Non-2xx")))


def edits(url: str) -> str:
    """Median and 99th percentile of editing a group, in milliseconds."""
    took = []
    for number in range(EDITS):
        began = time.perf_counter()
        body = f"gr_id={number % GROUPS + 1}&gr_managerTimeout={number + 11}".encode()
        with urlopen(url, body) as answer:
            assert b"<status>OK</status>" in answer.read()
        took.append(1000 * (time.perf_counter() - began))
    took.sort()
    return f"median {took[EDITS // 2]:.1f} ms, 99% {took[EDITS * 99 // 100]:.1f} ms"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=int, default=10)
    arguments.add_argument("--profile", action="store_true")
    arguments.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.serve:
        serve(chosen.serve, chosen.profile)
        return
    with tempfile.TemporaryDirectory() as folder:
        command = ["taskset", "-c", "0", sys.executable, "-m", "tests.bench.rest", "--serve", folder]
        server = subprocess.Popen(
            [*command, *(["--profile"] if chosen.profile else [])], stdout=subprocess.PIPE, text=True
        )  # fmt: skip
        assert server.stdout is not None
        try:
            base = f"http://127.0.0.1:{server.stdout.readline().strip()}/Applications/inbound/MAGroup/rest"
            members = f"{base}/members/getMembers.asp"
            script = Path(folder, "many.lua")
            script.write_text(_MANY)
            print("one group:", wrk(server.pid, f"{members}?gr_id=7", chosen.seconds))
            print("all groups:", wrk(server.pid, members, chosen.seconds, script))
            os.kill(server.pid, signal.SIGUSR1)
            print("all groups while presence changes:", wrk(server.pid, members, chosen.seconds, script))
            os.kill(server.pid, signal.SIGUSR2)
            print("200 readers:", wrk(server.pid, members, chosen.seconds, script, 200))
            os.kill(server.pid, signal.SIGUSR2)
            print("editGroup:", edits(f"{base}/groups/editGroup.asp"))
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
