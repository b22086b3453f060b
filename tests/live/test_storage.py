"""The disk is full, or somebody else holds the database: people go on calling, and nothing is lost when it is over."""

import sqlite3
from itertools import pairwise
from urllib.error import HTTPError

from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

from tests.live.case import GREETING, LiveCase
from tests.live.log_watch import LogWatch
from tests.live.phones import Caller, Desk, desks, finished, register
from tests.live.server import company
from tests.live.twistd import Twistd, _read
from tests.peers import Sipp, address, until

GROUP = f'welcome = "{GREETING}"\nmanager_timeout = 30\n'
COUNT = 1000
SLOWLY = (
    "/usr/bin/strace", "-f", "-q", "--seccomp-bpf", "-o", "forced", "-e", "trace=fsync,fdatasync", "-e",
    "inject=fsync,fdatasync:delay_enter=2000000",
)  # fmt: skip
FAILS = "does not work, it is kept and tried again"


class FullDisk(TestCase):
    """Every write of a real process fails."""

    timeout = 60

    async def test_calls_and_registrations(self) -> None:
        """One line for each that cannot write, one when it can again; then all of it is stored."""
        server = await Twistd(self, company('welcome = "Welcome.wav"\noverflow = "busy"')).start()
        await register(server, "1047", str(address(self)))
        await until(lambda: len(server.registrations()) == 1, what="the first phone")
        server.full_disk(True)
        (phone,) = await desks(Desk(server, "1201", "uas", calls=3))
        for _ in range(3):
            await Sipp(self, "uac", server.sip, caller="1175", service="1201", calls=1).run()
        await finished(phone)
        await server.says(f"writing the journal's file {FAILS}")
        await server.says(f"saving presence, forwardings and registrations {FAILS}")
        # Two more attempts fail, without another word.
        await Sipp(self, "uac", server.sip, caller="1175", service="8973", calls=1, stay=2.0).run()
        self.assertEqual((len(server.records()), len(server.registrations())), (0, 1))
        self.assertIn("ok", await server.page("healthz"))
        with self.assertRaises(HTTPError) as refused:
            await server.page("readyz")
        told = refused.exception.read().decode()
        self.assertIn("journal: cannot be written", told)
        self.assertIn("state: cannot be written", told)
        server.full_disk(False)
        await server.says("writing the journal's file works again")
        await server.says("saving presence, forwardings and registrations works again")
        self.assertIn("ready", await server.page("readyz"))
        await until(lambda: len(server.records()) == 4 and len(server.registrations()) == 2, 15.0, what="all of it")
        self.assertEqual(len([line for line in server.lines if FAILS in line]), 2, server.output)
        self.assertNotIn("Traceback", server.output)
        self.assertEqual(await server.terminate(), -15)

    async def test_until_the_end(self) -> None:
        """It is never well again: the server ends in time all the same, and has said why nothing was stored."""
        server = await Twistd(self, company(others=("1201",))).start()
        (phone,) = await desks(Desk(server, "1201", "uas"))
        server.full_disk(True)
        await Sipp(self, "uac", server.sip, caller="1175", service="1201", calls=1).run()
        await finished(phone)
        self.assertEqual(await server.terminate(), -15)
        self.assertEqual(len([line for line in server.lines if FAILS in line]), 2, server.output)
        self.assertNotIn("Traceback", server.output)
        await server.start()
        self.assertEqual(server.records(), [])


class SlowDisk(TestCase):
    """Whatever a real process forces to the disk takes two seconds."""

    timeout = 120

    async def test_nobody_waits(self) -> None:
        """The greeting is heard without a gap, the call is answered, and in the journal in the end."""
        server = await Twistd(self, company(GROUP)).start()
        (manager,) = await desks(Desk(server, "1047", "uas", calls=2))
        self.assertEqual(await server.terminate(), -15)
        server.through = SLOWLY
        await server.start(take_company=False)
        for _ in range(2):
            caller = await Caller(server, "uac", stay=2.0).call()
            await caller.finished()
            heard = [packet.seconds for packet in caller.sink.packets]
            self.assertLess(max(after - before for before, after in pairwise(heard)), 1.0)
        await finished(manager)
        await until(lambda: len(server.records()) == 2, 40.0, what="both calls", seen=server.process.report)
        self.assertEqual([record.ended_by for record in server.records()], ["1201"] * 2)
        self.assertGreater((server.folder / "forced").read_text().count("DELAYED"), 2)


class FullPipe(TestCase):
    """Nobody reads what a real process writes."""

    timeout = 90

    async def test_the_log(self) -> None:
        """More than a pipe holds: calls and pages go on, and nothing of it is missing when somebody reads again."""
        server = await Twistd(self, company(others=("1201",))).start()
        pipes = [server.process._process.pipes[number] for number in (1, 2)]
        for pipe in pipes:
            pipe.stopReading()
        path, line = "Applications/inbound/MAGroup/rest/members/getMembers.asp", "/members/getMembers.asp 200 "

        def pages() -> None:
            for _ in range(COUNT):
                _read(server.url + path)

        await deferToThread(pages)
        (phone,) = await desks(Desk(server, "1201", "uas"))
        await Sipp(self, "uac", server.sip, caller="1175", service="1201", calls=1).run()
        await finished(phone)
        self.assertLess(server.output.count(line), COUNT)
        for pipe in pipes:
            pipe.startReading()
        await until(lambda: server.output.count(line) == COUNT, 20.0, what="all lines", seen=server.process.report)
        await server.says("1175 called 1201: answered")


class Locked(LiveCase):
    """Another program has begun a transaction in the SQLite file and does not end it."""

    async def test_calls_and_registrations(self) -> None:
        log = LogWatch(self)
        server = await self.serve(company(GROUP))
        other = sqlite3.connect(server.folder / "magroup.db", isolation_level=None)
        self.addCleanup(other.close)
        other.execute("BEGIN EXCLUSIVE")
        (manager,) = await desks(Desk(server, "1047", "uas"))
        await (await Caller(server, "uac", stay=2.0).call()).finished()
        await finished(manager)
        await until(lambda: len(log.having(FAILS)) == 2, 12.0, what="what the log says", seen=lambda: str(log.lines))
        other.execute("ROLLBACK")
        await until(lambda: len(log.having("works again")) == 2, 12.0, what="what the log says later")
        self.assertEqual(await server.stories(), ["greeting; answered by S1047"])
        self.assertEqual(len(log.having(FAILS)), 2)
        await server.quiet()
        await server.stop()
        await server.start(take_company=False)
        await server.registered("1047")
        log.check(self, most=25)
