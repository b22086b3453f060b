"""CPU per registration with digest: ``python -m tests.bench.registrations [--rate 100] [--seconds 20] [--ramp]
[--refresh]``.

SIPp registers 2,000 phones in turn, each with a challenge of its own: REGISTER, 401, REGISTER, 200. sippy has no
registrar, so one of fifty lines on its stack (``sippy_registrar.py``: MD5, a dictionary of bindings, nothing is stored)
stands for it; magroup stores registrations in its database. Kamailio (C, all in memory) is told where it is installed.
With ``--refresh`` all of them have registered before.
``--ramp`` looks for the highest rate that runs so long without a failure or a retransmission instead.
"""

import argparse
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from magroup.load.company import company
from magroup.load.reading import read
from tests.bench.sip_servers import TICK, TREE, Magroup, Server, Usage, pinned, python_with
from tests.bench.sipp_load import Load, register

USERS = [f"{number}" for number in range(20_000, 22_000)]
COMPANY = company(read('[[phones]]\nnumbers = "20000-21999"\nsecret = "load{number}"\n'))
WARM_UP_SECONDS = 4.0
AFTERWARDS_SECONDS = 2.0
RAMP = (100, 200, 300, 400, 500, 600, 800, 1000, 1200, 1500, 2000, 2500, 3000, 4000, 5000)
KAMAILIO = """\
#!KAMAILIO
debug=0
log_stderror=yes
children=1
disable_tcp=yes
auto_aliases=no
listen=udp:{host}:5060
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
modparam("usrloc", "db_mode", 0)
modparam("registrar", "max_expires", 3600)
request_route {{
    if (!pv_www_authenticate("$td", "load$tU", "0")) {{ www_challenge("$td", "1"); exit; }}
    save("location");
    exit;
}}
"""


class SippyRegistrar(Server):
    """Its log is off."""

    name = "sippy's stack"
    host = "127.0.9.43"

    def command(self) -> list[str]:
        return [python_with("sippy"), str(Path(__file__).with_name("sippy_registrar.py")), self.host]

    def environment(self) -> dict[str, str]:
        return {"SIPLOG_BEND": "none"}


class Kamailio(Server):
    """One child for UDP, and the processes that it always has: all are counted."""

    name = "kamailio"
    host = "127.0.9.47"

    def command(self) -> list[str]:
        file, folder = self.folder / "kamailio.cfg", str(self.folder)
        file.write_text(KAMAILIO.format(host=self.host))
        return ["kamailio", "-f", str(file), "-DD", "-E", "-w", folder, "-Y", folder, "-m", "64", "-M", "8"]

    def usage(self) -> Usage:
        user = system = 0.0
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        for pid in (str(self.pid), *children):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            user, system = user + int(fields[11]) / TICK, system + int(fields[12]) / TICK
        found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.pid}/status").read_text())
        return Usage(user, system, user + system, int(found[1]) if found else 0)


@dataclass(frozen=True)
class Cost:
    """``cpu`` in milliseconds for each registration, ``main`` that of the first thread, ``busy`` is of a core."""

    load: Load
    cpu: float
    main: float
    busy: float


def measure(server: Server, rate: int, seconds: float) -> Cost:
    before = server.usage()
    load = register(server.host, rate, seconds, pinned(1), USERS)
    time.sleep(AFTERWARDS_SECONDS)
    after = server.usage()
    used = after.user + after.system - before.user - before.system
    main = after.main_thread - before.main_thread
    return Cost(load, 1000 * used / load.calls, 1000 * main / load.calls, used / seconds)


def line(name: str, rate: int, cost: Cost) -> str:
    load = cost.load
    return (
        f"{name:16} {rate:5}/s  {cost.cpu:5.2f} ms ({cost.main:.2f} in the first thread)  {cost.busy:4.0%} of a core  "
        f"{load.failed} failed, {load.retransmissions} repeats, {load.setup:.1f} ms until registered"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.registrations", description=__doc__)
    parser.add_argument("--rate", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tree", type=Path, action="append", default=[])
    parser.add_argument("--ramp", action="store_true")
    parser.add_argument("--refresh", action="store_true")
    options = parser.parse_args()
    servers: dict[str, Callable[[], Server]] = {"magroup": lambda: Magroup(TREE, COMPANY)}
    for tree in options.tree:
        servers[f"magroup {tree.name}"] = lambda tree=tree: Magroup(tree.absolute(), COMPANY)
    servers["sippy's stack"] = SippyRegistrar
    if shutil.which("kamailio"):
        servers["kamailio"] = Kamailio
    costs: dict[str, list[float]] = {name: [] for name in servers}
    for _ in range(1 if options.ramp else options.rounds):
        for name, make in servers.items():
            with make() as server:
                warm_up = len(USERS) / WARM_UP_SECONDS if options.refresh else 50
                register(server.host, round(warm_up), WARM_UP_SECONDS, pinned(1), USERS)
                for rate in RAMP if options.ramp else (options.rate,):
                    cost = measure(server, rate, options.seconds)
                    print(line(name, rate, cost), flush=True)
                    if options.ramp and not cost.load.is_clean:
                        break
                    costs[name].append(cost.cpu if not options.ramp else rate)
    first = next(iter(costs))
    for name, found in costs.items():
        if options.ramp:
            print(f"{name}: {max(found, default=0):.0f}/s clean")
        else:
            print(f"{name}: median {median(found):.2f} ms, {median(found) / median(costs[first]):.2f} x {first}")


if __name__ == "__main__":
    main()
