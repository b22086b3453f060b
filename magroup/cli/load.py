"""``python -m magroup load SCENARIO``: load a SIP server with virtual phones and callers, and report what happened."""

import argparse
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from twisted.internet.defer import Deferred
from twisted.internet.task import react

from magroup.cli.arguments import Parser, parsed
from magroup.cli.simulated_phone import MODELS
from magroup.load.call_times import CallTimes
from magroup.load.company import company
from magroup.load.crew import Crew, worker_command
from magroup.load.messages import Share
from magroup.load.numbers import expanded
from magroup.load.progress import ProgressLine
from magroup.load.reading import ScenarioError, check_sip, read_file
from magroup.load.report_html import as_html
from magroup.load.report_text import as_text
from magroup.load.result import Result
from magroup.load.scenario import Scenario
from magroup.load.settings_text import settings_text
from magroup.load.worker import ports_of
from magroup.resources import resource
from magroup.sip.addresses import family, source_address
from magroup.version import VERSION

NOT_DONE = 2
MOST_WORKERS = 64
LEAST_PORTS = 4


def load(arguments: Sequence[str]) -> int:
    """Run a scenario; 0 when all its limits were kept, 1 when one was not, 2 when it could not be run."""
    options = options_of(arguments)
    if isinstance(options, int):
        return NOT_DONE if options else 0
    if options.settings:
        print(settings_text(), end="")
        return 0
    if not options.scenario:
        print("magroup: a scenario is needed; python -m magroup load --help", file=sys.stderr)
        return NOT_DONE
    try:
        path, scenario = read_scenario(options)
        if options.company:
            print(company(scenario), end="")
            return 0
        shares = shares_of(scenario)
    except ScenarioError as error:
        print("\n".join(f"magroup: {problem}" for problem in error.problems), file=sys.stderr)
        return NOT_DONE
    result: list[Result] = []
    try:
        react(run, (scenario, shares, result))
    except SystemExit as end:
        if end.code or not result:
            return NOT_DONE
    return told(result[0], options, path)


def options_of(arguments: Sequence[str]) -> argparse.Namespace | int:
    """The options, or the exit code when there is nothing more to do."""
    made = Parser(
        prog="python -m magroup load", allow_abbrev=False,
        description="Load a SIP server with virtual phones and callers, and report what happened.",
        epilog="Exit code: 0 all limits were kept, 1 a limit was missed, 2 it could not be run. Ctrl-C ends early.",
    )  # fmt: skip
    made.add_argument("scenario", nargs="?", metavar="SCENARIO", help="a TOML file, or the name of one that ships: "
                      + ", ".join(sorted(shipped())))  # fmt: skip
    made.add_argument("--against", metavar="sip:HOST:PORT", help="the server, instead of server.sip")
    made.add_argument("--web", metavar="URL", help="its web pages, instead of server.web")
    made.add_argument("--pid", type=int, help="its process, instead of server.pid")
    made.add_argument("--seconds", type=float, help="for how long, instead of run.seconds")
    made.add_argument("--workers", type=int, help="processes, instead of run.workers")
    made.add_argument("--html", metavar="FILE", type=Path, help="write the report as a page with graphs")
    made.add_argument("--json", metavar="FILE", type=Path, help="write the report for programs")
    made.add_argument("--settings", action="store_true", help="print every setting of scenarios")
    made.add_argument("--company", action="store_true", help="print the company file that SCENARIO needs in magroup")
    return parsed(made, arguments)


def shipped() -> dict[str, Path]:
    """The scenarios that come with magroup, by name."""
    return {path.stem: path for path in resource("load").glob("*.toml")}


def read_scenario(options: argparse.Namespace) -> tuple[Path, Scenario]:
    """The scenario with what the options say otherwise. Raises ScenarioError."""
    path = shipped().get(options.scenario) or Path(options.scenario)
    server = {"sip": options.against, "web": options.web, "pid": options.pid}
    run = {"seconds": options.seconds, "workers": options.workers}
    changes = {"server": server, "run": run}
    given = {name: {key: value for key, value in one.items() if value is not None} for name, one in changes.items()}
    return path, read_file(path, {name: one for name, one in given.items() if one})


def shares_of(scenario: Scenario) -> list[Share]:
    """What each worker is to do. Raises ScenarioError."""
    transport, name, port = check_sip(scenario.server.sip)
    host = numeric(name)
    for table in scenario.cisco_phones:
        if table.model not in MODELS:
            raise ScenarioError([f"cisco_phones: {table.model} is no model; there are {', '.join(sorted(MODELS))}"])
    addresses = list(scenario.network.addresses) or [source_address(host)]
    for address in addresses:
        if family(address) is not family(host):
            raise ScenarioError([f"network.addresses: {address} cannot reach {host}"])
    domain = scenario.server.domain or name
    count = scenario.run.workers or min(os.cpu_count() or 1, MOST_WORKERS)
    first, last = ports_of(scenario.network.rtp_ports, 0, count)
    if last - first < LEAST_PORTS:
        raise ScenarioError([f"network.rtp_ports: {scenario.network.rtp_ports} is too little for {count} workers"])
    return [
        Share(scenario, number, count, transport, host, port, domain, addresses, "") for number in range(count)
    ]


def numeric(name: str) -> str:
    """The address of a host. Raises ScenarioError."""
    if family(name) is not None:
        return name
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_DGRAM)
    except OSError as error:
        raise ScenarioError([f"server.sip: no such host {name}: {error.strerror or error}"]) from None
    return str(found[0][4][0])


def run(reactor: Any, scenario: Scenario, shares: Sequence[Share], result: list[Result]) -> Deferred[None]:
    """Run the workers; ``result`` gets the result. Ctrl-C ends the run well, a second one at once."""
    return Deferred.fromCoroutine(_run(reactor, scenario, shares, result))


async def _run(reactor: Any, scenario: Scenario, shares: Sequence[Share], result: list[Result]) -> None:
    with TemporaryDirectory(prefix="magroup-load-") as folder:
        times = Path(folder, "times")
        CallTimes.prepare(times, sum(len(expanded(table.numbers)) for table in scenario.callers))
        shares = [msgspec.structs.replace(share, times=str(times)) for share in shares]
        line = ProgressLine(sys.stderr)
        crew = Crew(reactor, scenario, shares, worker_command(), VERSION, line.shown)
        interrupts = 0

        def interrupted(*_: object) -> None:
            nonlocal interrupts
            interrupts += 1
            reactor.callFromThread(crew.stop if interrupts == 1 else crew.kill)

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, interrupted)
        result.append(await crew.run())
        line.end()


def told(result: Result, options: argparse.Namespace, path: Path) -> int:
    """Print and write the reports; the exit code."""
    print(as_text(result), end="")
    code = result.exit_code
    for file, content in (
        (options.json, msgspec.json.format(msgspec.json.encode(result.as_json())) + b"\n"),
        (options.html, as_html(result).encode()),
    ):
        if file is not None:
            try:
                file.write_bytes(content)
            except OSError as error:
                print(f"magroup: {file} cannot be written: {error.strerror or error}", file=sys.stderr)
                code = code or NOT_DONE
    if result.problem:
        print(f"magroup: {path.name}: {result.problem}", file=sys.stderr)
    return code
