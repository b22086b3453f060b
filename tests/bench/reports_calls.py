"""Calls while reports are asked for: ``python -m tests.bench.reports_calls [--seconds 60] [--rate 10] [--folder DIR]``.

A real server whose journal has a month with a million legs, and the load tool's plain calls with sound through it, once
by themselves and once while an administrator asks for one report after the other, on the screen, as a graph and as
Excel. Told is how long it takes from INVITE at the caller to INVITE at the phone, in both.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from http.cookiejar import CookieJar
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

from argon2 import PasswordHasher

from magroup.model.lines import Line
from magroup.model.people import Privilege, User
from magroup.store import migrate, once, replace_all
from tests.bench import reports
from tests.bench.sip_servers import TREE, Server, pinned

MEMBERS = 1000
HOME = "/Applications/inbound/MAGroup/"
LOAD_LINES = (*range(2000, 2200), *range(3000, 3200))
"""Those of the scenario that ships."""

REPORTS = ("details", "count", "duration")
PEOPLE = ("", "5", "5:10043")


class Company(Server):
    """``twistd -n magroup`` with the month in ``data``."""

    name = "magroup"
    host = "127.0.9.44"

    def __init__(self, data: Path) -> None:
        self.data = data
        super().__init__()

    def command(self) -> list[str]:
        return [
            sys.executable, "-c", "from twisted.scripts.twistd import run; run()", "-n", "magroup", "--data",
            str(self.data), "--sip", f"udp:{self.host}:5060", "--http", f"tcp:8080:interface={self.host}",
        ]  # fmt: skip

    def environment(self) -> dict[str, str]:
        return {"PYTHONPATH": str(TREE)}


def make(data: Path) -> None:
    url = f"sqlite:///{data.absolute()}/magroup.db"
    once(url, migrate)
    reports.make(url, 1_000_000, MEMBERS)
    company = reports.company(MEMBERS)
    people = (
        *(User(5000 + number, f"u{number}", lines=(f"{number}",)) for number in LOAD_LINES),
        User(9999, "admin", password_hash=PasswordHasher().hash("admin"), privileges=frozenset(Privilege)),
    )
    lines = tuple(Line(f"{number}", f"load{number}") for number in LOAD_LINES)
    once(url, replace_all, replace(company, users=company.users + people, lines=company.lines + lines))


def questions() -> Iterator[tuple[str, dict[str, str]]]:
    """The page and the fields of each report."""
    for kind, who in cycle((kind, who) for kind in REPORTS for who in PEOPLE):
        for output in ("screen", "graph", "xlsx"):
            yield output, {"kind": kind, "output": output, "month": "2024-07", "who": who}


class Administrator(threading.Thread):
    """Asks for reports until ``stop``; ``asked`` counts them, ``longest`` is the slowest answer of each kind."""

    def __init__(self, host: str) -> None:
        super().__init__()
        self._base = f"http://{host}:8080"
        self._browser: OpenerDirector = build_opener(HTTPCookieProcessor(CookieJar()))
        self._stopped = threading.Event()
        self.asked: Counter[str] = Counter()
        self.longest: dict[str, float] = {}

    def stop(self) -> None:
        self._stopped.set()
        self.join()

    def run(self) -> None:
        self._open("/LogonPage.asp", {"page": "", "user": "admin", "pwd": "admin"})
        for output, fields in questions():
            if self._stopped.is_set():
                return
            begun = time.monotonic()
            if output == "xlsx":
                self._file(fields)
            else:
                page = {"screen": "show", "graph": "graph"}[output]
                self._open(f"{HOME}reports/{page}?{urlencode(fields)}")
            self.asked[output] += 1
            self.longest[output] = max(self.longest.get(output, 0.0), time.monotonic() - begun)

    def _file(self, fields: dict[str, str]) -> None:
        """Begin it, follow it, and give it up after ten seconds so that the others are asked for too."""
        token = re.search(r'name="csrf" value="([^"]+)"', self._open(f"{HOME}reports/choice?{urlencode(fields)}"))
        assert token is not None
        page = self._open(f"{HOME}reports/save", {**fields, "csrf": token[1]})
        found = re.search(r"job=([\w-]+)", page)
        assert found is not None, page
        for _ in range(10):
            if self._stopped.wait(1.0):
                break
            page = self._open(f"{HOME}reports/job?job={found[1]}")
            if "reports/file" in page:
                break
        self._open(f"{HOME}reports/job?job={found[1]}", {"csrf": token[1]})

    def _open(self, path: str, form: dict[str, str] | None = None) -> str:
        data = urlencode(form).encode() if form is not None else None
        with self._browser.open(self._base + path, data, timeout=120) as answer:
            return str(answer.read().decode())


def calls(server: Company, rate: float, seconds: float) -> dict[str, Any]:
    """The load tool's report."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        scenario, report = Path(folder, "plain.toml"), Path(folder, "report.json")
        text = (TREE / "resources/load/plain.toml").read_text()
        scenario.write_text(text.replace("rate = 10", f"rate = {rate}"))
        command = [
            *pinned(1), sys.executable, "-m", "magroup", "load", str(scenario), "--against", f"sip:{server.host}:5060",
            "--seconds", str(seconds), "--workers", "1", "--pid", str(server.pid), "--json", str(report),
        ]  # fmt: skip
        subprocess.run(command, cwd=TREE, stdout=subprocess.DEVNULL, check=False)
        found: dict[str, Any] = json.loads(report.read_text())
    return found


def tell(what: str, report: dict[str, Any]) -> None:
    values = {name: report["values"][name] for name in ("ring_delay", "rtp_jitter", "lateness")}
    print(what, json.dumps(report["counts"]))
    for name, value in values.items():
        print(f"  {name}: {json.dumps(value)}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rate", type=float, default=10.0, help="calls a second")
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    data = given.folder or Path(tempfile.mkdtemp(prefix="magroup-reports-"))
    if not (data / "magroup.db").exists():
        data.mkdir(parents=True, exist_ok=True)
        make(data)
    with Company(data) as server:
        tell("calls alone:", calls(server, given.rate, given.seconds))
        administrator = Administrator(server.host)
        administrator.start()
        try:
            tell("calls beside reports:", calls(server, given.rate, given.seconds))
        finally:
            administrator.stop()
        longest = {output: f"{seconds:.2f} s" for output, seconds in administrator.longest.items()}
        print("reports", dict(administrator.asked), "at most", longest)


if __name__ == "__main__":
    main()
