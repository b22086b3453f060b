"""Forwarding in the group flow: a row for each sentence of the manual's "Set forwarding" and of specs 1.2, 2 and 8."""

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from magroup.model.forwarding import NO_FORWARDING
from magroup.model.groups import Overflow, OverflowTo
from magroup.model.presence import Presence
from magroup.policy import Outcome
from tests.policy.company import (
    ARA,
    LEO,
    NUMBER,
    OTHER_NUMBER,
    RAF,
    SALES,
    SAN,
    TIJ,
    TO_ASSISTANTS,
    TO_MOBILE,
    TO_VOICEMAIL,
    members,
    to_member,
    to_number,
)
from tests.policy.forwarding import AWAY, BOX, DND, GONE, MOBILE, NONE, OUT, RAFS_MOBILE, WITH_SALES
from tests.policy.walking import Row, look

APPLICATION = [
    # The manual, "Set forwarding" and "Gadget integration: Forwarding"
    Row("no forwarding", [f"ring {TIJ} 30"], {"instead": {1: NO_FORWARDING}}),
    Row("group: to the first available assistant", [f"ring {RAF} 15"], {"instead": {1: TO_ASSISTANTS}}),
    Row(
        "group: like any presence but Available",
        [f"ring {ARA} 15", "busy"],
        {"instead": {1: TO_ASSISTANTS}, "presence": {"Raf": AWAY}, "ring_parallel": True},
    ),
    Row("voicemail: the manager's box", [f"ring {BOX} 30"], {"instead": {1: TO_VOICEMAIL}}),
    Row("mobile: the manager's mobile number", [f"ring {MOBILE} 30"], {"instead": {1: TO_MOBILE}}),
    Row("to number: a number of one's own choice", ["ring 4321 30"], {"instead": {1: OUT}}),
    Row("to number: however it is written", ["ring 0313334455 30"], {"instead": {1: to_number("031 333-44-55")}}),
    Row("group members: any of them", [f"ring {ARA} 30"], {"instead": {1: to_member(3)}}),
    Row(
        "group members: of another group",
        [f"ring {LEO} 30"],
        {"instead": {1: to_member(12)}, **WITH_SALES},
    ),
    Row(
        "voicemail: only if a number is set",
        [f"ring {LEO} 30"],
        {"team": members("Leo", "Raf", manager="Leo"), "instead": {1: TO_VOICEMAIL}},
    ),
    Row(
        "mobile: only if a number is set",
        [f"ring {LEO} 30"],
        {"team": members("Leo", "Raf", manager="Leo"), "instead": {1: TO_MOBILE}},
    ),
    Row("a member who is gone is no target", [f"ring {TIJ} 30"], {"instead": {1: to_member(99)}}),
    Row(
        "application forwarding is the manager's: an assistant's does nothing",
        [f"ring {TIJ} 30", f"ring {RAF} 15"],
        {"instead": {2: OUT}},
    ),
    Row(
        "managers can use the line's forwarding separately: both set, the application's decides",
        [f"ring {MOBILE} 30", f"ring {RAF} 15"],
        {"instead": {1: TO_MOBILE}, "forwards": {"Tij": OUT}},
    ),
    Row(
        "managers can use the line's forwarding separately: the line's alone",
        ["ring 4321 30", f"ring {RAF} 15"],
        {"forwards": {"Tij": OUT}},
    ),
    # The specification
    Row(
        "1.2.4 not answered within the manager timeout: the assistants follow",
        [f"ring {MOBILE} 30", f"ring {RAF} 15", f"ring {ARA} 15", "busy"],
        {"instead": {1: TO_MOBILE}},
    ),
    Row(
        "1.2.4 the target is busy: left at once",
        ["ring 4321 30", f"ring {RAF} 15"],
        {"instead": {1: OUT}},
        outcomes=[Outcome.BUSY],
    ),
    Row("1.2.4 timeout 0: stays with the target", ["ring 4321 on"], {"instead": {1: OUT}, "manager_timeout": 0}),
    Row(
        "1.2.4 overflow none: from the top again, to the target",
        ["ring 4321 30", f"ring {RAF} 15", f"ring {ARA} 15", "again ring 4321 30"],
        {"instead": {1: OUT}, "overflow": NONE},
    ),
    *(
        Row(
            f"8 presence and application forwarding at once: the forwarding decides ({presence.name})",
            [f"ring {MOBILE} 30"],
            {"instead": {1: TO_MOBILE}, "presence": {"Tij": presence}},
        )
        for presence in Presence
    ),
    Row(
        "8 of somebody with two groups: the first's forwarding does not touch the second",
        [f"ring {TIJ} 30", f"ring {SAN} 15"],
        {"team": members("Tij", "San"), **WITH_SALES, "instead": {11: OUT}},
    ),
    Row(
        "instead of the manager nobody rings in parallel",
        [f"ring {MOBILE} 30", f"ring {RAF} 15"],
        {"instead": {1: TO_MOBILE}, "ring_parallel": True},
    ),
    Row(
        "8 who rang is not rung again in that round: the member who was the target",
        [f"ring {RAF} 30", f"ring {ARA} 15", f"again ring {RAF} 30"],
        {"instead": {1: to_member(2)}, "overflow": NONE},
    ),
    Row(
        "the target's presence does not matter",
        [f"ring {RAF} 30", f"ring {ARA} 15"],
        {"instead": {1: to_member(2)}, "presence": {"Raf": DND}},
    ),
    Row(
        "2 nobody passes line forwarding: the target's line sends it on",
        ["ring 4321 30"],
        {"instead": {1: to_member(2)}, "forwards": {"Raf": OUT}},
    ),
    Row(
        "the target's line is out of service: the assistants",
        [f"ring {ARA} 15", "busy"],
        {"instead": {1: to_member(2)}, "out_of_service": [RAF]},
    ),
    Row(
        "1.6 in a circle back to the manager: not rung as the manager, but as the target of the assistant's line",
        [f"ring {TIJ} 15", f"ring {ARA} 15"],
        {"instead": {1: to_member(2)}, "forwards": {"Raf": to_member(1)}},
    ),
    Row("1.6 to the own group: never rung in circles", [f"ring {RAF} 15"], {"instead": {1: to_number(NUMBER)}}),
    Row(
        "to another group's number: the call enters that group, from its greeting on",
        ["group 2", "greeting Sales.wav", f"ring {SAN} 20", f"ring {LEO} 10", "busy"],
        {"instead": {1: to_number(OTHER_NUMBER)}, **WITH_SALES, "other": replace(SALES, welcome="Sales.wav")},
    ),
    Row(
        "two groups forwarded to each other: the second rings its assistants",
        ["group 2", f"ring {LEO} 10", "busy"],
        {"instead": {1: to_number(OTHER_NUMBER), 11: to_number(NUMBER)}, **WITH_SALES},
    ),
    Row("to the caller: the assistants", [f"ring {RAF} 15"], {"instead": {1: to_number("031 531 11 11")}}),
    Row(
        "to voicemail without a pilot: the box's number is not called where the call comes from it",
        [f"ring {RAF} 15"],
        {"instead": {1: TO_VOICEMAIL}},
        caller=BOX,
    ),
    Row(
        "to another phone of the manager, who calls from it: the normal flow without the manager",
        [f"ring {RAF} 15"],
        {"instead": {1: TO_MOBILE}},
        caller=MOBILE,
    ),
]

LINE = [
    # The manual, "Groups: Timeout and overflow"
    Row(
        "to the next member whose status is Online or Forwarding",
        [f"ring {TIJ} 30", "ring 4321 15", f"ring {ARA} 15", "busy"],
        {"forwards": {"Raf": OUT}, "presence": {"Raf": AWAY}},
    ),
    # The manual, "Set forwarding": for regular members the line's forwarding is used
    Row("no forwarding", [f"ring {TIJ} 30", f"ring {RAF} 15"], {"forwards": {"Raf": NO_FORWARDING}}),
    Row("voicemail", [f"ring {TIJ} 30", "ring 81175 15"], {"forwards": {"Raf": TO_VOICEMAIL}}),
    Row("mobile", [f"ring {TIJ} 30", f"ring {RAFS_MOBILE} 15"], {"forwards": {"Raf": TO_MOBILE}}),
    Row(
        "a member",
        [f"ring {TIJ} 30", f"ring {LEO} 15", f"ring {ARA} 15"],
        {"forwards": {"Raf": to_member(12)}, **WITH_SALES},
    ),
    Row(
        "mobile of somebody who has none: no forwarding",
        [f"ring {TIJ} 30", f"ring {ARA} 15", "busy"],
        {"forwards": {"Raf": TO_MOBILE}, "team": members("Tij", "Leo", "Ara"), "presence": {"Leo": AWAY}},
    ),
    # The specification
    Row(
        "1.2.4 eligible with forwarding set, whatever the presence (Unavailable)",
        [f"ring {TIJ} 30", "ring 4321 15", f"ring {ARA} 15"],
        {"forwards": {"Raf": OUT}, "presence": {"Raf": GONE}},
    ),
    Row(
        "1.2.4 the manager is available by presence only",
        [f"ring {RAF} 15"],
        {"forwards": {"Tij": OUT}, "presence": {"Tij": AWAY}},
    ),
    Row(
        "1.2.4 service is that of the phone which rings: a forwarded line needs no phone",
        [f"ring {TIJ} 30", "ring 4321 15"],
        {"forwards": {"Raf": OUT}, "out_of_service": [RAF]},
    ),
    Row(
        "1.2.4 service is that of the phone which rings: forwarded to one without",
        [f"ring {TIJ} 30", f"ring {ARA} 15"],
        {"forwards": {"Raf": to_number(LEO)}, "out_of_service": [LEO]},
    ),
    Row(
        "parallel ringing: where the first assistant's line is forwarded to",
        [f"ring {TIJ}+4321 30", f"ring {ARA} 15"],
        {"forwards": {"Raf": OUT}, "presence": {"Raf": AWAY}, "ring_parallel": True},
    ),
    Row(
        "parallel ringing: the manager's line may be forwarded",
        [f"ring 4321+{RAF} 30", f"ring {ARA} 15"],
        {"forwards": {"Tij": OUT}, "ring_parallel": True},
    ),
    Row(
        "parallel ringing: not twice the same phone",
        [f"ring {TIJ}+{ARA} 30", "busy"],
        {"forwards": {"Raf": to_number(TIJ)}, "ring_parallel": True},
    ),
    Row(
        "a phone rings once a round",
        [f"ring {TIJ} 30", f"ring {LEO} 15", "busy"],
        {"forwards": {"Raf": to_number(LEO), "Ara": to_number(LEO)}},
    ),
    Row(
        "mailboxes are apart though they have one pilot",
        [f"ring {TIJ} 30", "ring 80000 15", "ring 80000 15", "busy"],
        {
            "forwards": {"Raf": TO_VOICEMAIL, "Leo": TO_VOICEMAIL, "Ara": to_member(2)},
            "presence": {"Leo": AWAY},
            "pilot": "80000",
            "team": members("Tij", "Raf", "Ara", "Leo"),
        },
    ),
    Row(
        "1.2.1 the caller's own line never rings, by nobody's forwarding",
        [f"ring {TIJ} 30", "busy"],
        {"forwards": {"Ara": to_number(RAF)}},
        caller=RAF,
    ),
    Row(
        "1.2.1 nor the caller's mobile",
        [f"ring {TIJ} 30", f"ring {ARA} 15"],
        {"forwards": {"Raf": TO_MOBILE}},
        caller=RAFS_MOBILE,
    ),
    Row(
        "to another group's number: the call enters that group when its turn has come",
        [f"ring {TIJ} 30", "group 2", f"ring {SAN} 20"],
        {"forwards": {"Raf": to_number(OTHER_NUMBER)}, **WITH_SALES},
    ),
    Row(
        "to another group's number: not beside the manager",
        [f"ring {TIJ}+{ARA} 30", "group 2"],
        {"forwards": {"Raf": to_number(OTHER_NUMBER)}, **WITH_SALES, "ring_parallel": True},
    ),
    Row(
        "to the own group's number: not rung in circles",
        [f"ring {TIJ} 30", f"ring {ARA} 15"],
        {"forwards": {"Raf": to_number(NUMBER)}},
    ),
    Row(
        "1.6 lines in a circle: never rung",
        [f"ring {TIJ} 30", "busy"],
        {"forwards": {"Raf": to_member(3), "Ara": to_member(2)}},
    ),
    Row(
        "1.2.6 everybody in a circle, overflow none: wait",
        ["wait"],
        {"forwards": {"Raf": to_member(3), "Ara": to_member(2)}, "presence": {"Tij": AWAY}, "overflow": NONE},
    ),
    Row(
        "1.2.1 direct: as if the manager's line had been dialled, which the switch forwards",
        [f"direct {TIJ}"],
        {"assistant_to_manager": True, "forwards": {"Tij": OUT}, "instead": {1: TO_MOBILE}},
        caller=RAF,
    ),
    Row(
        "1.6 direct: not to a line that leads back to the group",
        [f"ring {ARA} 15"],
        {"assistant_to_manager": True, "forwards": {"Tij": to_number(NUMBER)}},
        caller=RAF,
    ),
    Row(
        "1.6 direct: not to a line that leads back to the caller",
        [f"ring {ARA} 15"],
        {"assistant_to_manager": True, "forwards": {"Tij": to_member(2)}},
        caller=RAF,
    ),
    # Overflow
    Row(
        "1.2.6 overflow to a line that is forwarded: the switch forwards",
        [f"number {LEO} from {NUMBER}"],
        {"overflow": Overflow(OverflowTo.NUMBER, LEO), "forwards": {"Leo": OUT}, "team": ()},
    ),
    Row(
        "1.2.6 overflow to a line that is forwarded back to the group ends busy",
        ["busy"],
        {"overflow": Overflow(OverflowTo.NUMBER, LEO), "forwards": {"Leo": to_number(NUMBER)}, "team": ()},
    ),
    Row(
        "1.2.6 overflow to a line that is forwarded to another group: that group",
        ["group 2"],
        {
            "overflow": Overflow(OverflowTo.NUMBER, LEO),
            "forwards": {"Leo": to_number(OTHER_NUMBER)},
            "team": (),
            **WITH_SALES,
        },
    ),
    Row(
        "1.2.6 overflow to a line in a circle ends busy",
        ["busy"],
        {"overflow": Overflow(OverflowTo.NUMBER, LEO), "forwards": {"Leo": to_number(LEO)}, "team": ()},
    ),
    Row(
        "1.2.6 overflow to the caller ends busy",
        ["busy"],
        {"overflow": Overflow(OverflowTo.NUMBER, LEO), "team": ()},
        caller=LEO,
    ),
    Row(
        "1.2.6 overflow to voicemail without a pilot: not where its line is forwarded to the caller",
        ["busy"],
        {"overflow": Overflow(OverflowTo.VOICEMAIL, SAN), "forwards": {"San": to_number(LEO)}, "team": ()},
        caller=LEO,
    ),
    Row(
        "1.2.6 overflow to voicemail without a pilot: the line of that number is forwarded in a circle",
        ["busy"],
        {"overflow": Overflow(OverflowTo.VOICEMAIL, LEO), "forwards": {"Leo": to_number(LEO)}, "team": ()},
    ),
    Row(
        "1.2.6 overflow to voicemail: to the pilot, diverted from the box",
        [f"voicemail {TIJ} from {NUMBER},{TIJ}"],
        {"overflow": Overflow(OverflowTo.VOICEMAIL, TIJ), "team": (), "pilot": "80000"},
    ),
]


class ForwardingTests(SynchronousTestCase):
    def test_application_rows(self) -> None:
        look(self, APPLICATION)

    def test_line_rows(self) -> None:
        look(self, LINE)
