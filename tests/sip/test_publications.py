"""Publications by the rules of RFC 3903: entity tags, refreshing, modifying, removing, expiring."""

from typing import Any

from magroup.sip.errors import SipError
from magroup.sip.event import Limits
from magroup.sip.publications import Publications
from tests.sip.watching import WatchingTestCase


class Moods:
    """A package whose body is a word; ``log`` is what it was told."""

    name = "mood"
    content_type = "text/mood"
    expires = 600

    def __init__(self) -> None:
        self.log: list[tuple[str, ...]] = []
        self.keys: dict[str, str] = {}

    def read(self, body: bytes) -> Any:
        if body == b"bad":
            raise SipError(400, "No mood")
        return body.decode()

    def _short(self, key: str) -> str:
        return self.keys.setdefault(key, f"p{len(self.keys) + 1}")

    def published(self, line: str, key: str, state: Any) -> None:
        self.log.append((line, self._short(key), state))

    def withdrawn(self, line: str, key: str) -> None:
        self.log.append((line, self._short(key), "-"))


class Publishing(WatchingTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.moods = Moods()
        endpoint, clock = self.server.endpoint, self.network.clock
        self.publications = Publications(
            endpoint, clock.seconds, self.authorize, lambda number, line: number == line, Limits(publications=3)
        )  # fmt: skip
        self.publications.add(self.moods)
        endpoint.methods["PUBLISH"] = self.publications.request

    def tearDown(self) -> None:
        self.run_for(4000)
        self.assertEqual((len(self.publications), self.publications.describe()), (0, []))
        self.assertEqual(self.publications._of_line, {})
        super().tearDown()

    def publish(
        self, mood: str = "", tag: str = "", number: str = "1000", kind: str = "text/mood", more: str = "",
        event: str = "mood", expires: str = "600", caller: str = "1000", encoding: str = "",
    ) -> int:  # fmt: skip
        lines = [more] if more else []
        if tag:
            lines.append(f"SIP-If-Match: {tag}")
        if mood:
            lines += [f"Content-Type: {kind}", *([f"Content-Encoding: {encoding}"] if encoding else [])]
        self.number += 1
        text = "\r\n".join([
            f"PUBLISH sip:{number}@192.0.2.1 SIP/2.0", f"Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK{self.number}",
            "Max-Forwards: 70", f"From: <sip:{caller}@192.0.2.1>;tag=w", f"To: <sip:{number}@192.0.2.1>",
            f"Call-ID: p{self.number}", "CSeq: 1 PUBLISH", *([f"Event: {event}"] if event else []),
            *([f"Expires: {expires}"] if expires else []), *lines, f"Content-Length: {len(mood)}", "", mood,
        ])  # fmt: skip
        self.watcher.say(text.encode(), self.server)
        self.run_for()
        return self.watcher.statuses[-1]

    def etag(self) -> str:
        return str(self.watcher.answered.get("SIP-ETag"))

    def test_life(self) -> None:
        """Published, modified, refreshed, removed: a new tag each time, one publication."""
        tags = []
        for mood, expires in (("good", ""), ("better", "700"), ("", "800"), ("", "0")):
            self.assertEqual(self.publish(mood, tag=tags[-1] if tags else "", expires=expires), 200)
            self.assertEqual(self.watcher.answered.get("Expires"), expires or "600")
            tags.append(self.etag())
        self.assertEqual(len(set(tags)), 4)
        self.assertEqual(self.moods.log, [("1000", "p1", "good"), ("1000", "p1", "better"), ("1000", "p1", "-")])
        self.assertEqual(self.publish("good", tag=tags[-2]), 412)
        self.assertEqual(len(self.publications), 0)

    def test_expires(self) -> None:
        self.publish("good", expires="60")
        tag = self.etag()
        self.run_for(50)
        self.assertEqual(self.publish(tag=tag, expires="60"), 200)
        self.run_for(50)
        self.assertEqual(self.moods.log, [("1000", "p1", "good")])
        self.run_for(11)
        self.assertEqual(self.moods.log[1:], [("1000", "p1", "-")])
        self.assertEqual(self.publish(tag=tag), 412)

    def test_several(self) -> None:
        """The oldest of a line makes room."""
        for mood in ("one", "two", "three", "four"):
            self.assertEqual(self.publish(mood), 200)
        self.assertEqual(self.moods.log, [
            ("1000", "p1", "one"), ("1000", "p2", "two"), ("1000", "p3", "three"), ("1000", "p1", "-"),
            ("1000", "p4", "four"),
        ])  # fmt: skip
        self.assertEqual(self.publications.describe()[0].split()[:3], ["mood", "of", "1000"])

    def test_only_to_be_gone_at_once(self) -> None:
        self.assertEqual(self.publish("good", expires="0"), 200)
        self.assertEqual(self.moods.log, [])

    def test_refused(self) -> None:
        self.publish("good")
        tag = self.etag()
        for wrong, status in (
            ({"event": "noise"}, 489), ({"event": ""}, 489), ({"caller": "nobody"}, 401), ({"number": "1001"}, 403),
            ({"expires": "59"}, 423), ({"expires": "x"}, 400), ({"kind": "text/plain"}, 415), ({"mood": "bad"}, 400),
            ({"mood": "x" * 16385}, 413), ({"mood": ""}, 400), ({"tag": "no-such-tag"}, 412),
            ({"tag": f"{tag}, {tag}"}, 400), ({"tag": tag, "more": f"SIP-If-Match: {tag}"}, 400),
            ({"tag": tag, "caller": "1001", "number": "1001"}, 412), ({"encoding": "gzip"}, 415),
        ):  # fmt: skip
            self.assertEqual(self.publish(**{"mood": "good", **wrong}), status, wrong)
        self.assertEqual(self.moods.log, [("1000", "p1", "good")])
        self.assertEqual(self.publish(tag=tag), 200)

    def test_flood(self) -> None:
        statuses = [self.publish("good", tag=self.etag() if at else "") for at in range(80)]
        self.assertEqual((statuses.count(200), statuses[-1]), (62, 503))
        self.assertEqual(len(self.publications), 1)

    def test_line_is_gone(self) -> None:
        self.publish("good")
        self.publish("good", number="1001", caller="1001")
        self.publications.forget_line("1000")
        self.assertEqual(self.moods.log[2:], [("1000", "p1", "-")])
