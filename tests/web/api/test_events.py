"""Server-sent events over a real socket to the real curl: what comes, to whom, from where on, and how it ends."""

import contextlib
import socket
from dataclasses import replace
from itertools import count
from typing import Any

from magroup.groups import board as board_module
from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.model.presence import Presence
from magroup.model.settings import ApiSettings
from magroup.web.admission.cookie import SessionCookie
from magroup.web.api import event_streams
from tests.peers.waiting import next_look, until
from tests.web.api.curl_stream import CurlStream
from tests.web.api.server import ADMIN, ASSISTANT, ApiCase, header
from tests.web.rest.server import INSTANCE

STRANGER = "Maria.Santos"


class EventsCase(ApiCase):
    """Each stream is over with its test."""

    async def stream(self, query: str = "", bearer: str = "", **headers: str) -> CurlStream:
        """An open stream."""
        given = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if "Cookie" not in headers:
            given.append(f"Authorization: Bearer {bearer or self.bearer}")
        return await CurlStream(self, f"http://{self.host}/api/v1/events{query}", *given).begun()

    def sets(self, name: str, presence: Presence = Presence.BUSY, by: str = "") -> None:
        self.presence.set(name, presence, "", by or name)


class EventTests(EventsCase):
    """What there is to be heard."""

    async def test_everything(self) -> None:
        """Presence, forwarding, a call with its line, the configuration, the settings: in the order they happened."""
        stream = await self.stream()
        self.assertIn("HTTP/1.1 200", stream.head)
        self.assertIn("Content-Type: text/event-stream", stream.head)
        self.assertTrue(stream.blocks[0].startswith("retry: "))
        self.presence.set(ASSISTANT, Presence.AWAY, "lunch\u2028<b>", ASSISTANT)
        self.forwarding.set_line("1175", Forwarding(ForwardTo.NUMBER, "0791234567"), ADMIN)
        self.forwarding.set_application(72, Forwarding(ForwardTo.GROUP), ADMIN)
        call = self.switch.arrive("0315311111", "1201", "Bob")
        self.switch.device_answers(call, "1201")
        self.switch.device_holds(call, "1201")
        self.switch.caller_hangs_up(call)
        self.switch.set_in_service("1201", False)
        self.board.settings_changed(["calls.max_calls"], ADMIN)
        await self.done("PATCH", "/groups/45", {"manager_timeout": 5})
        await self.done("POST", "/contacts", {"number": "0315311112"}, code=201)
        await self.done("DELETE", "/contacts/1", code=204)
        events = await until(
            lambda: stream.events if stream.events and stream.events[-1].data.get("change") == "deleted" else None, 20.0
        )  # fmt: skip
        calls = [event for event in events if event.type == "call"]
        self.assertEqual([event.data["event"] for event in calls][:3], ["originated", "delivered", "established"])
        self.assertEqual((calls[-1].data["event"], calls[-1].data["ended"]), ("callCleared", True))
        self.assertEqual(calls[1].data["call"]["calling"], {"number": "0315311111", "name": "Bob", "external": True})
        self.assertEqual([event.data["state"] for event in events if event.type == "line"],
                         ["ringing", "busy", "held", "idle", "out_of_service"])  # fmt: skip
        told = [(event.type, event.data) for event in events if event.type not in ("call", "line")]
        self.assertEqual([kind for kind, _ in told],
                         ["presence", "forwarding", "forwarding", "settings", *["configuration"] * 3])  # fmt: skip
        self.assertEqual(told[0][1], await self.done("GET", f"/presence/{ASSISTANT}"))
        self.assertEqual(told[1][1], await self.done("GET", "/forwarding/lines/1175"))
        self.assertEqual(told[2][1], await self.done("GET", "/forwarding/members/72"))
        self.assertEqual(told[3][1], {"names": ["calls.max_calls"], "changed_by": ADMIN})
        self.assertEqual(told[4][1], {"kind": "groups", "key": "45", "group_id": 45, "change": "changed",
                                      "changed_by": ADMIN})  # fmt: skip
        self.assertEqual([data["change"] for _, data in told[5:]], ["created", "deleted"])
        ids = [int(event.id.partition("-")[2]) for event in events]
        self.assertEqual(ids, sorted(set(ids)))
        self.assertEqual(len(self.board), 0)

    async def test_digits(self) -> None:
        """What callers dial, such as a PIN, is told to nobody."""
        stream = await self.stream("?types=call")
        call = self.switch.arrive("0315311111", "5544")
        self.switch.dials(call, "4711")
        self.switch.caller_hangs_up(call)
        await until(lambda: stream.events and stream.events[-1].data["ended"], 20.0)
        self.assertNotIn("4711", stream.text)

    async def test_types(self) -> None:
        """Only what is asked for; what is no type is refused."""
        stream = await self.stream("?types=forwarding,presence")
        call = self.switch.arrive("0315311111", "1201")
        self.switch.caller_hangs_up(call)
        self.sets(ASSISTANT)
        self.forwarding.set_line("1175", Forwarding(ForwardTo.NUMBER, "079"), ADMIN)
        self.assertEqual([event.type for event in await stream.has(2)], ["presence", "forwarding"])
        for query in ("?types=x", "?types=presence,", "?types=presence%20", "?types=,", "?after=zz",
                      "?types=" + "presence," * 30 + "line", "?since=5", "?after=1-1&after=1-2"):  # fmt: skip
            await self.refused(400, "GET", f"/events{query}")

    async def test_head(self) -> None:
        """Answered at once, with nothing left open."""
        reply = await self.send("HEAD", "/events")
        self.assertEqual((reply.code, reply.content_type), (200, "text/event-stream"))
        self.assertEqual(len(self.streams), 0)

    async def test_viewers(self) -> None:
        """An assistant hears of colleagues and the own group, no calls and nothing of others; rights may change."""
        mine = await self.token(ASSISTANT, ["events:read"])
        stream = await self.stream(bearer=mine)
        self.sets(STRANGER)
        self.forwarding.set_line("1201", Forwarding(ForwardTo.NUMBER, "079"), ADMIN)
        self.forwarding.set_application(27, Forwarding(ForwardTo.GROUP), ADMIN)
        for number in ("1201", "1068"):
            self.switch.caller_hangs_up(self.switch.arrive("0315311111", number))
        self.board.settings_changed(["calls.max_calls"], ADMIN)
        await self.done("PATCH", "/groups/26", {"manager_timeout": 5})
        await self.done("PATCH", "/users/3", {"stars": 5})
        await self.done("PATCH", "/groups/45", {"manager_timeout": 5})
        found = [(event.type, event.data.get("state") or event.data.get("key")) for event in await stream.has(3)]
        self.assertEqual(found, [("line", "ringing"), ("line", "idle"), ("configuration", "45")])
        await self.refused(403, "GET", "/events?types=line,call", bearer=mine)
        await self.done("PATCH", "/users/2", {"privileges": ["Admin"]})
        self.sets(STRANGER, Presence.AWAY)
        self.switch.caller_hangs_up(self.switch.arrive("0315311111", "1201"))
        events = await until(lambda: stream.events if stream.events[-1].data.get("ended") else None, 20.0)
        self.assertEqual([event.type for event in events[4:6]], ["presence", "call"])
        await self.done("PATCH", "/users/2", {"privileges": []})
        await self.done("DELETE", "/groups/45/members/198", code=204)
        events = await until(
            lambda: stream.events if stream.events[-1].data.get("kind") == "members" else None, 20.0
        )  # fmt: skip
        self.assertEqual(events[-1].data["change"], "deleted")
        count = len(events)
        self.sets("Aradhana.Jaggi")
        self.sets(ASSISTANT)
        self.assertEqual((await stream.has(count + 1))[count].data["user_name"], ASSISTANT)

    async def test_scope(self) -> None:
        await self.refused(403, "GET", "/events", bearer=await self.token(ADMIN, ["presence:read", "calls:write"]))
        await self.refused(405, "POST", "/events")


class ResumeTests(EventsCase):
    """Clients that come again."""

    async def test_resume(self) -> None:
        """By the header as browsers do, or the query: exactly what was missed, then what comes."""
        first = await self.stream()
        self.sets(ASSISTANT)
        (known,) = await first.has(1)
        await first.close()
        await until(lambda: not len(self.streams), 20.0, what="no stream")
        self.sets(ASSISTANT, Presence.AWAY)
        self.sets(ASSISTANT, Presence.DND)
        for again in (await self.stream(Last_Event_ID=known.id), await self.stream(f"?after={known.id}"),
                      await self.stream("?after=1-1", Last_Event_ID=known.id)):  # fmt: skip
            self.assertEqual([event.data["value"] for event in await again.has(2)], ["away", "dnd"])
        self.sets(ASSISTANT)
        self.assertEqual([event.data["value"] for event in await again.has(3)], ["away", "dnd", "busy"])

    async def test_too_old(self) -> None:
        """Another life of the server, an id that is to come, one that is kept no more, rubbish: a reset, then news."""
        life = self.board.life
        leave = self.board.follow()
        self.addCleanup(lambda: leave())
        self.patch(event_streams, "MOST_READ", 3)
        for n in range(10):
            self.sets(ASSISTANT, Presence((n + 1) % 2))
        for header_value in ("abc-1", f"{life}-99", f"{life}-", f"{life}--1", "x", f"{life}-{'9' * 30}", f"{life}-²"):
            stream = await CurlStream(
                self, f"http://{self.host}/api/v1/events", f"Authorization: Bearer {self.bearer}",
                f"Last-Event-ID: {header_value}",
            ).begun()  # fmt: skip
            (event,) = await stream.has(1)
            self.assertEqual((event.type, event.data, event.id), ("reset", {"reason": "too_old"}, f"{life}-10"))
            await stream.close()
        whole = await self.stream(f"?after={life}-0")
        self.assertEqual(len(await whole.has(10)), 10)
        self.board.forget()
        events = await whole.has(11)
        self.assertEqual((events[10].type, events[10].id), ("reset", f"{life}-11"))
        self.sets(ASSISTANT, Presence.DND)
        self.assertEqual((await whole.has(12))[11].data["value"], "dnd")

    async def test_much_at_once(self) -> None:
        """A change of very much is one word: read everything anew."""
        self.patch(board_module, "MOST_AT_ONCE", 3)
        stream = await self.stream()
        users = tuple(replace(user, stars=5) for user in self.current.value.users)
        self.current.replace(self.current.value.changed(users=users))
        (event,) = await stream.has(1)
        self.assertEqual(event.type, "reset")


class EndTests(EventsCase):
    """How streams end, and how many there may be."""

    def setUp(self) -> Any:
        self.patch(event_streams, "CHECK", 0.2)
        self.patch(event_streams, "HEARTBEAT", 0.3)
        return super().setUp()

    async def test_heartbeat(self) -> None:
        """A comment, with the id of where the stream is: what concerns others lets nobody fall behind."""
        mine = await self.token(ASSISTANT, ["events:read"])
        stream = await self.stream(bearer=mine)
        self.sets(STRANGER)
        await until(lambda: stream.last_id == f"{self.board.life}-1", 20.0, seen=lambda: stream.text)
        self.assertEqual((stream.events, stream.blocks[-1].splitlines()[0]), ([], ":"))

    async def test_token(self) -> None:
        """Revoked: the stream ends, nothing more is sent."""
        mine = await self.token(ASSISTANT, ["events:read"])
        stream = await self.stream(bearer=mine)
        (token,) = self.web_admission.tokens.of_user(ASSISTANT.casefold())
        await self.web_admission.tokens.revoke([token.id], ASSISTANT.casefold(), ADMIN, "here")
        await stream.over()
        self.assertEqual(len(self.streams), 0)

    async def test_user(self) -> None:
        """Deleted."""
        stream = await self.stream(bearer=await self.token("Gabriela.Kronberger"))
        await self.done("DELETE", "/groups/26/members/27", code=204)
        await self.done("DELETE", "/users/9", code=204)
        await stream.over()

    async def test_session(self) -> None:
        """A browser's stream ends with its session, which it does not keep alive."""
        user = self.current.value.user(ASSISTANT)
        assert user is not None
        id = self.web_admission.sessions.begin(user, "127.0.0.1")
        name = SessionCookie(INSTANCE).name(secure=False)
        stream = await self.stream(Cookie=f"{name}={id}")
        self.sets(ASSISTANT)
        await stream.has(1)
        self.web_admission.sessions.end(id)
        await stream.over()

    async def test_limits(self) -> None:
        """Of all, and of one user; whoever leaves makes room."""
        self.api_settings = ApiSettings(event_streams=3, event_streams_per_user=2)
        mine = await self.token(ASSISTANT)
        first = await self.stream(bearer=mine)
        await self.stream(bearer=mine)
        reply = await self.refused(429, "GET", "/events", bearer=mine)
        self.assertEqual(header(reply, "Retry-After"), "10")
        await self.stream()
        await self.refused(429, "GET", "/events")
        await first.close()
        await until(lambda: len(self.streams) == 2, 20.0, what="one less")
        await self.stream(bearer=mine)

    async def test_slow_reader(self) -> None:
        """One who does not read is told so and left; the others hear everything meanwhile."""
        self.patch(event_streams, "MOST_BEHIND", 50)
        slow = socket.create_connection(("127.0.0.1", self.port.getHost().port))
        self.addCleanup(slow.close)
        slow.sendall(
            b"GET /api/v1/events HTTP/1.1\r\nHost: %b\r\nAuthorization: Bearer %b\r\n\r\n"
            % (self.host.encode(), self.bearer.encode())
        )
        await until(lambda: len(self.streams) == 1, 20.0)
        quick = await self.stream()
        sent = count(1)

        def quick_has_all() -> bool:
            return quick.text.count("event: presence") == self.board.number

        while len(self.streams) == 2 and self.board.number < 20_000:
            for _ in range(100):
                self.presence.set(ASSISTANT, Presence.AWAY, f"{next(sent):240}".replace(" ", "\U0001f31e"), ASSISTANT)
            await until(quick_has_all, 20.0, what="all events")
        self.assertEqual(len(self.streams), 1)
        slow.setblocking(False)
        received = bytearray()

        def told() -> bool:
            with contextlib.suppress(BlockingIOError):
                while data := slow.recv(1 << 20):
                    received.extend(data)
            return b"too_slow" in received

        await until(told, 20.0, what="too_slow", seen=lambda: f"{len(received)} octets")

    async def test_closed_socket(self) -> None:
        """A client that is suddenly gone leaves nothing, while there is news."""
        stream = await self.stream()
        self.sets(ASSISTANT)
        await stream.has(1)
        stream._process.signalProcess("KILL")
        for n in range(20):
            self.sets(ASSISTANT, Presence(n % 2))
            await next_look()
        await until(lambda: not len(self.streams), 20.0)

    async def test_shutdown(self) -> None:
        """All streams end, and there are no new ones."""
        streams = [await self.stream() for _ in range(3)]
        self.streams.stop()
        for stream in streams:
            await stream.over()
        self.assertEqual(len(self.streams), 0)
        await self.refused(429, "GET", "/events")
