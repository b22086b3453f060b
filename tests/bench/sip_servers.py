"""The B2BUAs that are compared, each a process of its own on the first core: magroup, and sippy's b2bua_simple."""

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

from tests.bench.sipp_load import CALLER, PHONE

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
    """What a command begins with to run on one core; nothing on a machine that has one only."""
    return ["taskset", "-c", str(core)] if (os.cpu_count() or 1) > 1 else []


@dataclass(frozen=True)
class Usage:
    """What a process has used: CPU seconds in its own code and in the system, memory in KiB."""

    user: float
    system: float
    main_thread: float
    memory: int


class Server:
    """A B2BUA that runs at ``host`` until the end of the with block."""

    name = ""
    host = ""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="bench-")
        self.folder = Path(self._folder.name)
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
    """``twistd -n magroup`` of a tree, with a trunk to call from and a default trunk to call to."""

    name = "magroup"
    host = "127.0.9.40"

    def __init__(self, tree: Path = TREE) -> None:
        self.tree = tree
        super().__init__()

    def command(self) -> list[str]:
        company = self.folder / "company.toml"
        company.write_text(COMPANY)
        return [
            sys.executable, "-c", "from twisted.scripts.twistd import run; run()", "-n", "magroup", "--data",
            str(self.folder / "data"), "--import", str(company), "--sip", f"udp:{self.host}:5060", "--http",
            "tcp:0:interface=127.0.0.1",
        ]  # fmt: skip

    def environment(self) -> dict[str, str]:
        return {"PYTHONPATH": str(self.tree), "MAGROUP_CALLS_MAX_CALLS": "10000"}


class Sippy(Server):
    """sippy's example that does nothing but join two legs; its log is off."""

    name = "sippy"
    host = "127.0.9.43"

    def command(self) -> list[str]:
        to = f"{PHONE}:5060"
        return [python_with_sippy(), "-m", "sippy.b2bua_simple", "-f", "-l", self.host, "-p", "5060", "-n", to]

    def environment(self) -> dict[str, str]:
        return {"SIPLOG_BEND": "none"}


def python_with_sippy() -> str:
    """This Python, or that of an environment in the folder for temporary files, made once."""
    if importlib.util.find_spec("sippy") is not None:
        return sys.executable
    folder = Path(gettempdir(), "magroup-bench-sippy")
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        print(f"installing sippy in {folder}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "sippy"], check=True)
        (folder / "complete").touch()
    return str(python)
