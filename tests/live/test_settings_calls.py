"""Settings changed by the book while phones call each other: the next call has them, those that are up do not."""

from tests.live.case import GREETING, LiveCase
from tests.live.phones import Caller, Desk, desks, finished
from tests.live.raw_caller import RawCaller
from tests.live.raw_phone import RawPhone
from tests.live.requests import OFFER
from tests.live.server import Live, company
from tests.live.serving import trunk
from tests.peers import RawUdp, address
from tests.peers.waiting import reactor

GREETED = f'welcome = "{GREETING}"\nmanager_timeout = 30\n'


async def change(server: Live, **values: object) -> None:
    """Through the book; __ stands for the dot."""
    await server.assembly.settings_book.change(
        {name.replace("__", "."): value for name, value in values.items()}, "Ann", "192.0.2.1"
    )  # fmt: skip


class NextCall(LiveCase):
    """Each test changes settings while a call is up, and calls again."""

    async def test_early_media(self) -> None:
        """Answered at once before, not before the manager answers then; the first call goes on as it began."""
        server = await self.serve(company(GREETED))
        (manager,) = await desks(Desk(server, "1047", "uas", ring=1.0, calls=2))
        first = await Caller(server, "uac", stay=3.0).call()
        await first.heard(200)
        await change(server, calls__early_media=True)
        result = await first.finished()
        self.assertEqual([s for s in result.statuses if s not in (100, 407)], [200, 200])
        second = await Caller(server, "uac", stay=0.3).call()
        self.assertEqual([s for s in (await second.finished()).statuses if s not in (100, 407)], [183, 200, 200])
        await finished(manager)
        await server.quiet()

    async def test_as_many_calls_as_allowed(self) -> None:
        """The one that is up stays, the next one is refused, and served when more are allowed again."""
        server = await self.serve(company(others=("1201", "1202")))
        (called,) = await desks(Desk(server, "1202", "uas", calls=2))
        up = await Caller(server, "uac", service="1202", stay=3.0).call()
        await up.heard(200)
        await change(server, calls__max_calls=1)
        refused = await Caller(server, "uac_refused", service="1202", caller="1047").call()
        await refused.heard(503)
        await refused.finished()
        await change(server, calls__max_calls=2)
        await (await Caller(server, "uac", service="1202", caller="1047", stay=0.2).call()).finished()
        await up.finished()
        await finished(called)
        await server.quiet()

    async def test_ringing_time(self) -> None:
        """The phone that rings does so for as long as it was to, one second; the next one for five."""
        server = await self.serve(company(others=("1201", "1202")), calls={"ring_timeout": 1})
        lasted = []
        for _ in range(2):
            (called,) = await desks(Desk(server, "1202", "uas_ring"))
            caller = await Caller(server, "uac_refused", service="1202").call()
            await called.invited()
            await change(server, calls__ring_timeout=5)
            began = reactor.seconds()
            await caller.heard(408, 30.0)
            lasted.append(reactor.seconds() - began)
            await caller.finished()
            await finished(called)
            await called.unregister()
        self.assertLess(lasted[0], 4.0)
        self.assertGreater(lasted[1], 4.0)
        await server.quiet()

    async def test_how_numbers_are_written(self) -> None:
        """Line and group are reached by their international numbers from then on, under which nobody knew them."""
        peer = RawUdp(self, str(address(self)))
        text = company('overflow = "busy"\n', others=("0315552000",), more=trunk(peer.ip))
        server = await self.serve(text.replace('"8973"', '"0315558973"'))
        peer.open()
        numbers = ("+41315552000", "+41315558973")
        for country, statuses in (("", [404, 404]), ("41", [480, 486]), (None, [404, 404])):
            await change(server, numbers__country_code=country)
            found = [(await RawCaller(peer, server, number).call()).status for number in numbers]
            self.assertEqual(found, statuses, country)
        await server.quiet()

    async def test_session_timer(self) -> None:
        """What phones are asked for in the next call."""
        peer = RawUdp(self, str(address(self)))
        server = await self.serve(company(others=("1201",), more=trunk(peer.ip)))
        peer.open()
        phone = await RawPhone(server, "1201").start()
        for seconds in (1800, 900, 0):
            await change(server, sip__session_expires=seconds)
            caller = RawCaller(peer, server, "1201", body=OFFER)
            caller.ring()
            self.assertEqual((await phone.invited()).get("Session-Expires"), str(seconds) if seconds else "")
        await server.quiet()
