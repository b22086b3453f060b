"""Edits saved as differences: whatever is edited, what is stored is what is in force, and holds together."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.audited import audited
from magroup.model.configuration import Configuration
from magroup.model.differences import KEYS
from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.model.groups import Group, Member
from magroup.model.lines import Line, Registration
from magroup.model.people import User
from magroup.model.presence import Presence, PresenceState
from magroup.policy import editing
from magroup.policy.editing import EditError, Rules
from magroup.store import load, load_state, ordered, replace_all
from magroup.store import tables as t
from magroup.store.saving import save
from magroup.store.state import (
    application_forwarding_change,
    do_not_disturb_change,
    line_forwarding_change,
    presence_change,
    registration_change,
    write_state,
)
from tests.policy.editing.company import COMPANY
from tests.policy.editing.invariants import broken
from tests.store.companies import configurations, names, numbers, patterns
from tests.store.databases import new_database

RULES = Rules()


def _one_of(draw: Any, things: Any, default: Any) -> Any:
    return draw(st.sampled_from(things)) if things else default


@st.composite
def edits(draw: Any, configuration: Configuration) -> Callable[[Configuration], Configuration]:
    """An edit of things that are there or not, with values that are right or not."""
    c = configuration
    group = _one_of(draw, [group.id for group in c.groups], 1)
    member = _one_of(draw, [member.id for member in c.members], 1)
    user = _one_of(draw, c.users, User(1, "nobody"))
    line = _one_of(draw, [line.number for line in c.lines], "1")
    announcement = _one_of(draw, [one.id for one in c.announcements], 1)
    vip = _one_of(draw, [one.id for one in c.vips], 1)
    phone = _one_of(draw, [one.device_name for one in c.phones], "p")
    trunk = _one_of(draw, [one.id for one in c.trunks], 1)
    contact = _one_of(draw, [one.id for one in c.contacts], 1)
    name, number, up = draw(names), draw(numbers), draw(st.booleans())
    manager, pattern = draw(st.booleans()), draw(patterns)
    e = editing
    made: Callable[[Configuration], Configuration] = draw(
        st.sampled_from(
            (
                lambda c: e.add_group(c, RULES, {"name": name, "number": number if up else ""}),
                lambda c: e.change_group(c, RULES, group, {"name": name, "number": number}),
                lambda c: e.delete_group(c, group),
                lambda c: e.add_member(c, group, user.name, line, is_manager=manager),
                lambda c: e.change_member(c, member, {"number": line, "is_manager": manager}),
                lambda c: e.delete_members(c, {member}),
                lambda c: e.move_member(c, member, up),
                lambda c: e.order_members(c, group, [m.user_name for m in reversed(c.members_of(group))]),
                lambda c: e.display_group(c, [member], group if up else 0),
                lambda c: e.add_announcement(c, RULES, group, "a.wav", 1 if up else None),
                lambda c: e.move_announcement(c, announcement, up),
                lambda c: e.delete_announcement(c, announcement),
                lambda c: e.add_vip(c, member, pattern),
                lambda c: e.delete_vip(c, vip),
                lambda c: e.add_user(c, {"name": name, "lines": (line,)}),
                lambda c: e.change_user(c, user.id, {"name": name, "lines": tuple(reversed(user.lines))}),
                lambda c: e.delete_user(c, user.id),
                lambda c: e.add_line(c, RULES, {"number": number}),
                lambda c: e.change_line(c, RULES, line, {"number": number}),
                lambda c: e.change_line(c, RULES, line, {"number": line[:1] + " " + line[1:]}),
                lambda c: e.delete_line(c, line),
                lambda c: e.add_phone(c, {"device_name": name, "lines": (line,)}),
                lambda c: e.change_phone(c, phone, {"lines": (line,)}),
                lambda c: e.delete_phone(c, phone),
                lambda c: e.add_trunk(c, {"name": name, "address": "a"}),
                lambda c: e.change_trunk(c, trunk, {"is_default": up}),
                lambda c: e.delete_trunk(c, trunk),
                lambda c: e.add_contact(c, {"number": number}),
                lambda c: e.delete_contact(c, contact),
            )
        )
    )
    return made


class AnySequence(SynchronousTestCase):
    """Edits of companies made by hypothesis."""

    def setUp(self) -> None:
        self.database = new_database(self)

    @settings(max_examples=25)
    @given(configurations(), st.data())
    def test_any_sequence_of_edits(self, configuration: Configuration, data: st.DataObject) -> None:
        now = self.database.do(replace_all, configuration)
        given_ids: set[tuple[str, Any]] = set()
        for _ in range(data.draw(st.integers(1, 8))):
            try:
                new = data.draw(edits(now))(now)
            except EditError as error:
                self.assertNotIn("\n", error.sentence)
                continue
            self.assertEqual(broken(new), broken(now))
            for kind in (field.name for field in fields(now.last_ids)):
                was = {thing.id for thing in getattr(now, kind)}
                for thing in getattr(new, kind):
                    if thing.id not in was:
                        self.assertNotIn((kind, thing.id), given_ids)
                given_ids |= {(kind, id) for id in was}
            saved = self.database.do(save, now, new)
            self.assertEqual(saved, ordered(replace(new, version=now.version + 1)))
            loaded = self.database.do(load, now.plan)
            self.assertEqual((loaded, loaded.last_ids), (saved, saved.last_ids))
            now = saved


class Differences(SynchronousTestCase):
    """What is written, what is forgotten, and what is told."""

    def setUp(self) -> None:
        self.database = new_database(self)
        self.company = self.database.do(replace_all, COMPANY)

    def statements(self, new: Configuration) -> list[str]:
        """The statements that save it, but for those of the version."""
        found: list[str] = []
        engine = self.database._engine
        event.listen(engine, "before_cursor_execute", lambda *a: found.append(" ".join(a[2].split()[:3])))
        self.database.do(save, self.company, new)
        return [text for text in found if "meta" not in text and not text.startswith(("SELECT", "PRAGMA", "BEGIN"))]

    def test_only_rows_that_differ(self) -> None:
        new = editing.change_group(self.company, RULES, 45, {"show_calls": False})
        self.assertEqual(self.statements(new), ["UPDATE groups SET"])

    def test_manager_numbers_are_exchanged(self) -> None:
        one, other, rest = self.company.groups
        new = self.company.changed(
            groups=(replace(one, number=other.number), replace(other, number=one.number), rest)
        )  # fmt: skip
        self.database.do(save, self.company, new)
        self.assertEqual(self.database.do(load, COMPANY.plan).group_by_id[45].number, other.number)

    def test_the_manager_is_another(self) -> None:
        new = editing.change_member(self.company, 220, {"is_manager": False})
        new = editing.change_member(new, 223, {"is_manager": True})
        self.database.do(save, self.company, new)
        self.assertEqual([m.id for m in self.database.do(load, COMPANY.plan).members_of(45)], [223, 220, 221, 222])

    def test_an_id_is_not_given_again_after_a_restart(self) -> None:
        emptied = self.database.do(save, self.company, editing.delete_group(self.company, 47))
        loaded = self.database.do(load, COMPANY.plan)
        self.assertEqual(loaded, emptied)
        self.assertEqual(editing.add_group(loaded, RULES, {"name": "New"}).groups[-1].id, 48)

    def test_state_of_those_who_go(self) -> None:
        to_ara = Forwarding(ForwardTo.MEMBER, member_id=230)
        self.database.do(
            write_state,
            [
                presence_change("Ara", PresenceState(Presence.AWAY)),
                presence_change("Maria.Rossi", PresenceState(Presence.BUSY)),
                application_forwarding_change(220, to_ara),
                application_forwarding_change(230, Forwarding(ForwardTo.NUMBER, "1")),
                line_forwarding_change("1176", to_ara),
                line_forwarding_change("0315311113", Forwarding(ForwardTo.NUMBER, "1")),
                do_not_disturb_change("031 531 11 13", True),
                registration_change(Registration("031 531 11 13", "sip:a@192.0.2.1", "x", 1, 2e9)),
            ],
        )
        new = editing.delete_line(editing.delete_user(self.company, 3), "0315311113")
        self.database.do(save, self.company, new)
        self.assertEqual(self.database.rows(select(t.presence.c.user_key)), [("maria.rossi",)])
        for table in (t.application_forwarding, t.registrations, t.do_not_disturb):
            self.assertEqual(self.database.rows(select(table)), [])
        self.assertEqual(self.database.do(load_state, 0.0).line_forwarding, {})

    def test_what_the_audit_is_told(self) -> None:
        old = Configuration(users=(User(1, "Ann", password_hash="x"),), lines=(Line("1", "old"), Line("2", "same")))
        new = Configuration(
            users=(User(1, "Ann", "A\"nn", password_hash="x"),),
            lines=(Line("1", "new"), Line("2", "same", on_pbx=True)),
            groups=(Group(3, "G"),),
            members=(Member(4, 3, "Ann", "1", "A"),),
        )
        told = {change.what: (change.key, change.old, change.new) for change in audited(old, new, 1.0, "w", "a")}
        self.assertEqual(
            told["user"],
            ("1", '{"id": 1, "name": "Ann", "first_name": ""}', '{"id": 1, "name": "Ann", "first_name": "A\\"nn"}'),
        )
        self.assertEqual(
            told["line"], ("2", '{"number": "2", "on_pbx": false}', '{"number": "2", "on_pbx": true}')
        )  # fmt: skip
        self.assertEqual(told["group"][1], "")
        self.assertIn('"overflow": "-1"', told["group"][2])
        changes = audited(old, new, 1.0, "w", "a")
        (line,) = [change for change in changes if change.key == "1" and change.what == "line"]
        self.assertEqual(line.old, '{"number": "1", "secret": "***"}')
        self.assertEqual(line.new, '{"number": "1", "secret": "*** (new)"}')
        self.assertEqual(audited(new, old, 1.0, "w", "a")[-1].new, "")

    def test_every_kind_is_known(self) -> None:
        kinds = {field.name for field in fields(Configuration)} - {"plan", "version", "last_ids"}
        self.assertEqual(set(KEYS), kinds)
