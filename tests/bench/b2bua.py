"""CPU per call of magroup as a B2BUA, beside sippy: ``python -m tests.bench.b2bua [--rate 100] [--seconds 20]``.

A SIPp that calls, the server on a core of its own, a SIPp that answers: INVITE, 180, 50 ms, 200, ACK, 100 ms, BYE. The
servers take turns, ``--rounds`` times, so that all of them see the same machine; the last lines are medians and how
they compare. ``--tree DIR`` (may be repeated) adds the magroup of another tree, to compare before and after a change;
``--ramp`` looks for the highest rate that runs ``--ramp-seconds`` without a failure or a retransmission instead.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench.sip_servers import TREE, Magroup, Server, Sippy, pinned
from tests.bench.sipp_load import Load, Phone, call

WARM_UP_SECONDS = 3.0
AFTERWARDS_SECONDS = 2.0
"""For the journal, and for SIPp to write its counters."""
RAMP = (100, 150, 200, 250, 300, 350, 400, 450, 500, 600, 700, 800, 900, 1000, 1200)


@dataclass(frozen=True)
class Cost:
    """What a load cost a server, each per call: milliseconds of CPU, KiB of memory that is still held at its end."""

    load: Load
    user: float
    system: float
    main_thread: float
    memory: float
    start_time: float

    @property
    def cpu(self) -> float:
        return self.user + self.system


def measure(make: Callable[[], Server], rate: int, seconds: float) -> Cost:
    """Start a server, warm it up, load it."""
    with Phone(pinned(1)) as phone, make() as server:
        call(server.host, min(rate, 50), WARM_UP_SECONDS, pinned(1))
        repeated, before = phone.retransmissions, server.usage()
        load = call(server.host, rate, seconds, pinned(1))
        time.sleep(AFTERWARDS_SECONDS)
        after = server.usage()
        load = Load(load.calls, load.failed, load.retransmissions + phone.retransmissions - repeated, load.setup)
        each = 1000 / load.calls
        return Cost(
            load, (after.user - before.user) * each, (after.system - before.system) * each,
            (after.main_thread - before.main_thread) * each, (after.memory - before.memory) / load.calls,
            server.start_time,
        )  # fmt: skip


def line(name: str, cost: Cost) -> str:
    return (
        f"{name:24.24} {cost.cpu:6.2f} {cost.user:6.2f} {cost.system:6.2f} {cost.main_thread:6.2f} "
        f"{cost.load.failed:6} {cost.load.retransmissions:7} {cost.load.setup - 50:8.1f} {cost.memory:8.1f} "
        f"{cost.start_time:6.2f}"
    )


def compare(servers: dict[str, Callable[[], Server]], rate: int, seconds: float, rounds: int) -> None:
    print(f"{rate} calls/s for {seconds:g} s; CPU in ms per call, memory in KiB per call, start in s")
    print("server                      CPU   user system   main failed repeats added ms   memory  start", flush=True)
    costs: dict[str, list[Cost]] = {name: [] for name in servers}
    for _ in range(rounds):
        for name, make in servers.items():
            costs[name].append(measure(make, rate, seconds))
            print(line(name, costs[name][-1]), flush=True)
    medians = {name: median(cost.cpu for cost in found) for name, found in costs.items()}
    first = next(iter(medians))
    for name, cpu in medians.items():
        print(f"{name}: median {cpu:.2f} ms per call, {cpu / medians[first]:.2f} x {first}")


def ramp(servers: dict[str, Callable[[], Server]], seconds: float) -> None:
    for name, make in servers.items():
        with Phone(pinned(1)) as phone, make() as server:
            call(server.host, 50, WARM_UP_SECONDS, pinned(1))
            for rate in RAMP:
                repeated, before = phone.retransmissions, server.usage()
                load = call(server.host, rate, seconds, pinned(1))
                time.sleep(AFTERWARDS_SECONDS)
                after = server.usage()
                repeats = load.retransmissions + phone.retransmissions - repeated
                busy = (after.user + after.system - before.user - before.system) / seconds
                print(f"{name}: {rate} calls/s, {load.failed} failed, {repeats} repeats, "
                      f"{load.setup - 50:.1f} ms added, {busy:.0%} of a core", flush=True)  # fmt: skip
                if load.failed or repeats:
                    break


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.b2bua", description=__doc__)
    parser.add_argument("--rate", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tree", type=Path, action="append", default=[])
    parser.add_argument("--no-sippy", action="store_true")
    parser.add_argument("--ramp", action="store_true")
    parser.add_argument("--ramp-seconds", type=float, default=60.0)
    options = parser.parse_args()
    servers: dict[str, Callable[[], Server]] = {"magroup": lambda: Magroup(TREE)}
    for tree in options.tree:
        servers[f"magroup {tree.name}"] = lambda tree=tree: Magroup(tree.absolute())
    if not options.no_sippy:
        servers["sippy"] = Sippy
    if options.ramp:
        ramp(servers, options.ramp_seconds)
    else:
        compare(servers, options.rate, options.seconds, options.rounds)


if __name__ == "__main__":
    main()
