"""All phones at once after a restart: ``python -m tests.bench.reregister [--phones 10000] [--calls 5]``.

magroup is killed (-9) with calls up and started again; the moment that its process begins all phones register, each
with a challenge of its own, within ``--within`` seconds, and calls come at ``--calls`` a second for a minute. SIPp
repeats over UDP what is not answered, as phones do. Told: how long until all were in, and what became of the calls.
"""

import argparse
import sqlite3
import threading
import time
from pathlib import Path
from tempfile import gettempdir

from magroup.load.company import company
from magroup.load.reading import read
from tests.bench.sip_servers import COMPANY, TREE, Magroup, pinned
from tests.bench.sipp_load import NET, Load, Phone, call, register

PHONES = f"{NET}.51"
UP = 20
"""Calls that are up when it is killed."""


class Again(Magroup):
    """Starts with what it has stored once it has been killed."""

    is_first = True

    def command(self) -> list[str]:
        command = super().command()
        if not self.is_first:
            at = command.index("--import")
            del command[at : at + 2]
        return command

    def start_again(self) -> float:
        """Seconds until it listens."""
        self.is_first = False
        began = time.monotonic()
        self._launch()
        return time.monotonic() - began

    def stored(self) -> int:
        """Registrations in the database."""
        with sqlite3.connect(self.folder / "data" / "magroup.db") as database:
            return int(database.execute("SELECT count(*) FROM registrations").fetchone()[0])


class Aside(threading.Thread):
    """A load that goes on beside others; ``load`` and ``seconds`` when it is through."""

    def __init__(self, work: "object", *arguments: object) -> None:
        super().__init__(daemon=True)
        self._work, self._arguments = work, arguments
        self.load: Load
        self.seconds = 0.0
        self.start()

    def run(self) -> None:
        began = time.monotonic()
        self.load = self._work(*self._arguments)  # type: ignore[operator]
        self.seconds = time.monotonic() - began


def measure(tree: Path, phones: int, within: float, calls: int, seconds: float) -> None:
    users = [str(number) for number in range(20_000, 20_000 + phones)]
    lines = company(read(f'[[phones]]\nnumbers = "{users[0]}-{users[-1]}"\nsecret = "load{{number}}"\n'))
    text = lines + COMPANY.removeprefix("format = 1\n")
    with Again(tree, text) as server, Phone(pinned(1)):
        first = register(server.host, 400, phones / 400, pinned(1), users, PHONES)
        while server.stored() < phones - first.failed:
            time.sleep(0.5)
        print(f"{phones - first.failed} phones are registered and stored", flush=True)
        up = Aside(call, server.host, UP, 1.0, pinned(1), 6000)
        time.sleep(3)
        server.kill()
        up.join()
        again = Aside(register, server.host, int(phones / within), within, pinned(1), users, PHONES)
        arriving = Aside(call, server.host, calls, seconds, pinned(1), 2000)
        listens = server.start_again()
        again.join()
        usage = server.usage()
        arriving.join()
        print(f"listens after {listens:.1f} s; all phones in after {again.seconds:.1f} s: {again.load.failed} failed, "
              f"{again.load.retransmissions} repeats, {again.load.setup:.0f} ms each")  # fmt: skip
        print(f"{arriving.load.calls} calls meanwhile: {arriving.load.failed} failed, {arriving.load.retransmissions} "
              f"repeats, {arriving.load.setup:.0f} ms until answered")  # fmt: skip
        print(f"{usage.user + usage.system:.1f} s of CPU, {usage.memory / 1024:.0f} MiB; "
              f"{server.stored()} registrations stored")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.reregister", description=__doc__)
    parser.add_argument("--phones", type=int, default=10_000)
    parser.add_argument("--within", type=float, default=1.0)
    parser.add_argument("--calls", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--tree", type=Path, default=TREE)
    options = parser.parse_args()
    print(f"in {gettempdir()}", flush=True)
    measure(options.tree.absolute(), options.phones, options.within, options.calls, options.seconds)


if __name__ == "__main__":
    main()
