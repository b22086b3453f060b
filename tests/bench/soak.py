"""What grows in hours of work: ``python -m tests.bench.soak [--minutes 60] [--rate 150] [--every 15] [--workers 2]``.

SIPp calls through trunks at ``--rate``, for half of a core together with the rest: the load tool has people call
manager numbers, hold and transfer, phones that register every ten seconds, presence that changes, gadgets that look on,
and a client of REST that changes groups again and again. The server writes down what it holds (``soak_server``), after
a collection of garbage: what waits for one is no growth.

Told are the curve, and of each value its slope an hour after the warm-up (a fifth of the time, or two minutes),
with what the straight line misses: memory as the system counts it, what is taken and free of malloc's, Python's small
blocks, and so on; of workers, and the process that starts them, for each of them. ``--json FILE`` keeps the samples.
"""

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression, mean, pstdev
from tempfile import TemporaryDirectory
from typing import Any

from magroup.load.company import company
from magroup.load.reading import read
from tests.bench.load_tool import loaded
from tests.bench.overload import Callers, Second, total
from tests.bench.sip_servers import COMPANY, TREE, pinned
from tests.bench.sipp_load import Phone
from tests.bench.workers import Workers

GROUPS = 10
SCENARIO = """\
[server]
web = "{web}"
[run]
seconds = {seconds}
ramp = 5
[media]
rtp = "none"
[[phones]]
numbers = ["2000-2019", "2030-2039"]
secret = "load{{number}}"
answer = {{ answer = 6, busy = 2, ring = 1 }}
after = [0, 2]
again = 10
expires = 60
calls = 9
hold = {{ share = 0.2, after = [0.5, 1], seconds = [0.5, 1] }}
[[phones]]
numbers = "2020-2029"
secret = "load{{number}}"
after = [0, 1]
again = 10
expires = 60
calls = 9
transfer = {{ to = "2030-2039", share = 0.3, after = 1, attended = 0.5, consult = 0.5 }}
[[callers]]
numbers = "3000-3199"
secret = "load{{number}}"
dial = "9000-9009"
rate = {manager_rate}
talk = [1, 4]
patience = [2, 20]
pause = 0
expect = ["answered", "ended", "busy", "declined", "unavailable", "gave up", "refused"]
[[presence]]
users = ["u2000-u2029"]
rate = 2
states = ["available", "away", "busy", "dnd"]
[[gadgets]]
users = ["u2010-u2019"]
password = "load {{number}}"
open_rate = 1
[[rest]]
path = "/Applications/inbound/MAGroup/rest/groups/editGroup.asp"
method = "POST"
body = "gr_id={{number}}&gr_showCalls=1"
numbers = "1-10"
rate = 0.2
contains = "OK"
"""
GROUP = """\
[[groups]]
number = "{number}"
members = ["{manager}", "{first}", "{second}"]
options = {{ announcements = ["Music.wav"], manager_timeout = 3, assistant_timeout = 4, overflow = "busy" }}
"""
MANAGER_RATE = 5.0
VALUES = {
    "memory": "MiB", "taken": "MiB", "free": "MiB", "traced": "MiB", "blocks": "thousand", "files": "", "timers": "",
    "reactor": "", "ports": "", "streams": "", "transactions": "", "dialogs": "", "sessions": "", "calls": "",
    "registrations": "",
}  # fmt: skip


@dataclass(frozen=True)
class Slope:
    """How a value goes after the warm-up: ``mean``, growth an hour, and what a straight line misses (one sigma)."""

    mean: float
    an_hour: float
    misses: float


class Soaked(Workers):
    """It writes ``samples``."""

    def __init__(self, tree: Path, text: str, every: float, file: Path, workers: int) -> None:
        super().__init__(
            tree, workers, text, SIP_OPTIONS_PING_INTERVAL="60", SOAK_FILE=str(file), SOAK_EVERY=str(every),
            SIP_EXPIRY_MIN="30",
        )  # fmt: skip

    def command(self) -> list[str]:
        command = super().command()
        at = command.index("-c")
        return [*command[:at], "-m", "tests.bench.soak_server", *command[at + 2 :]]

    def environment(self) -> dict[str, str]:
        own = {name: value for name, value in self.settings.items() if name.startswith("SOAK_")}
        rest = {f"MAGROUP_{name}": value for name, value in self.settings.items() if name not in own}
        return {"PYTHONPATH": f"{self.tree}:{TREE}"} | own | rest


def slope(samples: list[dict[str, Any]], name: str) -> Slope:
    times = [sample["seconds"] / 3600 for sample in samples]
    values = [float(sample[name]) for sample in samples]
    line = linear_regression(times, values)
    rest = [value - line.intercept - line.slope * at for at, value in zip(times, values, strict=True)]
    return Slope(mean(values), line.slope, pstdev(rest))


def tell(samples: list[dict[str, Any]], warm_up: float) -> None:
    names = [name for name in (*VALUES, "refused") if name in samples[0]]
    print("seconds " + " ".join(f"{name:>{max(7, len(name))}}" for name in names))
    for sample in samples[:: max(1, len(samples) // 30)]:
        print(f"{sample['seconds']:7} " + " ".join(
            f"{sample[name]:{max(7, len(name))}.{1 if VALUES.get(name) else 0}f}" for name in names
        ))  # fmt: skip
    steady = [sample for sample in samples if sample["seconds"] >= warm_up]
    print(f"after {warm_up:.0f} s:")
    for name in names:
        if name in VALUES:
            found = slope(steady, name)
            print(f"{name:14} {found.mean:9.1f} {VALUES[name]}, {found.an_hour:+.2f} an hour, "
                  f"give or take {found.misses:.2f}")  # fmt: skip


def work(server: Soaked, rate: int, seconds: float) -> tuple[dict[str, Any], Second]:
    """The load tool's report, and what SIPp counted; if calls of SIPp failed, when and why is printed."""
    scenario = SCENARIO.format(web=server.web, seconds=seconds, manager_rate=MANAGER_RATE)
    plain, began = Callers(server.host, rate, int(rate * seconds), 5060), time.time()
    found = loaded(server, scenario)
    by_seconds = plain.finished()
    if plain.reasons:
        print("plain calls failed:", ", ".join(f"{name} {count}" for name, count in plain.reasons.items()))
        print("at second:", ", ".join(f"{one.at - began:.0f}: {one.failed}" for one in by_seconds if one.failed))
        print(*plain.errors, sep="\n", flush=True)
    return found, total(by_seconds)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--rate", type=int, default=150)
    parser.add_argument("--every", type=float, default=15.0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--tree", type=Path, default=TREE)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    groups = "".join(
        GROUP.format(number=9000 + at, manager=2000 + at, first=2010 + at, second=2020 + at) for at in range(GROUPS)
    )  # fmt: skip
    scenario = read(SCENARIO.format(web="http://127.0.0.1", seconds=1, manager_rate=1) + groups)
    text = COMPANY + company(scenario).removeprefix("format = 1\n")
    seconds = options.minutes * 60
    with TemporaryDirectory(prefix="bench-") as folder:
        file = Path(folder, "samples")
        # Workers have all cores.
        with (
            Phone(pinned(1) if options.workers == 1 else []),
            Soaked(options.tree.absolute(), text, options.every, file, options.workers) as server,
        ):
            before = server.cpu()
            found, plain = work(server, options.rate, seconds)
            used = sum(after - before.get(process, 0.0) for process, after in server.cpu().items())
        samples = {
            one.name: [json.loads(line) for line in one.read_text().splitlines()]
            for one in sorted(Path(folder).iterdir())
        }  # fmt: skip
    if options.json:
        options.json.write_text(json.dumps(samples))
    for name, all_of_them in samples.items():
        print(f"{name}:")
        # What was made last is forgotten when the load is over.
        tell([sample for sample in all_of_them if sample["seconds"] <= seconds],
             max(seconds / 5, min(120.0, seconds / 2)))  # fmt: skip
    counts = found["counts"]
    print(f"{used / seconds:.0%} of a core; plain calls: "
          f"{plain.served} served, {plain.refused} refused, {plain.failed} failed; load tool: "
          + ", ".join(f"{name} {count:.0f}" for name, count in sorted(counts.items())))  # fmt: skip
    for kind, reasons in sorted(found["reasons"].items()):
        print(f"{kind}: " + ", ".join(f"{reason} {count}" for reason, count in sorted(reasons.items())))


if __name__ == "__main__":
    main()
