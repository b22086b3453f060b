"""The servers that are compared, each a process of its own on the first core: magroup, and what sippy has."""

import importlib.util
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Self

from tests.bench.sipp_load import CALLER, NET, PHONE

TREE = Path(__file__).parents[2]
TICK = os.sysconf("SC_CLK_TCK")
LONGEST_START = 30.0
COMPANY = f"""\
format = 1
[[trunks]]
name = "callers"
address = "{CALLER}:5060"
inbound_addresses = ["{CALLER}"]
ping_interval = 0
[[trunks]]
name = "phones"
address = "{PHONE}:5060"
default = true
ping_interval = 0
"""


def pinned(core: int) -> list[str]:
    """What a command begins with to run on one core; nothing on a machine that has one only.

    With BENCH_REALTIME in the environment no other process comes in between, which takes root.
    """
    first = ["chrt", "--rr", "1"] if os.environ.get("BENCH_REALTIME") else []
    return [*first, "taskset", "-c", str(core)] if (os.cpu_count() or 1) > 1 else first


@dataclass(frozen=True)
class Usage:
    """What a process has used: CPU seconds in its own code and in the system, memory in KiB."""

    user: float
    system: float
    main_thread: float
    memory: int


class Server:
    """A server that runs at ``host`` until the end of the with block."""

    name = ""
    host = ""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="bench-")
        self.folder = Path(self._folder.name)
        self._launch()

    def _launch(self) -> None:
        """Comes back when it listens."""
        started = time.monotonic()
        with (self.folder / "output").open("wb") as output:
            self._process = subprocess.Popen(
                [*pinned(0), *self.command()], cwd=self.folder, env=os.environ | self.environment(),
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        while not self._listens():
            if self._process.poll() is not None or time.monotonic() - started > LONGEST_START:
                self._process.kill()
                raise SystemExit(f"{self.name} does not start:\n{(self.folder / 'output').read_text()[-2000:]}")
            time.sleep(0.02)
        self.start_time = time.monotonic() - started

    def command(self) -> list[str]:
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        return {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()

    def kill(self) -> None:
        """At once, in the middle of everything."""
        self._process.kill()
        self._process.wait()

    @property
    def pid(self) -> int:
        return self._process.pid

    def _listens(self) -> bool:
        """Whether UDP port 5060 of the host is open, as the system tells."""
        number = int.from_bytes(bytes(map(int, self.host.split("."))), sys.byteorder)
        return f" {number:08X}:{5060:04X} " in Path("/proc/net/udp").read_text()

    def usage(self) -> Usage:
        """All of it so far."""
        process = Path(f"/proc/{self._process.pid}")
        fields = (process / "stat").read_text().rpartition(")")[2].split()
        main = int((process / "task" / str(self._process.pid) / "schedstat").read_text().split()[0])
        found = re.search(r"VmRSS:\s+(\d+)", (process / "status").read_text())
        assert found is not None
        return Usage(int(fields[11]) / TICK, int(fields[12]) / TICK, main / 1e9, int(found[1]))


class Magroup(Server):
    """``twistd -n magroup`` of a tree with a company, if no other: a trunk to call from and a default trunk to call to.

    ``settings`` are those of its environment, without MAGROUP_ before them.
    """

    name = "magroup"
    host = f"{NET}.40"

    def __init__(self, tree: Path = TREE, company: str = COMPANY, **settings: str) -> None:
        self.tree = tree
        self.company = company
        self.settings = {"CALLS_MAX_CALLS": "10000"} | settings
        super().__init__()

    @property
    def web(self) -> str:
        """The address of its pages."""
        return f"http://{self.host}:8080"

    def command(self) -> list[str]:
        company = self.folder / "company.toml"
        company.write_text(self.company)
        return [
            sys.executable, "-c", "from twisted.scripts.twistd import run; run()", "-n", "magroup", "--data",
            str(self.folder / "data"), "--import", str(company), "--sip", f"udp:{self.host}:5060", "--http",
            f"tcp:8080:interface={self.host}",
        ]  # fmt: skip

    def environment(self) -> dict[str, str]:
        return {"PYTHONPATH": str(self.tree)} | {f"MAGROUP_{name}": value for name, value in self.settings.items()}


class Sippy(Server):
    """sippy's example that does nothing but join two legs; its log is off."""

    name = "sippy"
    host = "127.0.9.43"

    def command(self) -> list[str]:
        to = f"{PHONE}:5060"
        return [python_with("sippy"), "-m", "sippy.b2bua_simple", "-f", "-l", self.host, "-p", "5060", "-n", to]

    def environment(self) -> dict[str, str]:
        return {"SIPLOG_BEND": "none"}


def python_with(package: str) -> str:
    """This Python, or that of an environment in the folder for temporary files with a package of PyPI, made once."""
    if importlib.util.find_spec(package) is not None:
        return sys.executable
    folder = Path(gettempdir(), f"magroup-bench-{package}")
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        print(f"installing {package} in {folder}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", package], check=True)
        (folder / "complete").touch()
    return str(python)
