"""What several workers are worth: ``python -m tests.bench.workers [--rate 100] [--seconds 10] [--counts 1,2]``.

``--kind line``: the load tool calls registered lines, in place of SIPp from trunk to trunk; ``--kind manager``: manager
numbers, whose callers hear an announcement until the manager answers.

SIPp calls through each number of workers in turn, ``--rounds`` times, ``--rate`` calls a second for each worker, none
of them on a core of its own. Told is the CPU per call of all processes together, and by how much more calls they could
serve than one process if each had a core: the workers, times what one process spends on a call, by what all spend on
one. ``--ramp`` looks for the highest rate without a failure or a repeat instead, which on two cores SIPp takes part of.
``--kill``: the last worker is killed (-9) in the middle of each run, with calls of ``--hold`` milliseconds; what fails
is told.
"""

import argparse
import os
import signal
import subprocess
import time
from pathlib import Path
from statistics import median
from threading import Timer

from magroup.load.company import company
from magroup.load.reading import read
from tests.bench.manager_calls import SCENARIO, groups, report
from tests.bench.sip_servers import COMPANY, TREE, Magroup
from tests.bench.sipp_load import Load, Phone, call

DIALLED_AS = {"line": "plain", "manager": "manager"}
"""Kinds of calls as they are called in ``manager_calls``."""

RAMP = (200, 250, 300, 350, 400, 450, 500, 550, 600, 700, 800, 900, 1000)
LONGEST_START = 60.0


class Workers(Magroup):
    """With ``count`` of them; each may use all cores."""

    def __init__(self, tree: Path, count: int, company: str = COMPANY, **settings: str) -> None:
        self.count = count
        super().__init__(tree, company, WORKERS=str(count), OVERLOAD_WAIT="0", **settings)
        until = time.monotonic() + LONGEST_START
        while count > 1 and (self.folder / "output").read_text().count("is ready, process") < count:
            if time.monotonic() > until:
                raise SystemExit(f"the workers do not start:\n{(self.folder / 'output').read_text()[-2000:]}")
            time.sleep(0.05)

    def processes(self) -> list[int]:
        """The supervisor, or the only one, and the workers by their age."""
        found = subprocess.run(["pgrep", "-P", str(self.pid)], stdout=subprocess.PIPE, text=True, check=False)
        return [self.pid, *sorted(map(int, found.stdout.split()))]

    def cpu(self) -> dict[int, float]:
        """Seconds that each process has used so far."""
        return {process: _cpu(process) for process in self.processes()}


def _cpu(process: int) -> float:
    tasks = Path(f"/proc/{process}/task")
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e9


def measure(tree: Path, count: int, rate: int, seconds: float, hold: int, kills: bool) -> tuple[Load, list[float]]:
    """What became of the calls, and the CPU per call of each process that has lived all the time, in milliseconds."""
    with Phone([]) as phone, Workers(tree, count) as server:
        call(server.host, min(rate, 50), 3.0, [])
        repeated, before = phone.retransmissions, server.cpu()
        if kills:
            Timer(seconds / 2 + hold / 1000, os.kill, (server.processes()[-1], signal.SIGKILL)).start()
        load = call(server.host, rate, seconds, [], hold)
        time.sleep(1.0)
        after = server.cpu()
        load = Load(load.calls, load.failed, load.retransmissions + phone.retransmissions - repeated, load.setup)
        return load, [1000 * (after[one] - before[one]) / load.calls for one in before if one in after]


def measure_lines(tree: Path, count: int, rate: int, seconds: float, kind: str) -> tuple[str, list[float]]:
    """The same of calls to lines, or to manager numbers."""
    with Workers(tree, count, company(read(SCENARIO.format(dial="2000", rate=1, seconds=1) + groups()))) as server:
        report(server, DIALLED_AS[kind], min(rate, 50), 3)
        before = server.cpu()
        found = report(server, DIALLED_AS[kind], rate, seconds)
        time.sleep(1.0)
        counts, after = found["counts"], server.cpu()
        each = [1000 * (after[one] - before[one]) / counts["calls_offered"] for one in before]
        return f"{counts.get('calls_failed', 0)} failed, {counts.get('repeated', 0)} repeats", each


def compare(
    tree: Path, counts: list[int], rate: int, seconds: float, rounds: int, hold: int, kills: bool, kind: str
) -> None:  # fmt: skip
    costs: dict[int, list[float]] = {count: [] for count in counts}
    for _ in range(rounds):
        for count in counts:
            load: object
            if kind == "trunk":
                load, each = measure(tree, count, rate * count, seconds, hold, kills and count > 1)
            else:
                load, each = measure_lines(tree, count, rate * count, seconds, kind)
            costs[count].append(sum(each))
            print(f"{count} workers at {rate * count}/s: {load}; CPU {sum(each):.2f} ms a call: "
                  + " + ".join(f"{one:.2f}" for one in each), flush=True)  # fmt: skip
    alone = median(costs[counts[0]])
    for count in counts[1:]:
        cost = median(costs[count])
        print(f"{count} workers: {cost:.2f} ms a call beside {alone:.2f}: worth {count * alone / cost:.2f}")


def ramp(tree: Path, counts: list[int], seconds: float) -> None:
    for count in counts:
        with Phone([]) as phone, Workers(tree, count) as server:
            call(server.host, 50, 3.0, [])
            for rate in RAMP:
                repeated, before = phone.retransmissions, server.cpu()
                load = call(server.host, rate, seconds, [])
                time.sleep(1.0)
                used = sum(server.cpu().values()) - sum(before.values())
                repeats = load.retransmissions + phone.retransmissions - repeated
                print(f"{count} workers: {rate} calls/s, {load.failed} failed, {repeats} repeats, "
                      f"{load.setup - 50:.1f} ms added, {used / seconds:.0%} of a core", flush=True)  # fmt: skip
                if load.failed or repeats:
                    break


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.workers", description=__doc__)
    parser.add_argument("--rate", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--counts", default="1,2")
    parser.add_argument("--hold", type=int, default=100, help="milliseconds from answer to BYE")
    parser.add_argument("--kind", choices=("trunk", *DIALLED_AS), default="trunk")
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--ramp", action="store_true")
    parser.add_argument("--tree", type=Path, default=TREE)
    options = parser.parse_args()
    counts = [int(count) for count in options.counts.split(",")]
    tree = options.tree.absolute()
    if options.ramp:
        ramp(tree, counts, options.seconds)
    else:
        compare(tree, counts, options.rate, options.seconds, options.rounds, options.hold, options.kill,
                options.kind)  # fmt: skip


if __name__ == "__main__":
    main()
