"""A real twistd: what it refuses to start with, how it ends while people talk, what it reloads, the demo."""

import contextlib
import re
import shutil
import signal
import socket
import sqlite3
import tempfile
from pathlib import Path

from twisted.trial.unittest import TestCase

from magroup.resources import sound
from tests.live.pbx import hear_each_other, talking
from tests.live.phones import baresips, together
from tests.live.server import company
from tests.live.twistd import Twistd
from tests.peers import Baresip, Sipp, until

GROUP = 'welcome = "Welcome.wav"\nannouncements = ["Music.wav"]\nmanager_timeout = 60\n'
TABLE = "CREATE TABLE alembic_version (version_num VARCHAR(32)); INSERT INTO alembic_version VALUES ('9999')"


class Refusals(TestCase):
    """One clear line, exit 1, nothing started and nothing changed."""

    timeout = 60

    async def refused(self, server: Twistd, *words: str) -> None:
        before = {path: path.read_bytes() for path in server.data.rglob("*") if path.is_file()}
        lines = await server.refuses()
        self.assertEqual(len(lines), 1, server.output)
        for word in words:
            self.assertIn(word, lines[0])
        self.assertEqual({path: path.read_bytes() for path in before}, before)

    def database(self, server: Twistd, sql: str) -> None:
        with sqlite3.connect(server.data / "magroup.db") as connection:
            connection.executescript(f"PRAGMA journal_mode = WAL; {sql}")
        connection.close()

    async def test_database_that_is_none(self) -> None:
        server = Twistd(self, company(), new=True)
        (server.data / "magroup.db").write_bytes(b"This is no database. " * 500)
        await self.refused(server, "magroup.db", "not a database")

    async def test_damaged_database(self) -> None:
        """A database of ours, in the middle of which something else was written."""
        server = await Twistd(self, company(), new=True).start()
        await server.terminate()
        file = server.data / "magroup.db"
        content = file.read_bytes()
        file.write_bytes(content[:4096] + b"\xa5" * (len(content) - 4096))
        await self.refused(server, "magroup.db", "malformed")

    async def test_newer_database(self) -> None:
        server = Twistd(self, company(), new=True)
        self.database(server, TABLE)
        await self.refused(server, "schema 9999", "newer magroup")

    async def test_lost_key(self) -> None:
        """systemd hears when it has started and when it stops; without its key file it does not start again."""
        folder = Path(tempfile.mkdtemp(prefix="mg-sd-"))
        self.addCleanup(shutil.rmtree, folder)
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(manager.close)
        manager.bind(str(folder / "notify"))
        manager.setblocking(False)
        said: list[bytes] = []

        def hears(word: bytes) -> bool:
            with contextlib.suppress(BlockingIOError):
                while True:
                    said.append(manager.recv(4096))
            return any(one.startswith(word) for one in said)

        server = Twistd(self, company(), NOTIFY_SOCKET=str(folder / "notify"), WATCHDOG_USEC="500000")
        await server.start()
        await until(lambda: hears(b"READY=1") and said.count(b"WATCHDOG=1") > 2, what="READY and WATCHDOG")
        self.assertEqual((said[0][:7], hears(b"STOPPING=1")), (b"READY=1", False))
        await server.terminate()
        self.assertTrue(hears(b"STOPPING=1"))
        (server.data / "secrets.key").unlink()
        said.clear()
        await self.refused(server, "secrets.key is missing: passwords in the database are encrypted with the key")
        self.assertEqual((hears(b"READY=1"), (server.data / "secrets.key").exists()), (False, False))

    async def test_other_database(self) -> None:
        server = Twistd(self, company(), new=True)
        self.database(server, "CREATE TABLE recipes (name TEXT)")
        await self.refused(server, "another program")

    async def test_database_that_cannot_be_opened(self) -> None:
        server = Twistd(self, company(), new=True)
        (server.data / "magroup.db").mkdir()
        await self.refused(server, "magroup.db")

    async def test_database_folder(self) -> None:
        server = Twistd(self, company(), "--database", "sqlite:////proc/none/magroup.db")
        await self.refused(server, "/proc/none/magroup.db cannot be opened: No such file or directory")

    async def test_company(self) -> None:
        """Every error with its place, and nothing of it taken."""
        server = await Twistd(self, company(), new=True).start()
        await server.terminate()
        text = company().replace('number = "1047"', "number = 1047").replace("manager = true", "manger = true")
        (server.folder / "company.toml").write_text(text)
        lines = await server.refuses()
        self.assertRegex(lines[0], r"company\.toml:\d+: ")
        server.launch(take_company=False)
        await server.says("is ready")
        self.assertIn("MA Group", await server.page("Applications/inbound/MAGroup/status"))

    async def test_port_in_use(self) -> None:
        """UDP or TCP: nothing of what was started before it is left open."""
        for kind, name in ((socket.SOCK_DGRAM, "udp"), (socket.SOCK_STREAM, "tcp")):
            server = Twistd(self, company(), new=True)
            with socket.socket(socket.AF_INET, kind) as taken:
                taken.bind((str(server.address), 5060))
                if name == "tcp":
                    taken.listen()
                await self.refused(server, f"cannot listen on {server.address} port 5060: Address already in use")

    async def test_certificate(self) -> None:
        for text, words in (("rubbish", "holds no certificate in PEM form"), (None, "cannot read ")):
            server = Twistd(self, company(), listen=("tls:0:cert=cert.pem:key=cert.pem",), new=True)
            if text is not None:
                (server.folder / "cert.pem").write_text(text)
            await self.refused(server, "cert.pem", words)

    async def test_folder_in_use(self) -> None:
        """The second server ends, and the first one goes on."""
        first = await Twistd(self, company(), new=True).start()
        second = Twistd(self, company(), new=True)
        second.data = first.data
        lines = await second.refuses()
        self.assertEqual(lines, [f"magroup: data folder {first.data} is in use by process {first.pid}"])
        self.assertIn("ok", await first.page("healthz"))
        await Sipp(self, "options", first.sip, calls=1).run()


class Ending(TestCase):
    """SIGTERM."""

    timeout = 60

    async def test_with_calls(self) -> None:
        """Who talks and who listens is hung up, within 5 s; their records are in the database."""
        server = await Twistd(self, company(GROUP, others=("1201", "1202"))).start()
        one, other = await baresips(server, "1201", "1202")
        listener = await Sipp(self, "uac_wait_bye", server.sip, service="8973", caller="1047", calls=1).start()
        await talking(server, one, other)
        await listener.message(200)
        code = await server.terminate()
        self.assertEqual(code, -signal.SIGTERM, "twistd ends by the signal once everything has stopped")
        await listener.finished()
        await together(one.idle(), other.idle())
        records = server.records()
        self.assertEqual(len(records), 2)
        self.assertEqual([(record.ended_at > 0, record.ended_by) for record in records], [(True, "switch")] * 2)
        self.assertEqual(list((server.data / "journal").iterdir()), [])
        self.assertEqual([line for line in server.lines if "did not stop" in line], [])
        self.assertNotIn("Traceback", server.output)

    async def test_new_calls(self) -> None:
        """While announcements end, a new call is refused with 503; who says it again does not end them."""
        server = await Twistd(self, company(GROUP)).start()
        listener = await Sipp(self, "uac_wait_bye", server.sip, service="8973", caller="1047", calls=1).start()
        await listener.message(200)
        server.process.send_signal(signal.SIGTERM)
        await server.says("magroup stops")
        refused = await Sipp(self, "uac_refused", server.sip, service="8973", caller="1175", calls=1).run()
        self.assertEqual(refused.statuses[-1], 503)
        server.process.send_signal(signal.SIGTERM)
        server.process.send_signal(signal.SIGINT)
        await server.says("magroup is stopping already")
        await listener.finished()
        self.assertEqual(await server.ended(8.0), -signal.SIGTERM)
        self.assertNotIn("Traceback", server.output)

    async def test_while_starting(self) -> None:
        """Ended before it is ready: it ends, and the next start is good."""
        server = Twistd(self, company())
        server.launch()
        await server.says(" starts, data in ")
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(await server.ended(8.0), -signal.SIGTERM)
        self.assertNotIn("Traceback", server.output)
        await server.start()


class Reloading(TestCase):
    """SIGHUP."""

    timeout = 60

    async def test_in_a_call(self) -> None:
        """A good file is taken, a bad one is not, and people talk on."""
        server = Twistd(self, company(others=("1201", "1202")), "--config", "magroup.toml")
        config = server.folder / "magroup.toml"
        config.write_text("")
        await server.start()
        one, other = await baresips(server, "1201", "1202")
        await talking(server, one, other)
        for text, words in (
            ('instance = "New"\n[log]\nlevel = "debug"', "configuration reloaded: 2 settings changed"),
            ("[log]\nlevel = 7", "configuration not reloaded: magroup.toml, line 2: "),
            ("[log\n", "configuration not reloaded: magroup.toml"),
        ):
            config.write_text(text)
            server.process.send_signal(signal.SIGHUP)
            await server.says(words)
        await hear_each_other(one, other)
        await other.hangup()
        await one.idle()
        self.assertIn("ok", await server.page("healthz"))


class Demo(TestCase):
    """The command of the README, on ports that are free."""

    timeout = 60

    async def test_demo(self) -> None:
        """The phones register and call each other; a softphone of one's own dials the manager number and is served."""
        server = Twistd(self, "", "--demo", listen=("udp:127.0.0.1:0", "tcp:127.0.0.1:0"))
        await server.start()
        found = re.search(r"server (127\.0\.0\.1:\d+) ", await server.says("For a softphone of your own"))
        secret = re.search(r"password (\S+)", await server.says("user 1201"))
        assert found is not None and secret is not None
        self.assertIn("8973", await server.says("then dial"))
        phone = await Baresip(self, "1201", registrar=found[1], secret=secret[1]).start()
        await phone.registered()
        await phone.dial(f"sip:8973@{found[1]}")
        await phone.wait("CALL_ESTABLISHED")
        await phone.hears_file(sound("Welcome.wav"))
        self.assertIn("ok", await server.page("healthz"))
        self.assertIn("MA Group", await server.page("Applications/inbound/MAGroup/status"))
        # The six phones of the company, and ours.
        await until(lambda: self.has(server, "magroup_registered_lines 7.0"), what="registered phones")
        await until(lambda: self.has(server, "magroup_calls [2-9]"), 15.0, what="a call of the company's")
        await phone.hangup()
        await phone.idle()
        self.assertEqual(await server.terminate(), -signal.SIGTERM)
        self.assertNotIn("Traceback", server.output)

    async def has(self, server: Twistd, pattern: str) -> bool:
        return re.search(pattern, await server.page("metrics")) is not None
