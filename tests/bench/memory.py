"""Memory of lines and calls: ``python -m tests.bench.memory [--lines 5000] [--calls 2000] [--tree DIR]``.

The resident memory of the server before and after. A configured line: the same company with and without lines, each
started anew, since an import leaves free memory behind. A registered line: half of the lines register until
transactions (which live for 32 s) come and go evenly, then the other half. A call: short ones until then, and then some
that stay up, at the same rate; and those short ones by themselves, the first of a fresh server, with all that is left
of them for 32 s.
"""

import argparse
import shutil
import tempfile
import threading
import time
from pathlib import Path

from magroup.load.company import company
from magroup.load.reading import read
from tests.bench.sip_servers import COMPANY, TREE, Magroup, pinned
from tests.bench.sipp_load import Phone, call, register

FIRST = 10_000
RATE = 100
TRANSACTIONS_SECONDS = 34.0
AFTERWARDS_SECONDS = 3.0
HOLD_SECONDS = 10.0
"""That the calls stay up beyond what it takes to make them."""


class Restarted(Magroup):
    """With a data folder that is there when it ends; a company is taken if one is given."""

    def __init__(self, tree: Path, data: Path, company: str = "") -> None:
        self.data = data
        # SIPp's phones are gone when they have registered: each OPTIONS to them would be kept for half a minute.
        super().__init__(tree, company, SIP_OPTIONS_PING_INTERVAL="0")

    def command(self) -> list[str]:
        command = super().command()
        command[command.index("--data") + 1] = str(self.data)
        if not self.company:
            at = command.index("--import")
            del command[at : at + 2]
        return command


def memory(server: Magroup) -> int:
    """In KiB, some time after what was done."""
    time.sleep(AFTERWARDS_SECONDS)
    return server.usage().memory


def lines(tree: Path, count: int) -> None:
    users = [f"{number}" for number in range(FIRST, FIRST + count)]
    table = f'[[phones]]\nnumbers = "{users[0]}-{users[-1]}"\nsecret = "load{{number}}"\n'
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        for name, text in (("none", COMPANY), ("all", company(read(table)))):
            with Restarted(tree, folder / name, text):
                pass
        with Restarted(tree, folder / "none") as server:
            empty = memory(server)
        with Restarted(tree, folder / "all") as server:
            before = memory(server)
            tell("a configured line with its user", before - empty, count)
            half = users[: count // 2]
            begun = time.monotonic()
            while time.monotonic() - begun < TRANSACTIONS_SECONDS:
                told(register(server.host, RATE, len(half) / RATE, pinned(1), half).failed)
            warm = memory(server)
            told(register(server.host, RATE, (count - len(half)) / RATE, pinned(1), users[len(half) :]).failed)
            tell("a registered line, without transactions", memory(server) - warm, count - len(half))
            tell("a registered line, with those of all registrations", memory(server) - before, count)
    finally:
        shutil.rmtree(folder)


def calls(tree: Path, count: int) -> None:
    with Phone(pinned(1)), Magroup(tree) as server:
        told(call(server.host, RATE, 3, pinned(1)).failed)
        fresh = memory(server)
        short = call(server.host, RATE, TRANSACTIONS_SECONDS, pinned(1))
        told(short.failed)
        before = memory(server)
        tell("a short call, and its transactions", before - fresh, short.calls)
        making = count / RATE
        hold = int(1000 * (making + HOLD_SECONDS))
        up = threading.Thread(target=lambda: told(call(server.host, RATE, making, pinned(1), hold).failed))
        up.start()
        time.sleep(making + 1)
        tell("a call that is up, without transactions", memory(server) - before, count)
        up.join()
        tell("the same when all have ended", memory(server) - before, count)


def told(failed: int) -> None:
    if failed:
        print(f"{failed} failed: these figures say nothing", flush=True)


def tell(what: str, kib: int, count: int) -> None:
    print(f"{what}: {kib / count:.2f} KiB ({kib} KiB for {count})", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.memory", description=__doc__)
    parser.add_argument("--lines", type=int, default=5000)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--tree", type=Path, default=TREE)
    options = parser.parse_args()
    lines(options.tree.absolute(), options.lines)
    calls(options.tree.absolute(), options.calls)


if __name__ == "__main__":
    main()
