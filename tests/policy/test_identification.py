"""Caller identification: a row for each sentence of the manual and of spec 1.3."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.policy import Identity, identify
from tests.policy.company import GROUP

BOB = Identity("+41 31 531 11 11", "Bob")

ROWS: list[tuple[str, str, str, Identity, Identity]] = [
    # source, name mask, number mask, caller, shown
    ("callerName: the caller's name", "%callerName%", "", BOB, Identity(BOB.number, "Bob")),
    ("callerNumber: the caller's number", "%callerNumber%", "", BOB, Identity(BOB.number, BOB.number)),
    ("managerNumber: the manager number", "%managerNumber%", "", BOB, Identity(BOB.number, "8973")),
    ("managerShortName", "%managerShortName%: %callerName%", "", BOB, Identity(BOB.number, "Tij: Bob")),
    ("number mask, keypad characters only", "x", "%callerNumber%", BOB, Identity("41315311111", "x")),
    ("number mask with * and #", "x", "*%managerNumber%#", BOB, Identity("*8973#", "x")),
    ("number mask drops what is no key", "x", "8973-%callerNumber%", BOB, Identity("897341315311111", "x")),
    ("name not set: the number serves", "", "%managerNumber%", BOB, Identity("8973", "8973")),
    ("neither set: as received", "", "", BOB, BOB),
    ("number not set: as received", "%managerShortName%", "", BOB, Identity(BOB.number, "Tij")),
    ("unknown ones stay", "%foo% %callerName%", "", BOB, Identity(BOB.number, "%foo% Bob")),
    ("case counts", "%CALLERNAME%", "", BOB, Identity(BOB.number, "%CALLERNAME%")),
    (
        "the manual's example: only what stands between two percent signs",
        "%managerShortName%**callerName%",
        "%managerNumber%**callerNumber%",
        BOB,
        Identity("8973**", "Tij**callerName%"),
    ),
    ("a single percent sign", "100% %callerName%", "", BOB, Identity(BOB.number, "100% Bob")),
    ("two percent signs", "50%%callerName%", "", BOB, Identity(BOB.number, "50%Bob")),
    (
        "nothing left of the name: the number",
        "%callerName%",
        "%managerNumber%",
        Identity("12"),
        Identity("8973", "8973"),
    ),
    (
        "nothing left of both: as received",
        "%callerName%",
        "%callerNumber%",
        Identity("anonymous"),
        Identity("anonymous"),
    ),
    (
        "a name is not looked at twice",
        "%callerName%",
        "",
        Identity("1", "%callerNumber%"),
        Identity("1", "%callerNumber%"),
    ),
    ("UTF-8", "%callerName%", "", Identity("1", "Léonard ☎"), Identity("1", "Léonard ☎")),
    ("no header injection", "%callerName%", "", Identity("1", 'A\r\nVia: "x"\0'), Identity("1", 'AVia: "x"')),
    ("no header injection, as received", "", "", Identity("1", "A\r\nB"), Identity("1", "AB")),
]


class IdentificationTests(SynchronousTestCase):
    def test_rows(self) -> None:
        for source, name, number, caller, shown in ROWS:
            group = replace(GROUP, caller_name=name, caller_number=number)
            self.assertEqual(identify(group, "Tij", caller), shown, source)

    @given(st.text(), st.text(), st.text(), st.text(max_size=8))
    def test_never_a_control_character_or_a_wrong_number(
        self, name_mask: str, number_mask: str, name: str, short_name: str
    ) -> None:
        group = replace(GROUP, caller_name=name_mask, caller_number=number_mask)
        shown = identify(group, short_name, Identity("0800", name))
        self.assertTrue(shown.name.isprintable())
        self.assertLessEqual(set(shown.number), set("0123456789*#"))
        self.assertNotEqual(shown.number, "")
