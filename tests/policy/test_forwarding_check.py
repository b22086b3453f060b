"""What may be set as a forwarding: a row for each rule of spec 2, and that no call goes round in circles then."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.configuration import Configuration
from magroup.model.forwarding import NO_FORWARDING, Forwarding
from magroup.model.languages import Language
from magroup.model.lines import Line
from magroup.model.snapshot import Snapshot
from magroup.policy import Refusal, Refused, check_forwarding, forwarded, instead_of_manager, refusal_in_words
from tests.policy.company import (
    ARA,
    LEO,
    LINES,
    NUMBER,
    OTHER_NUMBER,
    RAF,
    SALES,
    SAN,
    TIJ,
    TO_ASSISTANTS,
    TO_MOBILE,
    TO_VOICEMAIL,
    company,
    members,
    snapshot,
    to_member,
    to_number,
)
from tests.policy.worlds import application_forwardings, line_forwardings

COMPANY = company(other=SALES, other_team=members("San", "Leo", "Tij", manager="San", group_id=2, first_id=11))
OUT = to_number("4321")
LOOP = Refused.LOOP

Rows = list[tuple[str, dict[str, Forwarding], dict[int, Forwarding], str | int, Forwarding, Refused | None, str]]

ROWS: Rows = [
    # source, lines before, application before, who, forwarding, refused, detail
    ("none for a line", {}, {}, "Raf", NO_FORWARDING, None, ""),
    ("none for a manager", {}, {}, 1, NO_FORWARDING, None, ""),
    ("group: only with application forwarding", {}, {}, "Raf", TO_ASSISTANTS, Refused.NOT_FOR_LINES, ""),
    (
        "group: only with application forwarding, the manager's line",
        {},
        {},
        "Tij",
        TO_ASSISTANTS,
        Refused.NOT_FOR_LINES,
        "",
    ),
    ("group: for managers", {}, {}, 1, TO_ASSISTANTS, None, ""),
    ("application forwarding: managers only", {}, {}, 2, OUT, Refused.NOT_MANAGER, ""),
    ("application forwarding: to be switched off by everybody", {}, {2: OUT}, 2, NO_FORWARDING, None, ""),
    ("application forwarding: of the manager's own group", {}, {}, 13, OUT, Refused.NOT_MANAGER, ""),
    ("voicemail", {}, {}, "Raf", TO_VOICEMAIL, None, ""),
    ("voicemail: only when there is one", {}, {}, "Ara", TO_VOICEMAIL, Refused.NO_VOICEMAIL, ""),
    ("voicemail: application", {}, {}, 1, TO_VOICEMAIL, None, ""),
    ("voicemail: application, only when there is one", {}, {}, 11, TO_VOICEMAIL, Refused.NO_VOICEMAIL, ""),
    ("mobile", {}, {}, "Raf", TO_MOBILE, None, ""),
    ("mobile: only when there is one", {}, {}, "Ara", TO_MOBILE, Refused.NO_MOBILE, ""),
    ("mobile: application, only when there is one", {}, {}, 11, TO_MOBILE, Refused.NO_MOBILE, ""),
    ("number", {}, {}, "Raf", to_number("+41 31 333 44 55"), None, ""),
    ("number: letters", {}, {}, "Raf", to_number("secretary"), Refused.NO_NUMBER, "secretary"),
    ("number: nothing", {}, {}, 1, to_number(""), Refused.NO_NUMBER, ""),
    ("member", {}, {}, "Raf", to_member(3), None, ""),
    ("member: of another group", {}, {}, "Raf", to_member(12), None, ""),
    ("member: who is not there", {}, {}, "Raf", to_member(99), Refused.NO_MEMBER, ""),
    ("loop: a line to itself", {}, {}, "Raf", to_number("11 75"), LOOP, "1175 → 1175"),
    ("loop: oneself as member", {}, {}, "Raf", to_member(2), LOOP, "1175 → 1175"),
    ("loop: two lines", {"Ara": to_number(RAF)}, {}, "Raf", to_member(3), LOOP, "1175 → 1068 → 1175"),
    (
        "loop: three lines",
        {"Ara": to_number(LEO), "Leo": to_number(RAF)},
        {},
        "Raf",
        to_member(3),
        LOOP,
        "1175 → 1068 → 1118 → 1175",
    ),
    ("no loop: a chain", {"Ara": to_number(LEO), "Leo": OUT}, {}, "Raf", to_member(3), None, ""),
    ("no loop: two lines to one", {"Ara": to_number(LEO)}, {}, "Raf", to_number(LEO), None, ""),
    ("no loop: voicemail ends the way", {"Ara": to_number(RAF)}, {}, "Raf", TO_VOICEMAIL, None, ""),
    ("loop: there already, elsewhere", {"Ara": to_number(LEO), "Leo": to_number(ARA)}, {}, "Raf", OUT, None, ""),
    (
        "loop: into one that is there already",
        {"Ara": to_number(LEO), "Leo": to_number(ARA)},
        {},
        "Raf",
        to_number(ARA),
        LOOP,
        "1175 → 1068 → 1118 → 1068",
    ),
    ("loop: the manager's line to the own group", {}, {}, "Tij", to_number(NUMBER), LOOP, "1047 → 8973 → 1047"),
    (
        "no loop: an assistant's line to the own group, which rings the others",
        {},
        {},
        "Raf",
        to_number(NUMBER),
        None,
        "",
    ),
    (
        "loop: an assistant's line to the group whose manager is forwarded to it",
        {},
        {1: to_member(2)},
        "Raf",
        to_number(NUMBER),
        LOOP,
        "1175 → 8973 → 1175",
    ),
    ("loop: a manager to the own group", {}, {}, 1, to_number(NUMBER), LOOP, "8973 → 1047 → 8973"),
    ("loop: a manager to the own line", {}, {}, 1, to_number(TIJ), LOOP, "8973 → 1047 → 1047"),
    ("loop: a manager to oneself", {}, {}, 1, to_member(1), LOOP, "8973 → 1047 → 1047"),
    ("loop: a manager to oneself in another group", {}, {}, 1, to_member(13), LOOP, "8973 → 1047 → 1047"),
    (
        "loop: a manager to a line that leads back",
        {"Raf": to_member(1)},
        {},
        1,
        to_member(2),
        LOOP,
        "8973 → 1047 → 1175 → 1047",
    ),
    (
        "loop: a line to a manager who is forwarded to it",
        {},
        {1: to_member(2)},
        "Raf",
        to_member(1),
        LOOP,
        "8973 → 1047 → 1175 → 1047",
    ),
    ("no loop: a manager to another group", {}, {}, 1, to_number(OTHER_NUMBER), None, ""),
    (
        "loop: two managers to each other's group",
        {},
        {11: to_number(NUMBER)},
        1,
        to_number(OTHER_NUMBER),
        LOOP,
        "8973 → 1047 → 8974 → 8973",
    ),
    (
        "loop: two managers to each other",
        {"San": to_number(NUMBER)},
        {},
        1,
        to_member(11),
        LOOP,
        "8973 → 1047 → 1072 → 8973",
    ),
    (
        "no loop: managers to each other, as members: their lines ring",
        {},
        {11: to_member(1)},
        1,
        to_member(11),
        None,
        "",
    ),
    ("no loop: to a group without manager", {}, {}, "Raf", to_number("8975"), None, ""),
    (
        "no loop: to a group whose manager sends to the assistants",
        {},
        {1: TO_ASSISTANTS},
        "Raf",
        to_number(NUMBER),
        None,
        "",
    ),
    (
        "loop: the manager's line to the own group, though the assistants are to ring now",
        {},
        {1: TO_ASSISTANTS},
        "Tij",
        to_number(NUMBER),
        LOOP,
        "1047 → 8973 → 1047",
    ),
    ("no loop: to a manager with voicemail", {}, {1: TO_VOICEMAIL}, "Raf", to_number(NUMBER), None, ""),
    ("no loop: to a manager whose mobile is gone", {}, {11: TO_MOBILE}, "Raf", to_number(OTHER_NUMBER), None, ""),
]


def world(lines: dict[str, Forwarding], application: dict[int, Forwarding]) -> Snapshot:
    groups = (*COMPANY.groups, replace(SALES, id=3, name="Nobody", number="8975"))
    return snapshot(replace(COMPANY, groups=groups), forwards=lines, instead=application)


class CheckTests(SynchronousTestCase):
    def test_rows(self) -> None:
        for source, lines, application, who, forwarding, refused, detail in ROWS:
            before = world(lines, application)
            one = (
                before.configuration.member_by_id[who]
                if isinstance(who, int)
                else before.configuration.line(LINES[who])
            )
            assert one is not None
            expected = Refusal(refused, detail) if refused else None
            self.assertEqual(check_forwarding(before, one, forwarding), expected, source)

    def test_long_chains_are_no_loops(self) -> None:
        """They are followed so far and no further; a circle of any length is seen."""
        numbers = [str(2000 + at) for at in range(9)]
        configuration = Configuration(lines=tuple(Line(number) for number in numbers))
        chain = {number: to_number(str(int(number) + 1)) for number in numbers[:-1]}
        before = Snapshot(configuration, line_forwarding=chain)
        self.assertIsNone(check_forwarding(before, Line("2008"), OUT))
        refusal = check_forwarding(before, Line("2008"), to_number("2000"))
        self.assertEqual(refusal, Refusal(LOOP, " → ".join(["2008", *numbers])))

    def test_a_mailbox_with_a_line_s_number(self) -> None:
        """It is a mailbox, not the line."""
        users = tuple(replace(user, voicemail=user.lines[0]) for user in COMPANY.users)
        before = snapshot(replace(COMPANY, users=users))
        self.assertIsNone(check_forwarding(before, Line(RAF), TO_VOICEMAIL))
        self.assertIsNone(check_forwarding(before, before.configuration.member_by_id[1], TO_VOICEMAIL))

    def test_line_and_group_that_are_not_there(self) -> None:
        self.assertIsNone(check_forwarding(Snapshot(), Line("1"), OUT))
        (manager,) = members("Tij")
        bare = Snapshot(Configuration(members=(manager,), groups=COMPANY.groups))
        self.assertIsNone(check_forwarding(bare, manager, OUT))
        self.assertEqual(check_forwarding(bare, manager, TO_MOBILE), Refusal(Refused.NO_MOBILE))

    def test_in_words(self) -> None:
        refusal = Refusal(LOOP, "1175 → 1068 → 1175")
        self.assertEqual(refusal_in_words(refusal), "Calls would go round in a circle: 1175 → 1068 → 1175.")
        self.assertEqual(refusal_in_words(refusal, Language.GERMAN), "Anrufe gingen im Kreis: 1175 → 1068 → 1175.")

    def test_every_refusal_in_every_language(self) -> None:
        for language in Language:
            said = {refusal_in_words(Refusal(code, "1175"), language) for code in Refused}
            self.assertEqual(len(said), len(Refused))
            for sentence in said:
                self.assertTrue(sentence.endswith("."), sentence)
            self.assertIn("1175", refusal_in_words(Refusal(Refused.LOOP, "1175"), language))
            self.assertIn("a{b}", refusal_in_words(Refusal(Refused.NO_NUMBER, "a{b}"), language))


class CheckProperties(SynchronousTestCase):
    @given(
        st.lists(
            st.one_of(
                st.tuples(st.sampled_from(sorted(LINES)), line_forwardings),
                st.tuples(st.sampled_from([1, 11]), application_forwardings),
            ),
            max_size=12,
        )
    )
    @settings(max_examples=150, deadline=None)
    def test_what_is_let_through_makes_no_circle(self, wishes: list[tuple[str | int, Forwarding]]) -> None:
        """Set one after the other, as far as the check allows: no line's calls go round."""
        now = world({}, {})
        for who, forwarding in wishes:
            if isinstance(who, int):
                if not check_forwarding(now, now.configuration.member_by_id[who], forwarding):
                    application = {**now.application_forwarding, who: forwarding}
                    now = replace(now, application_forwarding=application)
            elif not check_forwarding(now, Line(LINES[who]), forwarding):
                now = replace(now, line_forwarding={**now.line_forwarding, LINES[who]: forwarding})
        for number in LINES.values():
            self.assertFalse(forwarded(now, number).is_loop)
        for line, own_group, manager_id in ((TIJ, NUMBER, 1), (SAN, OTHER_NUMBER, 11)):
            self.assertNotEqual(forwarded(now, line).number, own_group)
            if instead := instead_of_manager(now, now.configuration.member_by_id[manager_id]):
                self.assertFalse(instead.is_loop)
                self.assertNotEqual(instead.number, own_group)
