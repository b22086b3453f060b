"""Overflow in the words of ``gr_overflow``, and short names."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.groups import Overflow, OverflowTo
from magroup.model.short_names import LONGEST, short_name

numbers = st.from_regex(r"(\+[0-9])?[0-9*#]{1,12}( [0-9]{1,6})?", fullmatch=True)
overflows = st.one_of(
    st.builds(Overflow, st.sampled_from((OverflowTo.NONE, OverflowTo.BUSY))),
    st.builds(Overflow, st.sampled_from((OverflowTo.NUMBER, OverflowTo.VOICEMAIL)), numbers),
    st.builds(Overflow, st.just(OverflowTo.GROUP), st.integers(0, 10**9).map(str)),
)


class OverflowTests(SynchronousTestCase):
    """``Overflow.parse`` and ``str``."""

    def test_table(self) -> None:
        for text, expected in {
            "": Overflow(),
            "-1": Overflow(),
            " -1 ": Overflow(),
            "-3": Overflow(OverflowTo.BUSY),
            "Busy": Overflow(OverflowTo.BUSY),
            "4321": Overflow(OverflowTo.NUMBER, "4321"),
            "+41 31 531": Overflow(OverflowTo.NUMBER, "+41 31 531"),
            "voicemail:1047": Overflow(OverflowTo.VOICEMAIL, "1047"),
            "VoiceMail: 1047 ": Overflow(OverflowTo.VOICEMAIL, "1047"),
            "group:007": Overflow(OverflowTo.GROUP, "7"),
        }.items():
            self.assertEqual(Overflow.parse(text), expected, text)

    def test_refused(self) -> None:
        for text in ("-2", "-3 3"):
            self.assertRaises(ValueError, Overflow.parse, text)
        for text in ("none", "voicemail", "voicemail:", "voicemail:a", "group:", "group:a", "group:-1", "group:\u0661"):
            self.assertRaises(ValueError, Overflow.parse, text)
        self.assertRaises(ValueError, Overflow.parse, f"group:{'9' * 5000}")

    @given(overflows)
    def test_there_and_back(self, overflow: Overflow) -> None:
        self.assertEqual(Overflow.parse(str(overflow)), overflow)

    @given(st.text(max_size=15))
    def test_any_text(self, text: str) -> None:
        """What is accepted stays what it is; all else is a ValueError."""
        try:
            overflow = Overflow.parse(text)
        except ValueError:
            return
        self.assertEqual(Overflow.parse(str(overflow)), overflow)


class ShortNameTests(SynchronousTestCase):
    """``short_name``."""

    def test_table(self) -> None:
        for first_name, user_name, taken, expected in (
            ("Tijana", "x", (), "Tij"),
            ("Léonard", "x", (), "Leo"),
            ("Jo", "x", (), "Jo"),
            ("San", "x", ("san",), "San2"),
            ("San", "x", ("san", "san2", "san3"), "San4"),
            ("", "anna.b", (), "ann"),
            ("-- ", "anna.b", (), "ann"),
            ("J.-P.", "x", (), "JP"),
            ("", "...", (), "M"),
            ("山田", "x", (), "山田"),
        ):
            self.assertEqual(short_name(first_name, user_name, taken), expected)

    @given(st.lists(st.text(max_size=6), max_size=30), st.text(max_size=6))
    def test_always_new_and_short(self, first_names: list[str], user_name: str) -> None:
        taken: set[str] = set()
        for first_name in first_names * 4:
            name = short_name(first_name, user_name, taken)
            self.assertTrue(1 <= len(name) <= LONGEST)
            self.assertNotIn(name.casefold(), taken)
            taken.add(name.casefold())
