"""Until a server answers /healthz after its start: ``python -m tests.bench.startup [--rounds 5] [--lines 1000]``.

The first start of a data folder, which makes the database and takes a company with so many lines from a file; then
starts of the same folder, as after a reboot. Modules are compiled before, as those of an installed package are.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from urllib.error import URLError
from urllib.request import urlopen

from magroup.load.company import company
from magroup.load.reading import read
from tests.bench.sip_servers import TREE, pinned

HOST = "127.0.9.46"
LONGEST = 60.0


def start(tree: Path, folder: Path, *arguments: str) -> float:
    """Seconds from the start until /healthz answers 200; the server is ended then."""
    command = [
        *pinned(0), sys.executable, "-c", "from twisted.scripts.twistd import run; run()", "-n", "magroup", "--data",
        str(folder / "data"), "--sip", f"udp:{HOST}:5060", "--http", f"tcp:8080:interface={HOST}", *arguments,
    ]  # fmt: skip
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    begun = time.monotonic()
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=environment | {"PYTHONPATH": str(tree)}, stdout=output,
                                   stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)  # fmt: skip
    try:
        while not answers():
            if process.poll() is not None or time.monotonic() - begun > LONGEST:
                raise SystemExit(f"it does not start:\n{(folder / 'output').read_text()[-2000:]}")
            time.sleep(0.005)
        return time.monotonic() - begun
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def answers() -> bool:
    try:
        with urlopen(f"http://{HOST}:8080/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def tell(what: str, seconds: list[float]) -> None:
    print(f"{what}: median {median(seconds):.2f} s, from {min(seconds):.2f} to {max(seconds):.2f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.startup", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--lines", type=int, default=1000)
    parser.add_argument("--tree", type=Path, default=TREE)
    options = parser.parse_args()
    tree = options.tree.absolute()
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        text = company(read(f'[[phones]]\nnumbers = "10000-{9999 + options.lines}"\nsecret = "x{{number}}y"\n'))
        (folder / "company.toml").write_text(text)
        start(tree, folder)
        first, empty, again = [], [], []
        for _ in range(options.rounds):
            shutil.rmtree(folder / "data")
            empty.append(start(tree, folder))
            shutil.rmtree(folder / "data")
            first.append(start(tree, folder, "--import", str(folder / "company.toml")))
            again.append(start(tree, folder))
        tell("first start, no company", empty)
        tell(f"first start, {options.lines} lines imported", first)
        tell(f"start with {options.lines} lines", again)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
