"""kill -9 while ten calls are up: the journal tells how they ended, and phones can call at once."""

from pathlib import Path

from twisted.trial.unittest import TestCase

from magroup.model.calls import ReasonCode
from magroup.store.journal import CLOSED_BY_RESTART
from tests.live.pbx import changed, hear_each_other, talking
from tests.live.phones import Desk, baresips, desks, together
from tests.live.server import SECRET, company
from tests.live.test_restart import registrations
from tests.live.twistd import Twistd
from tests.peers import Sipp, until
from tests.peers.redis import Redis

GROUP = 'welcome = "Welcome.wav"\nannouncements = ["Music.wav"]\nmanager_timeout = 60\n'
LINES = ("1201", "1202", "1203", "1204")


class Killed(TestCase):
    """In the middle of everything."""

    timeout = 90

    async def test_ten_calls(self) -> None:
        """Five listen to the group's greeting, five talk; two had ended before."""
        server = await Twistd(self, company(GROUP, others=LINES)).start()
        phones = await baresips(server, "1201", "1202")
        await desks(Desk(server, "1203", "uas", calls=None))
        await Sipp(self, "uac", server.sip, service="1203", caller="1204", calls=2, rate=10, stay=0.1).run()
        talkers = Sipp(self, "uac_wait_bye", server.sip, service="1203", caller="1204", calls=5, rate=20)
        listeners = Sipp(self, "uac_wait_bye", server.sip, service="8973", caller="1204", calls=5, rate=20)
        await together(talkers.start(), listeners.start())
        await together(talkers.message(200, count=5), listeners.message(200, count=5))
        # Only the last second may be lost: the ten calls are in the journal's file, phones and earlier calls stored.
        await until(lambda: len(server.live()) == 10, what="ten calls in the file", seen=server.process.report)
        await until(lambda: len([call for call in server.live() if call.answered_at]) == 5, what="five answers")
        await until(lambda: len(server.records()) == 2 and len(server.registrations()) == 3, what="the database")
        before = server.records()
        registers = [registrations(phone) for phone in phones]

        await server.kill()
        await server.start(take_company=False)
        self.assertIn("10 calls cut by its end closed", await server.says("journal of the last run"))
        await talking(server, *phones)
        await hear_each_other(*phones)
        await phones[1].hangup()
        await phones[0].idle()
        self.assertEqual([registrations(phone) for phone in phones], registers)
        await until(lambda: len(server.records()) == 13, what="all calls in the database")

        records = server.records()
        self.assertEqual([record for record in records if record in before], before)
        cut = [record for record in records if record.cause == CLOSED_BY_RESTART]
        self.assertEqual(sorted(record.called_number for record in cut), ["1203"] * 5 + ["8973"] * 5)
        for record in cut:
            self.assertGreaterEqual(record.ended_at, record.started_at)
            self.assertEqual(record.ended_by, "switch")
            self.assertEqual(bool(record.answered_at), record.called_number == "1203")
            self.assertEqual([leg.cause for leg in record.legs], [CLOSED_BY_RESTART] * len(record.legs))
        self.assertEqual(await server.terminate(), -15)
        self.assertEqual(list((server.data / "journal").iterdir()), [])

    async def test_killed_again_and_again(self) -> None:
        """Also while it starts: nothing is counted twice, nothing is lost, and it starts."""
        server = await Twistd(self, company(GROUP, others=LINES)).start()
        listeners = Sipp(self, "uac_wait_bye", server.sip, service="8973", caller="1204", calls=3, rate=20)
        await listeners.start()
        await listeners.message(200, count=3)
        await until(lambda: len(server.live()) == 3, what="three calls in the file")
        await server.kill()
        for words in ("starts, data in", "SIP listens", "is ready"):
            server.launch(take_company=False)
            await server.says(words, 60.0)
            await server.kill()
        await server.start(take_company=False)
        self.assertEqual([record.cause for record in server.records()], [CLOSED_BY_RESTART] * 3)


class GoesOn(TestCase):
    """The only node of a company, with Redis."""

    timeout = 120

    async def test_two_calls(self) -> None:
        """It starts again in the middle of them: one is hung up before it listens, the other one goes on."""
        redis = await Redis(self).start()
        server = Twistd(self, company(others=LINES), "--redis", redis.url, MAGROUP_CLUSTER_NODE="a")
        await server.start()
        one, other = await baresips(server, "1201", "1202")
        (desk,) = await desks(Desk(server, "1203", "uas", calls=None))
        await talking(server, one, other)
        short = await Sipp(self, "uac", server.sip, service="1203", caller="1204", stay=4.0, timeout=60.0).start()
        await short.message(200)
        await until(lambda: len([call for call in server.live() if call.answered_at]) == 2, what="two calls in files")
        await server.kill()
        await together(one.receives(10), other.receives(10))
        await server.start(take_company=False)
        await server.says("Calls of the last run go on: 2")
        await desk.sipp.message("BYE", 30.0)
        for phone in (one, other):
            await phone.hold()
            await phone.resume()
        await hear_each_other(one, other)
        await other.hangup()
        await one.idle()
        await until(lambda: len(server.records()) == 2, 20.0, what="both calls in the database")
        self.assertEqual({record.called_number: record.ended_by for record in server.records()},
                         {"1202": "1202", "1203": "1204"})  # fmt: skip
        for record in server.records():
            self.assertEqual((record.cause, record.trail[-1].code), ("normalClearing", ReasonCode.TAKEN_OVER))
        self.assertNotIn("closed", server.output)
        self.assertNotIn("Traceback", server.output)


class Everybody(TestCase):
    """Three hundred phones; ``tests.bench.reregister`` does it with ten thousand."""

    timeout = 120
    numbers = tuple(str(number) for number in range(20_000, 20_300))

    def phones(self, server: Twistd) -> Sipp:
        """All register at once."""
        script = Path(changed(self, "register", "[caller]", "[field0]"))
        script.write_text(script.read_text().replace("[authentication]", "[field1]"))
        rows = [(number, f"[authentication username={number} password={SECRET}]") for number in self.numbers]
        count = len(self.numbers)
        return Sipp(self, script, server.sip, inject=rows, calls=count, rate=count, limit=count, timeout=60.0)

    async def test_all_at_once(self) -> None:
        """Killed with calls up; it starts while everybody registers and calls keep coming: none is lost."""
        server = await Twistd(
            self, company("manager_timeout = 60\n", others=(*LINES, *self.numbers)),
            MAGROUP_SIP_OPTIONS_PING_INTERVAL="0",
        ).start()  # fmt: skip
        await desks(Desk(server, "1047", "uas", calls=None, ring=0.2))
        self.assertEqual((await self.phones(server).run()).successful, 300)
        await until(lambda: len(server.registrations()) == 301, 20.0, what="all of them stored")
        up = await Sipp(self, "uac_wait_bye", server.sip, service="8973", caller="1204", calls=5, rate=20).start()
        await up.message(200, count=5)
        await until(lambda: len(server.live()) == 5, what="five calls in the file", seen=server.process.report)
        await server.kill()
        server.launch(take_company=False)
        callers = Sipp(self, "uac", server.sip, service="8973", caller="1203", calls=20, rate=5, timeout=60.0)
        registered, called = await together(self.phones(server).run(), callers.run())
        self.assertEqual((registered.successful, registered.failed), (300, 0))
        self.assertEqual((called.successful, called.failed), (20, 0))
        await server.says("is ready")
        await until(lambda: len(server.records()) == 25, 20.0, what="all calls in the database")
        # The phones have come back with other addresses.
        await until(lambda: len(server.registrations()) == 601, 20.0, what="all of them stored again")
        self.assertNotIn("Traceback", server.output)
