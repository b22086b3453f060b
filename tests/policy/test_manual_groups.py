"""The group flow by the manual's chapter on groups and its call flow examples: a row for each fact."""

from twisted.trial.unittest import SynchronousTestCase

from magroup.model.groups import Member, Overflow, OverflowTo
from magroup.model.presence import Presence
from magroup.policy import Outcome
from tests.policy.company import (
    ARA,
    LEO,
    RAF,
    SALES,
    SAN,
    TIJ,
    TO_ASSISTANTS,
    members,
)
from tests.policy.walking import Row, look

AWAY, BUSY, DND, GONE = Presence.AWAY, Presence.BUSY, Presence.DND, Presence.UNAVAILABLE
NONE = Overflow()
TO_SALES = Overflow(OverflowTo.GROUP, "2")

ROWS = [
    # The manual, "Groups"
    Row("manager number: it is used to call the manager", [f"ring {TIJ} 30"]),
    Row(
        "manager number: or an available assistant if the manager is not available",
        [f"ring {RAF} 15"],
        {"presence": {"Tij": AWAY}},
    ),
    Row(
        "announcement: is played before the call reaches the manager",
        ["greeting Welcome.wav", f"ring {TIJ} 30"],
        {"welcome": "Welcome.wav"},
    ),
    Row(
        "timeout: how long a phone rings before the call goes to the next",
        [f"ring {TIJ} 30", f"ring {RAF} 15", f"ring {ARA} 15", "busy"],
    ),
    Row(
        "timeout: follows the member list order",
        [f"ring {TIJ} 30", f"ring {ARA} 15", f"ring {LEO} 15", f"ring {RAF} 15"],
        {"team": members("Tij", "Ara", "Leo", "Raf")},
    ),
    Row(
        "timeout: to the next member in the list who is online",
        [f"ring {TIJ} 30", f"ring {LEO} 15", "busy"],
        {"team": members("Tij", "Raf", "Ara", "Leo"), "presence": {"Raf": BUSY, "Ara": DND}},
    ),
    Row("timeout: zero, the call is not transferred (manager)", [f"ring {TIJ} on"], {"manager_timeout": 0}),
    Row(
        "timeout: zero, the call is not transferred (assistant)",
        [f"ring {TIJ} 30", f"ring {RAF} on"],
        {"assistant_timeout": 0},
    ),
    Row(
        "timeout: or back to the manager",
        [f"ring {TIJ} 30", f"ring {RAF} 15", f"ring {ARA} 15", f"again ring {TIJ} 30"],
        {"overflow": NONE},
    ),
    Row(
        "overflow: executed if no assistants or managers are available",
        ["busy"],
        {"presence": {"Tij": AWAY, "Raf": AWAY, "Ara": GONE}},
    ),
    Row(
        "overflow: executed if no one in the group answered",
        [f"ring {TIJ} 30", f"ring {RAF} 15", f"ring {ARA} 15", "number 4321 from 8973"],
        {"overflow": Overflow(OverflowTo.NUMBER, "4321")},
    ),
    Row(
        "no overflow: again to the first available assistant or manager",
        [f"ring {RAF} 15", f"ring {ARA} 15", f"again ring {RAF} 15", f"ring {ARA} 15", f"again ring {RAF} 15"],
        {"overflow": NONE, "presence": {"Tij": AWAY}},
    ),
    Row(
        "to number: redirected to the number",
        ["number 4321 from 8973"],
        {"overflow": Overflow(OverflowTo.NUMBER, "4321"), "team": ()},
    ),
    Row("busy: the caller receives a busy signal", ["busy"], {"team": ()}),
    Row(
        "voicemail: a message for the number in the box field",
        [f"voicemail {TIJ} from 8973"],
        {"overflow": Overflow(OverflowTo.VOICEMAIL, TIJ), "team": ()},
    ),
    Row(
        "another group: redirected to the selected group",
        ["group 2", f"ring {LEO} 20", f"ring {SAN} 10", "busy"],
        {
            "overflow": TO_SALES,
            "team": (),
            "other": SALES,
            "other_team": members("Leo", "San", manager="Leo", group_id=2, first_id=11),
        },
    ),
    Row(
        "connect assistants directly: calls from an assistant are directed to the manager only",
        [f"direct {TIJ}"],
        {"assistant_to_manager": True},
        caller=RAF,
    ),
    Row(
        "connect assistants directly: overrides presence",
        [f"direct {TIJ}"],
        {"assistant_to_manager": True, "presence": {"Tij": DND}, "welcome": "Welcome.wav"},
        caller=ARA,
    ),
    Row(
        "connect assistants directly: others are not assistants",
        [f"ring {TIJ} 30"],
        {"assistant_to_manager": True},
        caller=LEO,
    ),
    Row(
        "ring parallel: the first available assistant rings with the manager",
        [f"ring {TIJ}+{ARA} 30"],
        {"ring_parallel": True, "presence": {"Raf": AWAY}},
    ),
    Row(
        "ring parallel unchecked: an assistant only after the manager timeout",
        [f"ring {TIJ} 30", f"ring {RAF} 15"],
        {"ring_parallel": False},
    ),
    Row(
        "connect assistants directly: not redirected to other members, whatever the manager has set",
        [f"direct {TIJ}"],
        {"assistant_to_manager": True, "instead": {1: TO_ASSISTANTS}, "ring_parallel": True, "manager_timeout": 1},
        caller=RAF,
    ),
    Row(
        "connect assistants directly: the manager's line is called as it is, also without a phone",
        [f"direct {TIJ}"],
        {"assistant_to_manager": True, "out_of_service": [TIJ]},
        caller=RAF,
    ),
    Row(
        "connect assistants directly: a group without manager has nobody to connect them with",
        [f"ring {ARA} 15", "busy"],
        {"assistant_to_manager": True, "team": members("Raf", "Ara", manager="")},
        caller=RAF,
    ),
    Row(
        "ring parallel: the available assistant is one whose line is in service",
        [f"ring {TIJ}+{ARA} 30", "busy"],
        {"ring_parallel": True, "out_of_service": [RAF]},
    ),
    Row(
        "ring parallel: the caller is not the assistant who rings",
        [f"ring {TIJ}+{ARA} 30", "busy"],
        {"ring_parallel": True},
        caller=RAF,
    ),
    Row(
        "timeout zero: both ring until one answers",
        [f"ring {TIJ}+{RAF} on"],
        {"ring_parallel": True, "manager_timeout": 0},
    ),
    Row(
        "timeout zero for the manager only: an assistant is left in time where the manager is away",
        [f"ring {RAF} 15", f"ring {ARA} 15", "busy"],
        {"manager_timeout": 0, "presence": {"Tij": AWAY}},
    ),
    Row(
        "overflow: executed if everybody there is busy or declines",
        [f"ring {TIJ} 30", f"ring {RAF} 15", f"ring {ARA} 15", "number 4321 from 8973"],
        {"overflow": Overflow(OverflowTo.NUMBER, "4321")},
        outcomes=[Outcome.BUSY, Outcome.BUSY, Outcome.DECLINED],
    ),
    Row(
        "no overflow: to the manager again, who is available again",
        [f"ring {TIJ} 30", f"again ring {TIJ} 30"],
        {"overflow": NONE, "presence": {"Raf": AWAY, "Ara": AWAY}},
    ),
    Row(
        "members: the number of a member is another line than the user's default one",
        [f"ring {LEO} 30", f"ring {RAF} 15"],
        {"team": (Member(1, 1, "tijana", LEO, "Tij", True, 1), *members("Raf", manager="", first_id=2))},
    ),
    Row(
        "members: one whose user is gone is rung until the check removes the member",
        [f"ring {TIJ} 30", f"ring {LEO} 15", "busy"],
        {"team": (*members("Tij"), Member(2, 1, "nobody", LEO, "Leo", False, 2))},
    ),
    # The manual, call flow examples
    Row(
        "manager unavailable: any presence but Available (Busy)",
        [f"ring {RAF} 15"],
        {"presence": {"Tij": BUSY}},
    ),
    Row("manager unavailable: any presence but Available (DND)", [f"ring {RAF} 15"], {"presence": {"Tij": DND}}),
    Row(
        "manager unavailable: any presence but Available (Unavailable)",
        [f"ring {RAF} 15"],
        {"presence": {"Tij": GONE}},
    ),
    Row(
        "manager unavailable: A away, B, then C, end of the list: overflow",
        [f"ring {ARA} 15", f"ring {LEO} 15", "busy"],
        {"team": members("Tij", "Raf", "Ara", "Leo"), "presence": {"Tij": AWAY, "Raf": AWAY}},
    ),
]


class ManualGroupsTests(SynchronousTestCase):
    def test_rows(self) -> None:
        look(self, ROWS)
