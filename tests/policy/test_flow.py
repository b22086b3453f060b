"""The group flow by the specification of calls: a row for each sentence."""

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from magroup.model.groups import Overflow, OverflowTo
from magroup.model.presence import Presence
from magroup.policy import ROUND_PAUSE, Outcome
from tests.policy.company import (
    ARA,
    LEO,
    NUMBER,
    RAF,
    SALES,
    SAN,
    TIJ,
    members,
)
from tests.policy.walking import Row, look

AWAY, GONE = Presence.AWAY, Presence.UNAVAILABLE
NONE = Overflow()
TO_SALES = Overflow(OverflowTo.GROUP, "2")


ROWS = [
    # The specification, 1.2
    Row(
        "1.2.1 direct off: the normal flow, the caller's own line is never rung",
        [f"ring {TIJ} 30", f"ring {ARA} 15", "busy"],
        caller=RAF,
    ),
    Row(
        "1.2.1 the manager calling the own number: the normal flow without the manager",
        ["greeting Welcome.wav", f"ring {RAF} 15", f"ring {ARA} 15", "busy"],
        {"assistant_to_manager": True, "welcome": "Welcome.wav"},
        caller=TIJ,
    ),
    Row("1.2.3 greeting not set: skipped", [f"ring {TIJ} 30"], {"welcome": ""}),
    Row(
        "1.2.3 greeting played once",
        ["greeting Welcome.wav", f"ring {RAF} 15", f"again ring {RAF} 15"],
        {"welcome": "Welcome.wav", "team": members("Raf"), "overflow": NONE},
    ),
    Row(
        "1.2.4 manager available: line in service",
        [f"ring {RAF} 15", f"ring {ARA} 15", "busy"],
        {"out_of_service": [TIJ]},
    ),
    Row(
        "1.2.4 assistants eligible: line in service",
        [f"ring {TIJ} 30", f"ring {ARA} 15", "busy"],
        {"out_of_service": [RAF]},
    ),
    Row(
        "1.2.4 busy, declined or failed: left at once for the next",
        [f"ring {TIJ} 30", f"ring {RAF} 15", f"ring {ARA} 15", "busy"],
        outcomes=[Outcome.BUSY, Outcome.DECLINED, Outcome.FAILED],
    ),
    Row(
        "1.2.6 nobody eligible, overflow none: wait",
        ["wait"],
        {"overflow": NONE, "presence": {"Tij": AWAY, "Raf": AWAY, "Ara": AWAY}},
    ),
    Row("1.2.6 a group of nobody, overflow none: wait", ["wait"], {"overflow": NONE, "team": ()}),
    Row(
        "1.2.6 never a busy loop: a pause after a round in which all failed at once",
        [
            f"ring {TIJ} 30",
            f"ring {RAF} 15",
            f"ring {ARA} 15",
            f"wait until {ROUND_PAUSE:g}",
            f"again ring {TIJ} 30",
        ],
        {"overflow": NONE},
        outcomes=[Outcome.BUSY, Outcome.DECLINED, Outcome.FAILED],
    ),
    Row(
        "1.2.6 no pause where somebody rang in full",
        [f"ring {TIJ} 30", f"ring {RAF} 15", f"ring {ARA} 15", f"again ring {TIJ} 30"],
        {"overflow": NONE},
        outcomes=[Outcome.BUSY, Outcome.NO_ANSWER, Outcome.FAILED],
    ),
    Row(
        "1.2.6 number: one that is another group's number is that group",
        ["group 2", "busy"],
        {"overflow": Overflow(OverflowTo.NUMBER, SALES.number), "team": (), "other": SALES},
    ),
    Row(
        "1.2.6 number: the own manager number would go round in circles",
        ["busy"],
        {"overflow": Overflow(OverflowTo.NUMBER, NUMBER), "team": ()},
    ),
    Row(
        "1.2.6 another group: from its greeting on",
        ["greeting Welcome.wav", "group 2", "greeting Sales.wav", "busy"],
        {
            "overflow": TO_SALES,
            "welcome": "Welcome.wav",
            "team": (),
            "other": replace(SALES, welcome="Sales.wav"),
        },
    ),
    Row(
        "1.2.6 a chain that comes back to a group already passed ends busy",
        ["group 2", "busy"],
        {
            "overflow": TO_SALES,
            "team": (),
            "other": replace(SALES, overflow=Overflow(OverflowTo.GROUP, "1")),
        },
    ),
    Row(
        "1.2.6 a chain of groups to a number: diverted from both",
        ["group 2", "number 4321 from 8973,8974"],
        {
            "overflow": TO_SALES,
            "team": (),
            "other": replace(SALES, overflow=Overflow(OverflowTo.NUMBER, "4321")),
        },
    ),
    Row("1.2.6 another group that is not there: busy", ["busy"], {"overflow": TO_SALES, "team": ()}),
    Row(
        "1.2.6 another group, from its greeting on: connecting directly comes before",
        ["group 2", f"ring {SAN} 20", "busy"],
        {
            "overflow": TO_SALES,
            "team": (),
            "other": replace(SALES, assistant_to_manager=True),
            "other_team": members("San", "Leo", manager="San", group_id=2, first_id=11),
        },
        caller=LEO,
    ),
    Row(
        "1.2.6 voicemail: after everybody rang in vain",
        [f"ring {TIJ} 30", f"ring {RAF} 15", f"ring {ARA} 15", f"voicemail {LEO} from 8973,{LEO}"],
        {"overflow": Overflow(OverflowTo.VOICEMAIL, LEO), "pilot": "80000"},
    ),
    Row(
        "1.2.6 voicemail: the owner of the box comes to the pilot like everybody",
        [f"voicemail {LEO} from 8973,{LEO}"],
        {"overflow": Overflow(OverflowTo.VOICEMAIL, LEO), "pilot": "80000", "team": ()},
        caller=LEO,
    ),
    Row(
        "1.2.6 voicemail without a pilot: the box's number is not called where it is the caller's own line",
        ["busy"],
        {"overflow": Overflow(OverflowTo.VOICEMAIL, LEO), "team": ()},
        caller=LEO,
    ),
    Row(
        "1.2.6 voicemail without a pilot: the box's number is not called where it is the group's own",
        ["busy"],
        {"overflow": Overflow(OverflowTo.VOICEMAIL, NUMBER), "team": ()},
    ),
    Row(
        "1.2.6 another group: its timeouts, its parallel ringing, its overflow",
        ["group 2", f"ring {LEO}+{SAN} on"],
        {
            "overflow": TO_SALES,
            "team": (),
            "other": replace(SALES, ring_parallel=True, manager_timeout=0),
            "other_team": members("Leo", "San", manager="Leo", group_id=2, first_id=11),
        },
    ),
    Row(
        "1.2.6 another group: somebody who is in both is rung in each",
        [f"ring {TIJ} 30", f"ring {RAF} 15", "group 2", f"ring {RAF} 20", "busy"],
        {
            "overflow": TO_SALES,
            "team": members("Tij", "Raf"),
            "other": SALES,
            "other_team": members("Raf", manager="Raf", group_id=2, first_id=11),
        },
    ),
    Row(
        "1.2.6 another group with overflow none: the call stays in it",
        ["group 2", f"ring {LEO} 20", f"again ring {LEO} 20"],
        {
            "overflow": TO_SALES,
            "team": (),
            "other": replace(SALES, overflow=NONE),
            "other_team": members("Leo", manager="Leo", group_id=2, first_id=11),
        },
    ),
    # The specification, 8
    Row(
        "8 parallel ringing: in the next round the one who came back rings beside the manager",
        [f"ring {TIJ}+{RAF} 30", f"again ring {TIJ}+{RAF} 30"],
        {"ring_parallel": True, "overflow": NONE, "presence": {"Ara": GONE}},
    ),
    Row(
        "8 parallel ringing: the manager timeout governs; who rang in it is not rung again",
        [f"ring {TIJ}+{RAF} 30", f"ring {ARA} 15", "busy"],
        {"ring_parallel": True},
    ),
    Row(
        "8 parallel ringing: alone where no assistant can be rung",
        [f"ring {TIJ} 30", "busy"],
        {"ring_parallel": True, "presence": {"Raf": AWAY, "Ara": AWAY}},
    ),
    Row(
        "8 parallel ringing: with the manager only",
        [f"ring {RAF} 15", f"ring {ARA} 15", "busy"],
        {"ring_parallel": True, "presence": {"Tij": AWAY}},
    ),
    Row(
        "8 parallel ringing: in the next round again",
        [f"ring {TIJ}+{RAF} 30", f"ring {ARA} 15", f"again ring {TIJ}+{RAF} 30"],
        {"ring_parallel": True, "overflow": NONE},
    ),
    Row(
        "8 the manager is always first, whatever the place in the list",
        [f"ring {TIJ} 30", f"ring {RAF} 15"],
        {"team": members("Raf", "Tij")},
    ),
    Row(
        "8 a group without manager: straight to the members",
        [f"ring {RAF} 15", f"ring {ARA} 15", "busy"],
        {"team": members("Raf", "Ara"), "assistant_to_manager": True},
        caller=LEO,
    ),
    Row(
        "8 a group without manager: a member who calls is not rung",
        [f"ring {ARA} 15", "busy"],
        {"team": members("Raf", "Ara"), "assistant_to_manager": True},
        caller=RAF,
    ),
]


class FlowTests(SynchronousTestCase):
    def test_rows(self) -> None:
        look(self, ROWS)
