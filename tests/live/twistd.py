"""A real ``twistd -n magroup`` on an address of its own, beside phones that the test drives on its reactor."""

import re
import resource
import signal
from pathlib import Path
from urllib.request import urlopen

from sqlalchemy import Connection, select
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

from magroup.model.calls import CallRecord
from magroup.model.people import Privilege
from magroup.store.engine import look
from magroup.store.journal import calls_between
from magroup.store.journal.files import read
from magroup.store.journal.lines import Entry, Kind
from magroup.store.tables import registrations
from tests.peers import address, until
from tests.peers.addresses import Address
from tests.peers.process import PeerProcess
from tests.server_process import TREE, TWISTD
from tests.store.fresh import put
from tests.web.admission.kit import HASHES

HTTP = "tcp:0:interface=127.0.0.1"
MEMORY = 8 << 30
ADMINISTRATOR = f'''
[[users]]
name = "admin"
last_name = "Administrator"
password_hash = "{HASHES["secret"]}"
privileges = {[one.value for one in Privilege]}
'''
"""As the server makes one of its own where nobody can log in."""


class Twistd:
    """`server = await Twistd(self, text).start()`: a company of the test's own, SIP at ``server.sip``.

    ``arguments`` are those of magroup beyond --http, --sip, --import and --data; ``listen`` takes the place of UDP and
    TCP at port 5060 of the address; ``through`` is a command that runs it. Ended by the test's cleanup.

    What its first start would make takes a third of the CPU of a start, so that it is there before, unless the server
    is to be ``new``: the schema in SQLite's database, and an administrator where the company has no passwords.
    """

    cpu_seconds = 60

    def __init__(
        self, test: TestCase, company: str = "", *arguments: str, listen: tuple[str, ...] = (), new: bool = False,
        **environment: str,
    ) -> None:  # fmt: skip
        self.test = test
        self.address: Address = address(test)
        self.folder = Path(test.mktemp()).absolute()
        self.data = self.folder / "data"
        self.data.mkdir(parents=True)
        if company and not new:
            if "--database" not in arguments:
                put(self.data)
            if "\npassword = " not in company:
                company += ADMINISTRATOR
        (self.folder / "company.toml").write_text(company, encoding="utf-8")
        self._company = bool(company)
        self._arguments = arguments
        self._listen = listen or (f"udp:{self.address}:5060", f"tcp:{self.address}:5060")
        self._environment = environment
        self.through: tuple[str, ...] = ()
        self.process: PeerProcess
        test.addCleanup(self.kill)

    @property
    def sip(self) -> str:
        """``host:port`` of the registrar."""
        return f"{self.address}:5060"

    @property
    def output(self) -> str:
        """All it has said, of the last start."""
        return self.process.text()

    @property
    def lines(self) -> list[str]:
        """The lines of its log, those at the start for people left out."""
        return [line for line in self.output.splitlines() if re.match(r"\d{4}-\d\d-\d\d ", line)]

    def uri(self, number: str) -> str:
        return f"sip:{number}@{self.address}"

    def launch(self, take_company: bool = True) -> None:
        """Start the process and wait for nothing."""
        command = [*self.through, *TWISTD, "-n", "magroup", "--http", HTTP, "--data", str(self.data), *self._arguments]
        for where in self._listen:
            command += ["--sip", where]
        if take_company and self._company:
            command += ["--import", "company.toml"]
        environment = {
            "PYTHONPATH": str(TREE), "PYTHONUNBUFFERED": "1", "MAGROUP_OVERLOAD_WAIT": "0", **self._environment,
        }  # fmt: skip
        self.process = PeerProcess(
            "twistd", command, self.folder, environment=environment, memory=MEMORY, cpu_seconds=self.cpu_seconds
        )
        self.process.start()

    async def start(self, take_company: bool = True) -> "Twistd":
        """Start, with the company file unless that of an earlier start is wanted; comes back when it is ready."""
        self.launch(take_company)
        await self.says("is ready", 60.0)
        return self

    async def says(self, words: str, timeout: float = 20.0) -> str:
        """Wait for a line with these words."""

        def said() -> str | None:
            return next((line for line in self.output.splitlines() if words in line), None)

        found = await until(
            lambda: said() or self.process.ended, timeout, what=f"twistd: {words!r}", seen=self.process.report
        )  # fmt: skip
        line = said()
        self.test.assertIsNotNone(line, f"{found}: {self.process.report()}")
        return str(line)

    async def ended(self, timeout: float = 60.0) -> int | None:
        """Wait for its end; the exit code, or minus the signal."""
        await self.process.wait_end(timeout)
        return self.process.exit_code

    async def refuses(self) -> list[str]:
        """Start what is not to start: exit code 1 and no traceback; the lines that say why."""
        self.launch()
        self.test.assertEqual(await self.ended(), 1, self.process.report())
        self.test.assertNotIn("Traceback", self.output)
        self.test.assertNotIn("is ready", self.output)
        return [line for line in self.output.splitlines() if " critical " in line or line.startswith("magroup: ")]

    async def kill(self) -> None:
        """kill -9, and wait for the end."""
        if hasattr(self, "process") and self.process.running:
            await self.process.kill()

    async def terminate(self) -> int | None:
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return await self.ended(8.0)

    @property
    def url(self) -> str:
        """Of its web server, with a slash at the end."""
        found = re.search(r"\bhttp://\S+/", self.output)
        assert found is not None
        return found[0]

    async def page(self, path: str = "") -> str:
        """A page of its web server."""
        return await deferToThread(_read, self.url + path)

    @property
    def pid(self) -> int:
        """Of the process."""
        return int(self.process._process.pid)

    def full_disk(self, is_full: bool) -> None:
        """Let every write into a file fail, or no longer."""
        _, most = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (1 if is_full else most, most))

    # what is in its database, read beside it or when it is gone

    def records(self) -> list[CallRecord]:
        """All calls of the journal's tables, the oldest first."""
        return list(look(self._database, calls_between, 0.0, 4e9, 1000).calls)

    def live(self) -> list[CallRecord]:
        """The calls that the journal's files have as being up, as far as they have come there."""
        up: dict[str, CallRecord] = {}
        for path in sorted((self.data / "journal").glob("*.jsonl")):
            for line, _ in read(path, 0):
                entry = Entry.decode(line)
                if entry.kind is Kind.LIVE:
                    up[entry.call.id] = entry.call
                else:
                    up.pop(entry.call.id, None)
        return list(up.values())

    def registrations(self) -> list[tuple[str, str]]:
        """Number and contact of the registrations that are stored."""
        return look(self._database, _registrations)

    @property
    def _database(self) -> str:
        if "--database" in self._arguments:
            return self._arguments[self._arguments.index("--database") + 1]
        return f"sqlite:///{self.data / 'magroup.db'}"


def _registrations(connection: Connection) -> list[tuple[str, str]]:
    found = connection.execute(select(registrations.c.number, registrations.c.contact))
    return [(number, contact) for number, contact in found]


def _read(url: str) -> str:
    with urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())
