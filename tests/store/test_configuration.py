"""The configuration in the tables: what goes in comes out."""

from dataclasses import replace

from hypothesis import given, settings
from sqlalchemy import select
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.configuration import Configuration
from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.model.groups import Group, Member
from magroup.model.lines import Line, Registration, Trunk
from magroup.model.numbers import NumberPlan
from magroup.model.people import User
from magroup.model.presence import Presence, PresenceState
from magroup.store import RefusedError, load, load_state, ordered, replace_all
from magroup.store import tables as t
from magroup.store.state import (
    application_forwarding_change,
    line_forwarding_change,
    presence_change,
    registration_change,
    write_state,
)
from tests.store.companies import configurations
from tests.store.databases import new_database

PLAN = NumberPlan(country_code="41")

SMALL = Configuration(
    users=(User(1, "Ann", lines=("10",)), User(2, "Ben", lines=("11", "10"))),
    lines=(Line("10", displayed_group=3), Line("11")),
    groups=(Group(3, "Board", number="+41 31 531 11 11"),),
    members=(Member(7, 3, "Ann", "10", "Ann", True, 1), Member(8, 3, "ben", "11", "Ben", False, 2)),
)


class LoadAndReplaceTests(SynchronousTestCase):
    """``replace_all`` and ``load``."""

    def setUp(self) -> None:
        self.database = new_database(self)

    def test_empty(self) -> None:
        self.assertEqual(self.database.do(load, PLAN), Configuration(plan=PLAN))

    @settings(max_examples=30)
    @given(configurations())
    def test_round_trip(self, configuration: Configuration) -> None:
        returned = self.database.do(replace_all, configuration)
        loaded = self.database.do(load, configuration.plan)
        self.assertEqual(loaded, returned)
        self.assertEqual(replace(loaded, version=0), ordered(configuration))

    def test_version_counts_changes(self) -> None:
        self.assertEqual(self.database.do(replace_all, SMALL).version, 1)
        self.assertEqual(self.database.do(replace_all, SMALL).version, 2)
        self.assertEqual(self.database.do(load, PLAN).version, 2)

    def test_member_has_the_users_spelling(self) -> None:
        self.database.do(replace_all, SMALL)
        self.assertEqual([m.user_name for m in self.database.do(load, PLAN).members], ["Ann", "Ben"])

    def test_refused_as_a_whole(self) -> None:
        self.database.do(replace_all, SMALL)
        wrong = {
            "a number used by a line and a group": replace(SMALL, groups=(Group(3, "Board", number="1-0"),)),
            "two spellings of a line": replace(SMALL, lines=(*SMALL.lines, Line("1 0"))),
            "a user name twice": replace(SMALL, users=(*SMALL.users, User(5, "ANN"))),
            "a group name twice": replace(SMALL, groups=(*SMALL.groups, Group(4, "BOARD"))),
            "two managers": replace(SMALL, members=tuple(replace(m, is_manager=True) for m in SMALL.members)),
            "a member twice": replace(SMALL, members=(*SMALL.members, Member(9, 3, "Ann", "10", "A2"))),
            "a member who is no user": replace(SMALL, members=(Member(9, 3, "Nobody", "10", "No"),)),
            "a member without a line": replace(SMALL, members=(Member(9, 3, "Ann", "99", "Ann"),)),
            "a member without a group": replace(SMALL, members=(Member(9, 4, "Ann", "10", "Ann"),)),
            "a user's line that is none": replace(SMALL, users=(User(1, "Ann", lines=("12",)),)),
            "six stars": replace(SMALL, users=(*SMALL.users, User(5, "Cid", stars=6))),
            "two default trunks": replace(
                SMALL, trunks=(Trunk(1, "a", "a", is_default=True), Trunk(2, "b", "b", is_default=True))
            ),
        }
        for what, configuration in wrong.items():
            error = self.assertRaises(RefusedError, self.database.do, replace_all, configuration)
            self.assertNotIn("\n", str(error), what)
            self.assertEqual(self.database.do(load, PLAN).groups, SMALL.groups, what)
        self.assertEqual(self.database.do(load, PLAN).version, 1)

    def test_look_ups_are_made(self) -> None:
        self.database.do(replace_all, SMALL)
        loaded = self.database.do(load, PLAN)
        for name in ("_line_by_canonical", "_members_by_group", "user_by_name", "group_by_id"):
            self.assertIn(name, vars(loaded))

    def test_a_group_of_a_number(self) -> None:
        self.database.do(replace_all, SMALL)
        found = self.database.do(load, PLAN).group_of_number("0041315311111")
        self.assertEqual(found, SMALL.groups[0])


class StateOfThoseWhoStayTests(SynchronousTestCase):
    """A change of configuration leaves the state of those who stay, and takes that of all others."""

    def setUp(self) -> None:
        self.database = new_database(self)
        self.database.do(replace_all, SMALL)
        to_ben = Forwarding(ForwardTo.MEMBER, member_id=8)
        self.database.do(
            write_state,
            [
                presence_change("Ann", PresenceState(Presence.AWAY)),
                presence_change("Ben", PresenceState(Presence.BUSY)),
                application_forwarding_change(7, to_ben),
                line_forwarding_change("10", to_ben),
                line_forwarding_change("11", Forwarding(ForwardTo.NUMBER, "077")),
                registration_change(Registration("10", "sip:a@192.0.2.1", "x", 1, 2e9)),
                registration_change(Registration("11", "sip:b@192.0.2.1", "y", 1, 2e9)),
            ],
        )

    def test_all_stay(self) -> None:
        before = self.database.do(load_state, 0.0)
        self.database.do(replace_all, SMALL)
        self.assertEqual(self.database.do(load_state, 0.0), before)
        self.assertEqual(set(before.presence), {"ann", "ben"})
        self.assertEqual(len(before.registrations), 2)

    def test_somebody_goes(self) -> None:
        self.database.do(
            replace_all,
            replace(SMALL, users=SMALL.users[:1], members=SMALL.members[:1], lines=SMALL.lines[:1]),
        )
        state = self.database.do(load_state, 0.0)
        self.assertEqual(set(state.presence), {"ann"})
        self.assertEqual(state.application_forwarding, {})
        self.assertEqual(state.line_forwarding, {})
        self.assertEqual([r.number for r in state.registrations], ["10"])

    def test_a_member_gets_another_number(self) -> None:
        """It is the same member: what is forwarded to it follows."""
        ann, ben = SMALL.members
        self.database.do(replace_all, replace(SMALL, members=(ann, replace(ben, number=ann.number))))
        state = self.database.do(load_state, 0.0)
        self.assertEqual(set(state.application_forwarding), {7})
        self.assertEqual(set(state.line_forwarding), {"10", "11"})

    def test_an_id_that_is_somebody_else_now(self) -> None:
        exchanged = (Member(8, 3, "Ann", "10", "Ann", True, 1), Member(7, 3, "Ben", "11", "Ben", False, 2))
        self.database.do(replace_all, replace(SMALL, members=exchanged))
        state = self.database.do(load_state, 0.0)
        self.assertEqual(state.application_forwarding, {})
        self.assertEqual(set(state.line_forwarding), {"11"})

    def test_the_numbers_table_follows(self) -> None:
        self.database.do(replace_all, Configuration(lines=(Line("5"),)))
        self.assertEqual(self.database.rows(select(t.numbers)), [("5", "5", None)])
