"""A backup is made of a real server while calls are up; another server goes on from it."""

import sys

from twisted.internet.utils import getProcessOutputAndValue
from twisted.trial.unittest import TestCase

from magroup.store.journal import CLOSED_BY_RESTART
from tests.live.phones import Desk, desks
from tests.live.server import company
from tests.live.twistd import Twistd
from tests.peers import Sipp, postgresql, until
from tests.server_process import TREE

LINES = ("1201", "1203", "1204")


class Backups(TestCase):
    timeout = 120

    async def command(self, *arguments: str) -> str:
        """What it says when it does it; its error else."""
        output, errors, code = await getProcessOutputAndValue(
            sys.executable, ("-m", "magroup", *arguments), {"PYTHONPATH": str(TREE), "PATH": "/usr/bin:/bin"}
        )
        return output.decode() if code == 0 else f"{code}: {errors.decode()}"

    async def test_from_one_server_to_another(self) -> None:
        """Of two calls one has ended, the other goes on: where the backup is put it was cut by a restart."""
        server = await Twistd(self, company(others=LINES)).start()
        await desks(Desk(server, "1203", "uas", calls=None))
        await Sipp(self, "uac", server.sip, service="1203", caller="1204", calls=1, stay=0.1).run()
        talker = Sipp(self, "uac_wait_bye", server.sip, service="1203", caller="1201", calls=1)
        await talker.start()
        await talker.message(200)
        await until(lambda: len(server.records()) == 1 and len(server.registrations()) == 1, what="the database")
        (server.data / "sounds").mkdir(exist_ok=True)
        (server.data / "sounds" / "Our sound.wav").write_bytes(b"RIFF" * 100)
        file = str(server.folder / "backup.zip")
        self.assertIn("looked through", await self.command("backup", "--data", str(server.data), file))

        refused = await self.command("restore", "--data", str(server.data), file)
        self.assertRegex(refused, "1: magroup: data folder .* is in use by process")
        self.assertIn("looked through", await self.command("restore", "--check", file))

        database, name = postgresql.server(), postgresql.new_name()
        database.make(name, postgresql.EMPTY)
        self.addCleanup(database.drop, name)
        for arguments in ((), ("--database", database.url(name))):
            other = Twistd(self, "", *arguments)
            other.data.mkdir(exist_ok=True)
            (other.data / "secrets.key").write_bytes((server.data / "secrets.key").read_bytes())
            (other.data / "secrets.key").chmod(0o600)
            restored = await self.command("restore", "--data", str(other.data), *arguments, file)
            self.assertIn("put into", restored)
            again = await self.command("restore", "--data", str(other.data), *arguments, file)
            self.assertIn("is not empty", again)
            await other.start()
            self.assertIn("1 calls cut by its end closed", await other.says("journal of the last run"))
            if not arguments:
                await until(lambda other=other: len(other.records()) == 2, what="both calls")
                causes = [record.cause for record in other.records()]
                self.assertEqual(causes[1], CLOSED_BY_RESTART)
                self.assertEqual(other.registrations(), server.registrations())
            self.assertEqual((other.data / "sounds" / "Our sound.wav").read_bytes(), b"RIFF" * 100)
            self.assertNotIn("Traceback", other.output)
            self.assertEqual(await other.terminate(), -15)
        await talker.stop()
