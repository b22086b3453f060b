"""What comes from the Manager Interface is cut into messages, wherever it is cut; anything else is one error."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.ami.framing import LONGEST_LINE, MOST_LINES, FramingError, Reader
from magroup.ami.message import Message, action

GREETING = b"Asterisk Call Manager/9.0.0\r\n"
TALK = (
    b"Response: Success\r\nActionID: m1\r\nMessage: Authentication accepted\r\n\r\n"
    b"Event: FullyBooted\r\nPrivilege: system,all\r\nStatus: Fully Booted\r\n\r\n"
    b"Event: Newstate\r\nChannel: PJSIP/1175-0000001a\r\nCallerIDName: Zo\xc3\xab: K\xc3\xbchn\r\nUniqueid: 1.2\r\n\r\n"
)


class FramingTests(SynchronousTestCase):
    def test_messages(self) -> None:
        reader = Reader()
        response, booted, state = reader.feed(GREETING + TALK)
        self.assertEqual(reader.greeting, "Asterisk Call Manager/9.0.0")
        self.assertEqual((response.response, response.action_id, response.is_success), ("Success", "m1", True))
        self.assertEqual((booted.event, booted.get("status")), ("FullyBooted", "Fully Booted"))
        self.assertEqual(state.get("CallerIDName"), "Zoë: Kühn")
        self.assertNotIn("Kühn", repr(state))

    @given(st.lists(st.integers(0, len(GREETING + TALK))))
    def test_cut_anywhere(self, cuts: list[int]) -> None:
        whole = GREETING + TALK
        reader = Reader()
        found: list[Message] = []
        places = [0, *sorted(cuts), len(whole)]
        for start, end in pairwise(places):
            found += reader.feed(whole[start:end])
        self.assertEqual([one.fields for one in found], [one.fields for one in Reader().feed(whole)])

    @given(st.binary(max_size=400))
    def test_any_bytes(self, data: bytes) -> None:
        """Messages or one error, never anything else."""
        for start in (b"", GREETING):
            try:
                Reader().feed(start + data)
            except FramingError as error:
                self.assertTrue(str(error))

    def test_limits(self) -> None:
        for data in (
            b"HTTP/1.1 400 Bad Request\r\n",
            b"A" * (LONGEST_LINE + 1),
            GREETING + b"Event: " + b"x" * (LONGEST_LINE + 1),
            GREETING + b"Event: " + b"x" * (LONGEST_LINE + 1) + b"\r\n",
            GREETING + b"Variable: a=b\r\n" * (MOST_LINES + 1),
        ):
            with self.assertRaises(FramingError):
                Reader().feed(data)

    def test_lines_without_a_name(self) -> None:
        (message,) = Reader().feed(GREETING + b"Response: Follows\r\nsome output\r\n--END COMMAND--\r\n\r\n\r\n\r\n")
        self.assertEqual(len(message.fields), 3)


class ActionTests(SynchronousTestCase):
    def test_action(self) -> None:
        sent = action("Hangup", "m7", [("Channel", "PJSIP/1175-0000001a"), ("Cause", "16")])
        self.assertEqual(sent, b"Action: Hangup\r\nActionID: m7\r\nChannel: PJSIP/1175-0000001a\r\nCause: 16\r\n\r\n")

    def test_nothing_else_can_be_said(self) -> None:
        for value in ("16\r\nAction: Command", "a\nb", "a\0b", "x" * 2000):
            with self.assertRaises(ValueError):
                action("Hangup", "m7", [("Channel", value)])
