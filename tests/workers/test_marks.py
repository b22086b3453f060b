"""Whose a message is, in each form that the grammar allows; and bytes that are none."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.workers import marks
from tests.workers.messages import request, response

HEAD = "BYE sip:1047@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK7\r\n"
TAIL = "CSeq: 2 BYE\r\n\r\n"

pieces = st.lists(st.sampled_from([
    b"SIP/2.0 ", b"\r\n", b"\n", b" ", b"\t", b":", b";", b",", b"<", b">", b'"', b"To", b"t", b"From", b"f", b"i",
    b"Call-ID", b"Replaces", b"tag=", b"TAG = ", b"w2.", b"w1.x", b"w99.", b"branch=z9hG4bK", b"sip:", b"1@", b"\xff",
])).map(b"".join)  # fmt: skip
names = st.lists(st.sampled_from(["tag=w1.x", ";", "<", ">", "tag", "=", "w3.y", "To: ", "@", ","])).map("".join)
junk = st.one_of(st.binary(max_size=200), pieces)


class Tags(SynchronousTestCase):
    def test_forms(self) -> None:
        """The tag in To that a worker has made."""
        for line, tag, number in (
            ("To: <sip:1@h>;tag=w2.ab12", b"w2.ab12", 2),
            ("To: sip:1@h;tag=w2.ab12", b"w2.ab12", 2),
            ('To: "A, B" <sip:1@h;user=phone>;x=y;tag=w12.ab;z', b"w12.ab", 12),
            ("t: <sip:1@h>;tag=w2.ab", b"w2.ab", 2),
            ("T:<sip:1@h>;TAG=w2.ab", b"w2.ab", 2),
            ("TO : <sip:1@h> ; Tag = w2.ab ;x", b"w2.ab", 2),
            ("to:\r\n <sip:1@h>\r\n\t;tag=w3.ab", b"w3.ab", 3),
            ("To: <sip:1@h>\r\n ;tag=w3.ab", b"w3.ab", 3),
            ("To: \r\n <sip:1@h>;tag=w3.ab", b"w3.ab", 3),
            ("To: <sip:1@h>", b"", 0),
            ("To: <sip:1@h>;tag=ab", b"", 0),
            ("To: <sip:1@h>;tag=xw2.ab", b"", 0),
            ("To: <sip:1@h>;tag=w2ab", b"", 0),
            ("To: <sip:1@h>;tag=w.ab", b"", 0),
            ("To: <sip:1@h>;tag=w123.ab", b"", 0),
            ("To: <sip:1@h>;tag=W2.ab", b"", 0),
            ("To: <sip:1@h>;xtag=w2.ab", b"", 0),
            ("To: <sip:tag=w2.ab@h>", b"", 0),
            ("To: <sip:1@h;tag=w2.ab>", b"", 0),
            ("To: <sip:1@h;tag=w1.ab>;tag=w2.ab", b"w2.ab", 2),
            ('To: ";tag=w1.ab" <sip:1@h>;tag=w2.ab', b"w2.ab", 2),
            ('To: "tag=w1.ab" <sip:1@h>', b"", 0),
        ):  # fmt: skip
            for end in ("\r\n", "\n"):
                data = f"{HEAD}From: <sip:2@h>;tag=w7.f\r\n{line}\r\nCall-ID: x\r\n{TAIL}".replace("\r\n", end)
                self.assertEqual(marks.to_tag(data.encode()), (tag, number), data)

    def test_others(self) -> None:
        """Headers and bodies that look like it."""
        for line in ("X-To: <sip:1@h>;tag=w2.ab", "Refer-To: <sip:1@h>;tag=w2.ab", "Subject: To: <sip:1@h>;tag=w2.ab",
                     "Subject: x\r\n To: <sip:1@h>;tag=w2.ab"):  # fmt: skip
            self.assertEqual(marks.to_tag(f"{HEAD}{line}\r\n{TAIL}".encode()), (b"", 0), line)
        body = "SIP/2.0 200 OK\r\nTo: <sip:1@h>;tag=w4.body\r\nCall-ID: body\r\n"
        for name in ("t", "TO"):
            data = f"{HEAD}{name}: <sip:1@h>;tag=w2.ab\r\ni: x\r\n{TAIL}{body}".encode()
            self.assertEqual((marks.to_tag(data), marks.call_id(data)), ((b"w2.ab", 2), b"x"))
        self.assertEqual(marks.to_tag(f"{HEAD}{TAIL}{body}".encode()), (b"", 0))

    def test_replaced(self) -> None:
        for value, tag, number in (
            ("x%40h;to-tag=w2.a;from-tag=b", b"w2.a", 2), ("x;from-tag=b;to-tag=w2.a", b"w2.a", 2),
            ("x;from-tag=w3.b;to-tag=a", b"w3.b", 3), ("x;to-tag=a;from-tag=b", b"", 0), ("w2.x;to-tag=1", b"", 0),
        ):  # fmt: skip
            for form in (f"Replaces: {value}", f"REPLACES:\r\n {value}"):
                self.assertEqual(marks.replaced_tag(request(more=f"{form}\r\n")), (tag, number), form)
        self.assertEqual(marks.replaced_tag(request(tag="w2.a")), (b"", 0))


class CallIds(SynchronousTestCase):
    def test_forms(self) -> None:
        for line in ("Call-ID: x@h", "Call-ID:x@h", "CALL-ID : x@h", "i: x@h", "I:\tx@h ", "Call-ID: \r\n x@h",
                     "call-id:\r\n\tx@h"):  # fmt: skip
            for end in ("\r\n", "\n"):
                data = f"{HEAD}{line}\r\n{TAIL}".replace("\r\n", end).encode()
                self.assertEqual(marks.call_id(data), b"x@h", data)
        self.assertEqual(marks.call_id(f"{HEAD}{TAIL}".encode()), b"")
        self.assertEqual(marks.call_id(f"{HEAD}X-Call-ID: x\r\n{TAIL}".encode()), b"")

    def test_home(self) -> None:
        """Each worker gets its part; when one is gone, only its own ones move."""
        ids = [f"{number}-4711@192.0.2.5".encode() for number in range(3000)]
        before = [marks.home(id, (1, 2, 3), 3) for id in ids]
        for number in (1, 2, 3):
            self.assertTrue(850 < before.count(number) < 1150, before.count(number))
        after = [marks.home(id, (3, 1), 3) for id in ids]
        self.assertTrue(all(old == new for old, new in zip(before, after, strict=True) if old != 2))
        self.assertTrue(400 < sum(new == 1 for old, new in zip(before, after, strict=True) if old == 2) < 600)
        self.assertEqual(marks.home(b"x", (), 3), 0)


class Others(SynchronousTestCase):
    def test_responses(self) -> None:
        for branch, number in (
            ("z9hG4bKw2.ab", 2), ("Z9HG4BKw2.n7-ab", 2), ("z9hG4bKw16.ab", 16), ("z9hG4bKab", 0), ("z9hG4bKw2ab", 0),
            ("z9hG4bKxw2.ab", 0), ("w2.ab", 0),
        ):  # fmt: skip
            self.assertEqual(marks.of_response(response(branch)), number, branch)
        compact = response("z9hG4bKw2.ab").replace(b"Via: ", b"v:").replace(b"branch=", b"BRANCH = ")
        self.assertEqual(marks.of_response(compact), 2)

    def test_the_topmost_via(self) -> None:
        """The one below is of who has sent it to the one above."""
        below = response("z9hG4bKw2.n0-ab").replace(b"From:", b"Via: SIP/2.0/UDP h;branch=z9hG4bKw1.x\r\nFrom:")
        self.assertEqual(marks.of_response(below), 2)

    def test_callers(self) -> None:
        for line, caller in (
            ("From: <sip:1201@h>;tag=x", "1201"), ('f: "A B" <sips:1201@h:5061>', "1201"), ("FROM:sip:1201@h", "1201"),
            ("From: <sip:h>;tag=x", ""), ("From: <tel:1201>", ""), ("X-From: <sip:1201@h>", ""),
            ("From: <sip:\u00e4@h>", "\u00e4"),
        ):  # fmt: skip
            self.assertEqual(marks.caller(f"{HEAD}{line}\r\n{TAIL}".encode()), caller, line)

    @given(junk)
    def test_anything(self, data: bytes) -> None:
        """Never an exception; a tag and its worker belong together."""
        marks.of_response(data)
        marks.caller(data)
        self.assertIn(marks.home(marks.call_id(data), (1, 2), 2), (1, 2))
        for tag, number in (marks.to_tag(data), marks.replaced_tag(data)):
            self.assertEqual(bool(tag), bool(number) or tag.startswith((b"w0", b"w00")))
            self.assertTrue(not tag or tag.partition(b".")[0].lstrip(b"w").lstrip(b"0") == str(number or "").encode())

    @given(st.sampled_from(["To", "t", "TO"]), names, st.integers(1, 16))
    def test_never_a_wrong_one(self, name: str, text: str, number: int) -> None:
        """Whatever stands in the name and in the address."""
        tag = f"{marks.mark(number)}ab"
        inside = text.replace("<", "").replace(">", "")
        data = f'{HEAD}{name}: "{text}" <sip:{inside}@h>;x=y;tag={tag}\r\nCall-ID: x\r\n{TAIL}'.encode()
        self.assertEqual(marks.to_tag(data), (tag.encode(), number))
