"""All of magroup in this process as twistd starts it, with web server and logins, beside what a test asks of it."""

from io import StringIO
from pathlib import Path
from typing import Any

from twisted.internet import reactor
from twisted.trial.unittest import TestCase

from magroup.cli.company import reading
from magroup.data_folder import DataFolder
from magroup.log import LineObserver
from magroup.log_output import LogOutput
from magroup.options import Options
from magroup.rtp import library
from magroup.service import Server
from magroup.steady_time import SteadyTime
from magroup.web.admission import passwords
from tests.live.server import read_once
from tests.peers import address
from tests.store.fresh import put
from tests.web.admission.kit import CHEAP


class _Server(Server):
    """Leaves the process of the tests alone."""

    def settle(self) -> None:
        """Nothing."""


class WholeServer:
    """``start`` with a company or with what the folder has; SIP at an address of its own. ``file`` is more TOML."""

    def __init__(self, test: TestCase, file: str = "") -> None:
        self.test = test
        self.address = address(test)
        self.folder = Path(test.mktemp()).absolute()
        self.folder.mkdir(parents=True)
        put(self.folder)
        self.config = self.folder / "magroup.toml"
        self.listen = f"udp:{self.address}:5060"
        self.config.write_text(
            f'{file}\n[http]\nlisten = ["tcp:0:interface=127.0.0.1"]\n'
            f'[sip]\nlisten = ["{self.listen}"]\noptions_ping_interval = 0\n'
        )
        self.server: Server
        self._stops: list[tuple[str, Any]] = []
        # A hash takes 0.2 s of CPU, and there is one for each password, its login, and where nobody has one.
        for module in (reading, passwords):
            test.patch(module, "PasswordHasher", lambda: CHEAP)
        test.patch(library, "read_sound", read_once)
        test.addCleanup(self.stop)

    async def start(self, company: str = "", *arguments: str) -> Server:
        """Start as twistd does."""
        more = list(arguments)
        if company:
            file = self.folder / "company.toml"
            file.write_text(company, encoding="utf-8")
            more += ["--import", str(file)]
        options = Options()
        options.parseOptions(["--data", str(self.folder), "--config", str(self.config), *more])
        output = LogOutput(LineObserver(StringIO(), options.settings.log), None, False)
        self.server = _Server(reactor, options, DataFolder.take(self.folder), output, SteadyTime())
        await self.server.start(lambda name, stop: self._stops.append((name, stop)))
        return self.server

    async def stop(self) -> None:
        """Stop the parts, the last one started first."""
        while self._stops:
            _, stop = self._stops.pop()
            waiting = stop()
            if waiting is not None:
                await waiting

    @property
    def sip(self) -> str:
        """``host:port`` of the registrar."""
        return f"{self.address}:5060"

    @property
    def web(self) -> str:
        """The address of the web server, without a slash at the end."""
        return self.server.announcement.web[0].rstrip("/")
