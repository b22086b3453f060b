"""Two real nodes lose Redis, PostgreSQL, both, and a disk, while one call is up all the time and others come and go."""

from urllib.error import HTTPError
from urllib.request import urlopen

from twisted.internet.protocol import Factory, Protocol
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

from magroup.model.calls import CallRecord
from tests.live.pbx import hear_each_other
from tests.live.phones import Desk, baresips, desks, together
from tests.live.raw_phone import RawPhone
from tests.live.server import company
from tests.live.twistd import Twistd
from tests.peers import RawUdp, Sipp, address, postgresql, until
from tests.peers.cut import Wire
from tests.peers.redis import PORT, Redis
from tests.peers.waiting import reactor

REST = "Applications/inbound/MAGroup/rest"
FAILS = "does not work, it is kept and tried again"
FILE, TABLES = "writing the journal's file", "moving the journal into the database"
PEOPLE = ("1047", "1175", "1068")


def _posted(url: str, form: bytes) -> str:
    with urlopen(url, form, timeout=30) as answer:
        return str(answer.read().decode())


class Receiver(Protocol):
    """Of syslog over TCP."""

    came = b""

    def dataReceived(self, data: bytes) -> None:
        Receiver.came += data


class Faults(TestCase):
    """b is at the end of wires that can be cut; its log goes to a receiver, its SIP messages to another."""

    timeout = 240

    async def nodes(self) -> tuple[Twistd, Twistd]:
        self.database, name = postgresql.server(), postgresql.new_name()
        self.database.make(name, postgresql.EMPTY)
        self.addCleanup(self.database.drop, name)
        self.addCleanup(self.database.start)
        self.redis = await Redis(self).start()
        self.to_redis = Wire(self, self.redis.ip, PORT)
        self.to_database = Wire(self, str(self.database.folder / ".s.PGSQL.5432"), 0)
        self.homer = RawUdp(self, port=0).open()
        ip = address(self).ip
        syslog = reactor.listenTCP(0, Factory.forProtocol(Receiver), interface=ip)
        self.addCleanup(syslog.stopListening)
        key = self.mktemp()
        both = {"MAGROUP_KEY_FILE": f"{self.redis.directory}/{key.rpartition('/')[2]}",
                "MAGROUP_SIP_OPTIONS_PING_INTERVAL": "0"}  # fmt: skip
        a = Twistd(
            self, company("manager_timeout = 60\n", PEOPLE, ("1201", "1202")), "--database", self.database.url(name),
            "--redis", self.redis.url, MAGROUP_CLUSTER_NODE="a", **both,
        )  # fmt: skip
        b = Twistd(
            self, "", "--database", f"postgresql://postgres@{self.to_database.ip}/{name}", "--redis",
            f"redis://{self.to_redis.ip}:{PORT}/0", MAGROUP_CLUSTER_NODE="b",
            MAGROUP_HEP_TO=f"udp:{self.homer.ip}:{self.homer.port}",
            MAGROUP_SYSLOG_TO=f"tcp:{ip}:{syslog.getHost().port}", **both,
        )  # fmt: skip
        for node in (a, b):
            await node.start()
        await together(a.says("Node b is there"), b.says("Node a is there"))
        return a, b

    async def is_so(self, path: str, words: str) -> None:
        """Wait until both nodes say so."""
        for node in self.both:
            seen = [""]

            async def is_so(node: Twistd = node, seen: list[str] = seen) -> bool:
                seen[0] = await node.page(f"{REST}/{path}")
                return words in seen[0]

            await until(is_so, 20.0, what=words, seen=lambda seen=seen: seen[0])

    async def done(self, node: Twistd, path: str) -> None:
        self.assertIn("OK<", await self.post(node, path))

    async def post(self, node: Twistd, path: str) -> str:
        """What is after the question mark is sent as a form."""
        what, _, form = path.partition("?")
        return await deferToThread(_posted, f"{node.url}{REST}/{what}", form.encode())

    async def not_ready(self, node: Twistd, words: str) -> None:
        """/readyz says why."""
        seen = [""]

        async def says() -> bool:
            try:
                seen[0] = await node.page("readyz")
            except HTTPError as error:
                seen[0] = error.read().decode()
                return error.code == 503 and words in seen[0]
            return False

        await until(says, 30.0, what=f"not ready: {words}", seen=lambda: seen[0])

    async def ready(self, *nodes: Twistd) -> None:
        async def is_ready(node: Twistd) -> bool:
            try:
                await node.page("readyz")
            except HTTPError:
                return False
            return True

        for node in nodes:
            await until(lambda node=node: is_ready(node), 30.0, what="ready", seen=node.process.report)

    async def talk_goes_on(self) -> None:
        """The one that is up all the time: it can be held, and both are heard."""
        await self.phones[0].hold()
        await self.phones[0].resume()
        await together(*(phone.receives(10) for phone in self.phones))

    async def call(self, *nodes: Twistd) -> None:
        """One begins and ends at each."""
        for node in nodes:
            await Sipp(self, "uac", node.sip, caller="1202", service="1068", calls=1, stay=0.2).run()
            self.calls += 1

    async def written(self) -> list[CallRecord]:
        """All calls that have ended so far, each once."""

        async def all() -> list[CallRecord]:
            found: list[CallRecord] = await deferToThread(self.both[0].records)
            return found if len(found) >= self.calls else []

        found = await until(all, 45.0, what=f"{self.calls} calls in the journal", seen=self.both[1].process.report)
        self.assertEqual((len(found), len({one.id for one in found})), (self.calls, self.calls))
        return found

    async def together_again(self, times: int) -> None:
        a, b = self.both
        await until(lambda: a.output.count("Node b is there") == b.output.count("Node a is there") == times, 30.0,
                    what="together again", seen=lambda: f"{a.process.report()}\n{b.process.report()}")  # fmt: skip

    async def test_one_after_the_other(self) -> None:
        a, b = self.both = await self.nodes()
        self.calls = 0
        (manager,), (caller,) = await together(baresips(a, "1047", tone=440.0), baresips(b, "1201", tone=660.0))
        await desks(Desk(a, "1068", "uas", calls=None))
        await self.is_so("members/getMembers.asp?mb_number=1068", "<lineState>0</lineState>")
        self.phones = (caller, manager)
        await caller.dial(b.uri("8973"))
        await manager.wait("CALL_INCOMING", 20.0)
        await manager.answer()
        await together(manager.wait("CALL_ESTABLISHED"), caller.wait("CALL_ESTABLISHED"))
        await hear_each_other(caller, manager)
        await self.split()
        await self.without_database()
        await self.without_both()
        await self.without_disk()
        await self.talk_goes_on()
        await caller.hangup()
        await manager.idle()
        self.calls += 1
        records = await self.written()
        longest = max(records, key=lambda record: record.answered_at and record.ended_at - record.answered_at)
        self.assertEqual((longest.id[:2], longest.called_number), ("b-", "8973"))
        self.to_database.swallow()
        await self.call(b)
        self.assertEqual(await b.terminate(), -15)
        for node in self.both:
            self.assertNotIn("Traceback", node.output)
        self.to_database.mend()
        await b.start()
        await self.written()

    async def split(self) -> None:
        """Nothing comes through between b and Redis, without a word. Both go on, with the same people and lines."""
        a, b = self.both
        self.to_redis.swallow()
        await together(b.says("is not linked: it does not answer"), a.says("Node b is not heard of any more"))
        await self.done(a, "members/setPresence.asp?usr_Name=u1047&presenceState=1&presenceMessage=earlier")
        await self.done(b, "members/setPresence.asp?usr_Name=u1047&presenceState=1&presenceMessage=later")
        await self.done(b, "groups/editGroup.asp?gr_id=1&gr_assistantTimeout=42")
        await self.done(a, "groups/editGroup.asp?gr_id=1&gr_managerTimeout=41")
        phones = [RawPhone(node, "1175") for node in self.both]  # type: ignore[arg-type]
        await together(*(phone.start() for phone in phones))
        await self.call(a, b)
        await self.talk_goes_on()
        self.to_redis.mend()
        await b.says("is linked")
        await self.together_again(2)
        await self.is_so("members/getMembers.asp?mb_number=1047", ">later<")
        await self.is_so("groups/getGroups.asp?gr_id=1", "<assistantTimeout>42</assistantTimeout>")
        await self.is_so("groups/getGroups.asp?gr_id=1", "<managerTimeout>41</managerTimeout>")
        await self.is_so("members/getMembers.asp?mb_number=1175", "<lineState>0</lineState>")
        for node in self.both:
            await together(
                Sipp(self, "uac_refused", node.sip, caller="1202", service="1175").run(),
                *(phone.invited() for phone in phones),
            )  # fmt: skip
            self.calls += 1
        await self.written()

    async def without_database(self) -> None:
        """For b without a word, then for both. Nobody can edit, and is told so."""
        a, b = self.both
        self.to_database.swallow()
        await self.not_ready(b, "database: does not answer")
        await self.ready(a)
        await self.call(a, b)
        await self.talk_goes_on()
        self.database.stop()
        self.to_database.mend()
        await self.not_ready(a, "database: ")
        await self.call(a)
        self.assertIn("ERROR", await self.post(a, "groups/editGroup.asp?gr_id=1&gr_managerTimeout=51"))
        await self.done(a, "members/setPresence.asp?usr_Name=u1175&presenceState=1&presenceMessage=meanwhile")
        await a.says(f"{TABLES} {FAILS}")
        self.database.start()
        await a.says(f"{TABLES} works again", 45.0)
        await self.ready(a, b)
        await self.is_so("members/getMembers.asp?mb_number=1175", ">meanwhile<")
        await self.done(b, "groups/editGroup.asp?gr_id=1&gr_managerTimeout=43")
        await self.is_so("groups/getGroups.asp?gr_id=1", "<managerTimeout>43</managerTimeout>")
        await self.written()

    async def without_both(self) -> None:
        """They end at once; a call begins before that and ends meanwhile, another one ends when they are back."""
        a, b = self.both
        before = await Sipp(self, "uac", b.sip, caller="1202", service="1068", stay=5.0, timeout=60.0).start()
        await before.message(200)
        await self.redis.stop()
        self.database.stop()
        await until(lambda: all("closed" in node.output.partition("is linked")[2] for node in self.both), 20.0,
                    what="Redis is missed")  # fmt: skip
        await self.call(a, b)
        await self.talk_goes_on()
        await self.not_ready(b, "database: ")
        await before.finished()
        self.calls += 1
        self.database.start()
        await self.redis.start()
        await self.together_again(3)
        await self.ready(a, b)
        await self.call(a, b)
        await self.written()

    async def without_disk(self) -> None:
        """b's is full: calls and what it tells others by the network go on, and are in the database at once."""
        _a, b = self.both
        b.full_disk(True)
        seen = len(self.homer.received)
        await self.call(b)
        await b.says(f"{FILE} {FAILS}")
        await self.not_ready(b, "journal: cannot be written")
        await self.written()
        await until(lambda: len(self.homer.received) > seen and f"{FILE} {FAILS}".encode() in Receiver.came,
                    what="syslog and Homer")  # fmt: skip
        b.full_disk(False)
        await self.call(b)
        await b.says(f"{FILE} works again")
        await self.ready(b)
        await self.written()
