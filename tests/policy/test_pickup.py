"""Picking up by code: who gets which call, a row for each rule of spec 8 and the issue."""

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from magroup.model.calls import Reason, ReasonCode, Vip
from magroup.model.groups import Member, ShowVipCalls
from magroup.model.numbers import NumberPlan
from magroup.policy import Alerting, NoPickup, pick_up
from tests.policy.company import ARA, CALLER, LEO, RAF, SALES, SAN, TIJ, company, members, snapshot

SALES_TEAM = members("San", "Ara", manager="San", group_id=2, first_id=11)
"""Ara is an assistant in both groups; Leo is in none."""
BOTH = company(other=SALES, other_team=SALES_TEAM)
MOBILE = "0791111111"


def group_call(
    name: str, number: str, since: float, member_id: int, group_id: int = 1, vip: Vip | None = None
) -> Alerting:  # fmt: skip
    return Alerting(name, number, since, CALLER, group_id, member_id, vip)


def line_call(name: str, number: str, since: float, caller: str = CALLER) -> Alerting:
    return Alerting(name, number, since, caller)


def vip(show: ShowVipCalls) -> Vip:
    return Vip(Reason(ReasonCode.VIP_EVERYBODY), show)


MANAGERS = group_call("managers", TIJ, 20.0, 1)
ARAS = group_call("aras", ARA, 10.0, 3)
AT_MOBILE = group_call("mobile", MOBILE, 5.0, 1)
TO_TIJ = line_call("line", TIJ, 15.0)
TO_LEO = line_call("leos", LEO, 1.0)
SALES_AT_ARA = group_call("sales", ARA, 2.0, 12, 2)
TWICE = [group_call("twice", TIJ, 20.0, 1), group_call("twice", RAF, 20.0, 2)]

ROWS: list[tuple[str, str, str, list[Alerting], str | NoPickup]] = [
    ("a call of the own group", RAF, "", [MANAGERS], "managers"),
    ("the longest-ringing one", RAF, "", [MANAGERS, ARAS], "aras"),
    ("a call to a member's line counts too", RAF, "", [MANAGERS, TO_TIJ], "line"),
    ("wherever it rings for the group", RAF, "", [AT_MOBILE, ARAS], "mobile"),
    ("by the manager", TIJ, "", [ARAS], "aras"),
    ("that rings at the own phone as well", RAF, "", TWICE, "twice"),
    ("not the calls of others", RAF, "", [TO_LEO], NoPickup.NO_CALL),
    ("not those of another group, though a colleague rings", RAF, "", [SALES_AT_ARA], NoPickup.NO_CALL),
    ("of all own groups", ARA, "", [SALES_AT_ARA, ARAS], "sales"),
    ("nothing rings", RAF, "", [], NoPickup.NO_CALL),
    ("only members of a group", LEO, "", [MANAGERS, TO_LEO], NoPickup.NOT_MEMBER),
    ("a line that is nobody's", "9999", "", [MANAGERS], NoPickup.NOT_MEMBER),
    ("nobody at all", "", "", [MANAGERS], NoPickup.NOT_MEMBER),
    ("at a number: what rings there", RAF, TIJ, [ARAS, MANAGERS], "managers"),
    ("at a number: the longest-ringing one", RAF, TIJ, [MANAGERS, TO_TIJ], "line"),
    ("at a number: of another group as well", RAF, ARA, [SALES_AT_ARA], "sales"),
    ("at a number whose line is forwarded", RAF, TIJ, [AT_MOBILE], "mobile"),
    ("at a number: nothing rings there", RAF, TIJ, [ARAS], NoPickup.NO_CALL),
    ("at a number outside the own groups", RAF, LEO, [TO_LEO], NoPickup.NOT_COLLEAGUE),
    ("at a number of another group", RAF, SAN, [line_call("san", SAN, 1.0)], NoPickup.NOT_COLLEAGUE),
    ("at where it is forwarded to", RAF, MOBILE, [AT_MOBILE], NoPickup.NOT_COLLEAGUE),
    ("at a number of one of several own groups", ARA, SAN, [line_call("san", SAN, 1.0)], "san"),
    ("at the own number", RAF, RAF, [line_call("own", RAF, 1.0)], "own"),
    ("not the call that one makes oneself", RAF, "", [line_call("mine", TIJ, 1.0, RAF)], NoPickup.NO_CALL),
    (
        "VIP to manager only: nobody can pick it up",
        RAF, TIJ, [group_call("vip", TIJ, 1.0, 1, vip=vip(ShowVipCalls.MANAGER))], NoPickup.NO_CALL,
    ),
    (
        "not even the manager",
        TIJ, "", [group_call("vip", TIJ, 1.0, 1, vip=vip(ShowVipCalls.MANAGER))], NoPickup.NO_CALL,
    ),
    *(
        (f"a VIP call that others see ({show.name})", RAF, "", [group_call("vip", TIJ, 1.0, 1, vip=vip(show))], "vip")
        for show in (ShowVipCalls.ALL, ShowVipCalls.MARKED)
    ),
]  # fmt: skip


class PickUpTests(SynchronousTestCase):
    """Each row: why, who picks up, at which number, what rings, and what it is."""

    def test_rows(self) -> None:
        for why, by, at, ringing, wanted in ROWS:
            found = pick_up(snapshot(BOTH), by, at, ringing)
            self.assertEqual(found.call_id if isinstance(found, Alerting) else found, wanted, why)

    def test_any_spelling(self) -> None:
        """Of the number that is dialled after the code, and of the own one."""
        manager = Member(1, 1, "tijana", "+41 31 531 10 47", "Tij", True)
        configuration = replace(
            company(team=(manager, Member(2, 1, "somebody", "0315311175", "Raf", position=2))),
            plan=NumberPlan(country_code="41", area_code="31"),
        )
        call = line_call("call", "0315311047", 1.0)
        for at in ("", "5311047", "0041315311047"):
            self.assertEqual(pick_up(snapshot(configuration), "+41315311175", at, [call]), call, at)

    def test_where(self) -> None:
        """A call that rings at several phones is taken at one of them that the number means."""
        found = pick_up(snapshot(BOTH), ARA, RAF, TWICE)
        self.assertEqual(found, TWICE[1])
