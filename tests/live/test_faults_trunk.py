"""Trunks of a real server die in every way in the middle of calls, and come back: no call is lost."""

import signal

from twisted.trial.unittest import TestCase

from tests.live.pbx import trunk
from tests.live.phones import register
from tests.live.server import company
from tests.live.twistd import Twistd
from tests.peers import Sipp, address, until


class DeadTrunks(TestCase):
    """Numbers with 0 go by ``silent`` or its spare, those with 9 by ``refusing``, which is asked by OPTIONS, or its."""

    timeout = 120

    async def test_dead_and_back(self) -> None:
        names = ("silent", "spare of silent", "refusing", "spare of refusing")
        ips = {name: address(self).ip for name in names}
        of_numbers = (
            trunk(ips[names[0]], 'prefix = "0"', name=names[0]), trunk(ips[names[1]], 'prefix = "0"', name=names[1]),
            trunk(f"{ips[names[2]]};transport=tcp", 'prefix = "9"', "ping_interval = 1", name=names[2]),
            trunk(ips[names[3]], 'prefix = "9"', name=names[3]),
        )  # fmt: skip
        self.server = await Twistd(self, company(others=("1201",), more="\n".join(of_numbers))).start()
        await register(self.server, "1201", address(self).ip)  # type: ignore[arg-type]
        self.calls = 0
        await self.refuses(ips["refusing"], await self.at(ips["spare of refusing"]))
        await self.says_nothing(await self.at(ips["silent"]), await self.at(ips["spare of silent"]))
        await until(lambda: len(self.server.records()) == self.calls, 20.0, what=f"{self.calls} calls in the database")
        self.assertEqual([record.id for record in self.server.records() if not record.answered_at], [])
        self.assertEqual(self.server.live(), [])
        self.assertNotIn("Traceback", self.server.output)

    async def at(self, ip: str, **options: object) -> Sipp:
        """A switch there that answers calls."""
        return await Sipp(self, "uas", ip=ip, calls=None, timeout=100.0, **options).start()  # type: ignore[arg-type]

    def caller(self, number: str, count: int, stay: float = 0.1) -> Sipp:
        self.calls += count
        return Sipp(
            self, "uac", self.server.sip, caller="1201", service=number, calls=count, rate=5, stay=stay,
            timeout=60.0,
        )  # fmt: skip

    async def call(self, number: str, count: int) -> None:
        """All are answered, and hung up."""
        result = await self.caller(number, count).run()
        self.assertEqual((result.successful, result.failed), (count, 0))

    def told(self, words: str) -> int:
        """How often the log says so."""
        return sum(words in line for line in self.server.lines)

    async def tells(self, words: str, times: int) -> None:
        """Wait until the log has said so often enough."""
        await until(lambda: self.told(words) >= times, 20.0, what=f"{words}: {times}", seen=self.server.process.report)

    async def refuses(self, ip: str, spare: Sipp) -> None:
        """Nobody listens there; then somebody does, and is killed, also while a call rings; then it takes no call."""
        await self.call("91", 2)
        self.assertEqual(invited(spare), 2)
        first = await self.at(ip, transport="tcp")
        await self.tells("Trunk refusing answers again", 1)
        await self.call("91", 2)
        self.assertEqual((invited(first), invited(spare)), (2, 2))
        await first.stop()
        await self.tells("Trunk refusing does not answer", 2)
        await self.call("91", 1)

        first = await self.at(ip, transport="tcp", ring=60.0)
        await self.tells("Trunk refusing answers again", 2)
        ringing = await self.caller("91", 1).start()
        await ringing.message(180)
        await first.stop()
        # The connection breaks, or OPTIONS are not answered: it rings elsewhere.
        result = await ringing.finished()
        self.assertEqual((result.successful, invited(spare)), (1, 4))

        first = await Sipp(
            self, "uas_code", ip=ip, transport="tcp", calls=None, ring=0.0, timeout=100.0,
            keys={"code": "503", "reason": "Service Unavailable"},
        ).start()  # fmt: skip
        await self.tells("Trunk refusing answers again", 3)
        await self.call("91", 3)
        self.assertEqual(invited(spare), 7)
        self.assertGreater(invited(first), 0)
        self.assertEqual(self.told("Trunk refusing takes no calls: 503 Service Unavailable"), 1)
        self.assertEqual(self.told("Trunk refusing takes calls again"), 0)

    async def says_nothing(self, first: Sipp, spare: Sipp) -> None:
        """It stands still with a call that talks and five that come; it wakes up, and the spare one stands still."""
        await self.call("01", 1)
        talks = await self.caller("01", 1, stay=3.0).start()
        await talks.message(200)
        self.assertEqual((invited(first), invited(spare)), (2, 0))
        first.process.send_signal(signal.SIGSTOP)
        await self.call("01", 5)
        self.assertEqual(invited(spare), 5)
        await self.call("01", 5)
        self.assertEqual(invited(spare), 10)
        await talks.finished()

        first.process.send_signal(signal.SIGCONT)
        await until(lambda: over(first) == 5, 20.0, what="its late answers are of no use", seen=first.report)
        self.assertEqual(invited(first), 7)
        spare.process.send_signal(signal.SIGSTOP)
        await self.call("01", 2)
        self.assertEqual(invited(first), 9)
        works = [line for line in (await self.server.page("metrics")).splitlines() if "trunk_works{" in line]
        self.assertEqual({line.rpartition(" ")[0].partition('"')[2][:-2] for line in works if line.endswith(" 0.0")},
                         {"refusing", "spare of silent"})
        self.assertEqual(len(works), 4)
        for words in (
            "Trunk silent takes no calls: nothing came to a call", "Trunk silent takes calls again",
            "Trunk spare of silent takes no calls: nothing came to a call",
        ):  # fmt: skip
            await self.tells(words, 1)
            self.assertEqual(self.told(words), 1, words)


def invited(switch: Sipp) -> int:
    """How many calls have come there."""
    return len({one.header("Call-ID") for one in switch.messages() if is_request(one.first_line, "INVITE")})


def over(switch: Sipp) -> int:
    """How many calls there have been cancelled, or hung up at once, since the first two."""
    ended = [one.header("Call-ID") for one in switch.messages() if is_request(one.first_line, "CANCEL", "BYE")]
    return len(set(ended)) - 2


def is_request(line: str, *methods: str) -> bool:
    return line.split(" ")[0] in methods and line.endswith("SIP/2.0")
