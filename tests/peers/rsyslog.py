"""rsyslog, the syslog daemon of Debian, with receivers of its own and one file with what came."""

import shutil
import tempfile
from pathlib import Path

from twisted.trial.unittest import TestCase

from tests.peers.addresses import address
from tests.peers.process import PeerProcess
from tests.peers.waiting import until

PROGRAM = shutil.which("rsyslogd", path="/usr/sbin:/usr/bin") or "rsyslogd"
CONFIGURATION = """\
module(load="imudp")
module(load="imtcp")
module(load="imuxsock" SysSock.Use="off")
input(type="imudp" address="{ip}" port="5514")
input(type="imtcp" address="{ip}" port="5601")
input(type="imuxsock" Socket="{folder}/log")
template(name="parts" type="string" string="%inputname%|%pri%|%protocol-version%|%hostname%|%app-name%|%procid%|\
%msgid%|%structured-data%|%msg%\\n")
action(type="omfile" file="{folder}/came" template="parts")
"""


class Rsyslog:
    """UDP at port 5514, TCP at 5601, and a unix socket called ``log``."""

    def __init__(self, test: TestCase) -> None:
        self.test = test
        self.ip = address(test).ip
        # A short path: that of a socket has 107 characters at most.
        self.folder = Path(tempfile.mkdtemp(prefix="mg-log-"))
        test.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.file = self.folder / "came"
        configuration = self.folder / "rsyslog.conf"
        configuration.write_text(CONFIGURATION.format(ip=self.ip, folder=self.folder))
        command = [PROGRAM, "-n", "-f", str(configuration), "-i", str(self.folder / "pid")]
        self.process = PeerProcess("rsyslogd", command, self.folder)

    async def start(self) -> "Rsyslog":
        """Start it; comes back when its sockets are there."""
        self.test.addCleanup(self.stop)
        self.process.start()
        await until(lambda: self.process.ended or (self.folder / "log").exists(), what="rsyslogd",
                    seen=self.process.report)  # fmt: skip
        return self

    async def stop(self) -> None:
        """End it."""
        await self.process.stop()

    def came(self) -> list[list[str]]:
        """The parts of each message."""
        return [line.split("|", 8) for line in self.file.read_text().splitlines()] if self.file.exists() else []
