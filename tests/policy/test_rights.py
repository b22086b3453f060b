"""Who may do what: each privilege alone, with and without a membership, with and without Admin."""

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from magroup.model.configuration import Configuration
from magroup.model.groups import Group, Member
from magroup.model.lines import Line
from magroup.model.people import Privilege, User
from magroup.policy.rights import Rights

COMPANY = Configuration(
    users=(User(1, "Ann", lines=("1",)), User(2, "Bob", lines=("2",)), User(3, "Cid", lines=("3",))),
    lines=(Line("1"), Line("2"), Line("3")),
    groups=(Group(1, "Own"), Group(2, "Other")),
    members=(Member(1, 1, "Ann", "1", "Ann"), Member(2, 1, "Bob", "2", "Bob"), Member(3, 2, "Cid", "3", "Cid")),
)
"""Ann and Bob are in group 1, Cid in group 2."""

EDITS = ("edits_group", "deletes_group", "edits_members", "edits_vips")
TABLE: dict[tuple[Privilege, ...], tuple[str, str]] = {
    (): ("", ""),
    (Privilege.GROUPS,): ("edits_group deletes_group edits_members", ""),
    (Privilege.MEMBERS_MANAGEMENT,): ("edits_members", ""),
    (Privilege.VIP_LIST,): ("edits_vips", ""),
    (Privilege.ADMIN,): ("edits_group edits_members edits_vips", "edits_group edits_members edits_vips"),
    (Privilege.GROUPS, Privilege.ADMIN): (" ".join(EDITS), " ".join(EDITS)),
    (Privilege.TEAMMATE_STATUS, Privilege.REPORTS, Privilege.SETTINGS, Privilege.USER_ADMINISTRATION): ("", ""),
}
"""What the privileges allow in the own group, and in another one."""


class RightsTests(SynchronousTestCase):
    """Of Ann."""

    def test_groups(self) -> None:
        for privileges, allowed in TABLE.items():
            rights = Rights("ANN", privileges)
            for group_id, names in zip((1, 2), allowed, strict=True):
                found = [name for name in EDITS if getattr(rights, name)(COMPANY, group_id)]
                self.assertEqual(found, names.split(), (privileges, group_id))
            self.assertTrue(rights.reaches(COMPANY, 1))
            self.assertEqual(rights.reaches(COMPANY, 2), Privilege.ADMIN in privileges)
            self.assertEqual(rights.reaches(COMPANY, 99), Privilege.ADMIN in privileges)

    def test_joining(self) -> None:
        with_manager = COMPANY.changed(members=(replace(COMPANY.members[2], is_manager=True),))
        for privileges, without_manager, beside_manager in (
            ((), False, False),
            ((Privilege.VIP_LIST,), False, False),
            ((Privilege.GROUPS,), True, False),
            ((Privilege.MEMBERS_MANAGEMENT,), True, False),
            ((Privilege.ADMIN,), True, True),
        ):
            rights = Rights("ann", privileges)
            self.assertIs(rights.opens_groups(), without_manager)
            self.assertIs(rights.joins_group(COMPANY, 2), without_manager, privileges)
            self.assertIs(rights.joins_group(with_manager, 2), beside_manager, privileges)
            self.assertFalse(rights.joins_group(COMPANY, 1))
            for company in (COMPANY, with_manager):  # "Other" comes before "Own".
                expected = [group for group in company.groups if rights.joins_group(company, group.id)]
                self.assertEqual(rights.groups_to_join(company), expected[::-1])

    def test_options_of_the_manager(self) -> None:
        managed = COMPANY.changed(
            members=tuple(replace(member, is_manager=member.id != 2) for member in COMPANY.members)
        )
        for name, privileges, groups in (
            ("ANN", (), []),
            ("ann", (Privilege.MEMBERS_MANAGEMENT,), []),
            ("ann", (Privilege.GROUPS,), [1]),
            ("bob", (Privilege.GROUPS,), []),
            ("bob", (Privilege.ADMIN,), [1, 2]),
        ):
            rights = Rights(name, privileges)
            found = [id for id in (1, 2) if rights.edits_manager_options(managed, id)]
            self.assertEqual(found, groups, (name, privileges))

    def test_state_of_others(self) -> None:
        admin, status = Privilege.ADMIN, Privilege.TEAMMATE_STATUS
        for privileges, knows, sets in (
            ((), "Ann Bob", "Ann"),
            ((admin,), "Ann Bob Cid", "Ann"),
            ((status,), "Ann Bob", "Ann Bob"),
            ((admin, status), "Ann Bob Cid", "Ann Bob Cid"),
        ):
            rights = Rights("ann", privileges)
            for rule, names in ((rights.knows, knows), (rights.sets_state, sets)):
                found = [name for name in ("Ann", "Bob", "Cid") if rule(COMPANY, name.upper())]
                self.assertEqual(found, names.split(), (privileges, rule))
