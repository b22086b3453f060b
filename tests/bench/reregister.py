"""All phones at once after a restart: ``python -m tests.bench.reregister [--phones 10000] [--calls 5] [--redis]``.

magroup is killed (-9) with calls up and started again; the moment that its process begins all phones register, each
with a challenge of its own, within ``--within`` seconds, and calls come at ``--calls`` a second for a minute. SIPp
repeats over UDP what is not answered, as phones do. Told: how long until all were in, and what became of the calls:
of those that came, and of those that were up, half of which are hung up before it is there again.
"""

import argparse
import sqlite3
import subprocess
import threading
import time
from pathlib import Path
from tempfile import gettempdir
from typing import Self

from magroup.load.company import company
from magroup.load.reading import read
from magroup.store.journal import CLOSED_BY_RESTART
from tests.bench.sip_servers import COMPANY, TREE, Magroup, pinned
from tests.bench.sipp_load import NET, Load, Phone, call, register
from tests.bench.talks import NUMBER, TRUNKS, Talks

PHONES = f"{NET}.51"
UP = 50
"""Calls that are up when it is killed and end before it is there again; as many end later."""

SHORT, LONG = 7.0, 50.0
"""Seconds that they last."""


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


    def written(self) -> tuple[int, int]:
        """Records of the calls that were up, and those of them that are closed by the restart."""
        with sqlite3.connect(self.folder / "data" / "magroup.db") as database:
            found = database.execute("SELECT cause FROM calls WHERE called_number = ?", (NUMBER,)).fetchall()
        return len(found), found.count((CLOSED_BY_RESTART,))


class Redis:
    """A server of Redis until the end of the with block, which keeps nothing on the disk."""

    host = f"{NET}.46"
    url = f"redis://{host}:6379/0"

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            ["redis-server", "--bind", self.host, "--save", "", "--appendonly", "no", "--dir", gettempdir()],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()


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


def measure(tree: Path, phones: int, within: float, calls: int, seconds: float, **settings: str) -> None:
    users = [str(number) for number in range(20_000, 20_000 + phones)]
    lines = company(read(f'[[phones]]\nnumbers = "{users[0]}-{users[-1]}"\nsecret = "load{{number}}"\n'))
    text = lines + COMPANY.removeprefix("format = 1\n") + TRUNKS
    with Again(tree, text, **settings) as server, Phone(pinned(1)):
        first = register(server.host, 400, phones / 400, pinned(1), users, PHONES)
        while server.stored() < phones - first.failed:
            time.sleep(0.5)
        print(f"{phones - first.failed} phones are registered and stored", flush=True)
        with Talks(server.host, pinned(1)) as up:
            for lasts in (SHORT, LONG):
                up.begin(UP, lasts)
            time.sleep(4)
            server.kill()
            again = Aside(register, server.host, int(phones / within), within, pinned(1), users, PHONES)
            arriving = Aside(call, server.host, calls, seconds, pinned(1), 2000)
            listens = server.start_again()
            again.join()
            usage = server.usage()
            arriving.join()
            print(f"listens after {listens:.1f} s; all phones in after {again.seconds:.1f} s: {again.load}")
            print(f"{arriving.load.calls} calls meanwhile: {arriving.load}")
            for what, ended in zip(("before it listens", "later", "in all"), up.ended(), strict=True):
                print(f"{ended.calls} calls that were up, hung up {what}: {ended.answered} hang-ups answered, "
                      f"{ended.refused} refused", flush=True)  # fmt: skip
            written, cut = server.written()
            print(f"{ended.heard} of the called were hung up; {written} records, {cut} of them closed by the restart")
            print(f"{usage.user + usage.system:.1f} s of CPU, {usage.memory / 1024:.0f} MiB; "
                  f"{server.stored()} registrations stored")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.reregister", description=__doc__)
    parser.add_argument("--phones", type=int, default=10_000)
    parser.add_argument("--within", type=float, default=1.0)
    parser.add_argument("--calls", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--redis", action="store_true", help="what is kept of calls is in Redis")
    parser.add_argument("--tree", type=Path, default=TREE)
    options = parser.parse_args()
    print(f"in {gettempdir()}", flush=True)
    load = options.tree.absolute(), options.phones, options.within, options.calls, options.seconds
    if options.redis:
        with Redis() as redis:
            measure(*load, REDIS_URL=redis.url, CLUSTER_NODE="a")
    else:
        measure(*load)


if __name__ == "__main__":
    main()
