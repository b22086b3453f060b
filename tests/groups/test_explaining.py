"""Why a number goes where it goes: dry runs in words."""

from dataclasses import dataclass, field, replace
from itertools import pairwise
from time import thread_time
from types import SimpleNamespace
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from magroup.groups.explaining import Explainer
from magroup.groups.flow import GroupSettings
from magroup.model.configuration import Configuration
from magroup.model.explained import Explained
from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.model.groups import Member, Overflow, OverflowTo, ShowVipCalls
from magroup.model.lines import Line
from magroup.model.people import User
from magroup.model.presence import Presence, PresenceState
from magroup.model.snapshot import Snapshot
from magroup.model.standing import Allowance, Way, WayKind
from tests.policy.company import (
    ARA,
    CALLER,
    GROUP,
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
    USERS,
    members,
    snapshot,
    to_number,
)
from tests.switch.bench import run

NOW = 1_800_000_000.0
PILOT = "8888"


@dataclass
class Lines:
    """Each of the company's lines has a phone, all other numbers go over a trunk; ``ways`` are others."""

    ways: dict[str, Way] = field(default_factory=dict)
    allowances: dict[str, Allowance] = field(default_factory=dict)
    asked: list[tuple[str, str, str, bool, bool]] = field(default_factory=list)

    def way(self, number: str) -> Way:
        if number in self.ways:
            return self.ways[number]
        if number in (NUMBER, OTHER_NUMBER):
            return Way(WayKind.GROUP, number)
        if number == PILOT:
            return Way(WayKind.VOICEMAIL, number)
        if number in LINES.values():
            return Way(WayKind.LINE, number, 1, seconds=180)
        return Way(WayKind.TRUNK, number.removeprefix("0"), seconds=180, trunk="PBX")

    def allowance(
        self, number: str, sent: str, payer: str, is_group: bool, is_dialled: bool, at: float
    ) -> Allowance:  # fmt: skip
        self.asked.append((number, sent, payer, is_group, is_dialled))
        return self.allowances.get(number, Allowance())

    def seconds_of(self, sound: str) -> float:
        return 7.5


@dataclass
class Row:
    """What is so, who calls which number, what is said of the steps (with the seconds they take), and the end."""

    sees: list[str]
    end: str
    world: dict[str, Any] = field(default_factory=dict)
    caller: str = CALLER
    number: str = NUMBER
    ways: dict[str, Way] = field(default_factory=dict)
    allowances: dict[str, Allowance] = field(default_factory=dict)


def seen(explained: Explained) -> list[str]:
    return [
        " ".join(filter(None, (
            stage.words, "" if stage.seconds == 0 else "on" if stage.seconds is None else f"{stage.seconds:g} s",
            "+".join(rung.number for rung in stage.rings), *(f"[{why}]" for why in stage.why),
        )))
        for stage in explained.stages
    ]  # fmt: skip


async def nothing() -> None:
    """Nobody else has anything to do."""


def said(explainer: Explainer, caller: str, number: str, at: float) -> Explained:
    explained: Explained = run(explainer.explain(caller, number, at))
    return explained


def explain(row: Row, at: float = NOW, **settings: Any) -> Explained:
    world = dict(row.world)
    pilot = world.get("pilot", "")
    application: Any = SimpleNamespace(snapshot=snapshot(**world), settings=GroupSettings(voicemail=pilot, **settings))
    explainer = Explainer(application, Lines(row.ways, row.allowances), lambda: NOW, nothing)
    return said(explainer, row.caller, row.number, at)


class Large(SynchronousTestCase):
    """As many members as a group may have."""

    def test_others_are_served_meanwhile(self) -> None:
        """No piece of work takes long, whatever all of it takes."""
        numbers = [str(2000 + at) for at in range(500)]
        configuration = Configuration(
            users=tuple(User(at, f"u{number}", number, lines=(number,)) for at, number in enumerate(numbers, 1)),
            lines=tuple(Line(number, "secret") for number in numbers), groups=(GROUP,),
            members=tuple(Member(at, 1, f"u{number}", number, f"S{at}", at == 1, at)
                          for at, number in enumerate(numbers, 1)),
        )  # fmt: skip
        application: Any = SimpleNamespace(
            snapshot=Snapshot(configuration, in_service=frozenset(numbers)), settings=GroupSettings()
        )
        pieces = [thread_time()]

        async def pause() -> None:
            pieces.append(thread_time())

        ways = Lines({number: Way(WayKind.LINE, number, 1, seconds=180) for number in numbers})
        explained = said(Explainer(application, ways, lambda: NOW, pause), CALLER, NUMBER, NOW)
        self.assertEqual(len(explained.stages), 502)
        taken = sorted(end - begun for begun, end in pairwise(pieces))
        self.assertLess(taken[len(taken) * 9 // 10], 0.05)


IN = "Comes to the group MA Group [No VIP call]"
GONE = Way(WayKind.LINE, RAF, 0, seconds=180)
UNDISTURBED = Way(WayKind.LINE, RAF, 1, True, 180)
DOWN = Way(WayKind.TRUNK, "0791111111", seconds=180, trunk="PBX", is_up=False)

ROWS = {
    "in list order": Row(
        [IN, f"Rings 30 s {TIJ}", f"Rings 15 s {RAF}", f"Rings 15 s {ARA}", "Overflow: busy on"], "busy signal"
    ),
    "away": Row(
        [IN, f"Rings 15 s {RAF} [Manager Away]", "Overflow: busy on [Ara Unavailable]"], "busy signal",
        {"presence": {"Tij": Presence.AWAY, "Ara": Presence.UNAVAILABLE}},
    ),
    "greeting": Row(
        [IN, "Greeting, in full 7.5 s", f"Rings 30 s {TIJ}", "Overflow: busy on"], "busy signal",
        {"welcome": "Welcome.wav", "team": members("Tij")},
    ),
    "parallel": Row(
        [IN, f"Rings together 30 s {TIJ}+{RAF}", f"Rings 15 s {ARA}", "Overflow: busy on"], "busy signal",
        {"ring_parallel": True},
    ),
    "again": Row([IN, f"Rings 30 s {TIJ}"], "again from the top", {
        "team": members("Tij"), "overflow": Overflow(OverflowTo.NONE),
    }),
    "for ever": Row([IN, f"Rings on {TIJ}"], "until somebody answers", {"manager_timeout": 0}),
    "nobody": Row(
        [IN, "Waits on [Manager's line out of service] [Raf's line out of service] [Ara's line out of service] "
             "[Nobody available, waiting]"],
        "until somebody can be rung", {"overflow": Overflow(OverflowTo.NONE), "out_of_service": LINES.values()},
    ),
    "nobody reached": Row(
        [IN, f"Nothing rings, on at once {RAF}", "Waits 5 s [Nobody reached, waiting]"], "again from the top",
        {"team": members("Raf", manager=""), "overflow": Overflow(OverflowTo.NONE)}, ways={RAF: UNDISTURBED},
    ),
    "overflow to a number": Row(
        [IN, f"Rings 30 s {TIJ}", "Overflow to 0443334444", "Rings 180 s 0443334444"], "Nobody answers",
        {"team": members("Tij"), "overflow": Overflow(OverflowTo.NUMBER, "0443334444")},
    ),
    "overflow to a forwarded line": Row(
        [IN, f"Rings 30 s {TIJ}", f"Overflow to Leo ({LEO})", f"Leo ({LEO}) is forwarded to San ({SAN})",
         f"Rings 180 s {SAN}"],
        "Nobody answers",
        {"team": members("Tij"), "overflow": Overflow(OverflowTo.NUMBER, LEO), "forwards": {"Leo": to_number(SAN)}},
    ),
    "overflow to a group": Row(
        [IN, f"Rings 30 s {TIJ}", "Overflow to the group Sales", "Comes to the group Sales [No VIP call]",
         f"Rings 20 s {LEO}", "Overflow: busy on"],
        "busy signal",
        {"team": members("Tij"), "other": SALES, "overflow": Overflow(OverflowTo.GROUP, "2"),
         "other_team": members("Leo", manager="Leo", group_id=2, first_id=9)},
    ),
    "overflow to voicemail": Row(
        [IN, f"Rings 30 s {TIJ}", "Overflow to the voicemail of 81047"], f"voicemail answers at {PILOT}",
        {"team": members("Tij"), "overflow": Overflow(OverflowTo.VOICEMAIL, "81047"), "pilot": PILOT},
    ),
    "manager forwards to the group": Row(
        [IN, f"Rings 15 s {RAF} [Manager forwards to the group]", f"Rings 15 s {ARA}", "Overflow: busy on"],
        "busy signal", {"instead": {1: TO_ASSISTANTS}},
    ),
    "manager forwards to the mobile": Row(
        [IN, "Rings 30 s 0791111111 [Manager forwards to mobile]", f"Rings 15 s {RAF}", f"Rings 15 s {ARA}",
         "Overflow: busy on"],
        "busy signal", {"instead": {1: TO_MOBILE}},
    ),
    "the trunk to the mobile is down": Row(
        [IN, "Nothing rings, on at once 0791111111 [Manager forwards to mobile]", f"Rings 15 s {RAF}",
         f"Rings 15 s {ARA}", "Overflow: busy on"],
        "busy signal", {"instead": {1: TO_MOBILE}}, ways={"0791111111": DOWN},
    ),
    "manager forwards to the voicemail": Row(
        [IN, "The voicemail takes the call [Manager forwards to voicemail]"], "voicemail answers for Tij",
        {"instead": {1: TO_VOICEMAIL}, "pilot": PILOT},
    ),
    "VIP": Row(
        ["Comes to the group MA Group [A VIP call (VIP by list entry 0315!; all see it, marked)]", f"Rings 30 s {TIJ}",
         f"Rings 15 s {RAF}", f"Rings 15 s {ARA}", "Overflow: busy on"],
        "busy signal",
        {"vips": ["0315!"], "presence": {"Tij": Presence.DND}, "show_vip_calls": ShowVipCalls.MARKED},
    ),
    "assistant calls": Row(
        [IN, "Directly to the manager's line [Raf directly to the manager]", f"Rings 180 s {TIJ}"], "Nobody answers",
        {"assistant_to_manager": True}, RAF,
    ),
    "a line": Row([f"Rings 180 s {LEO}"], "Nobody answers", number=LEO),
    "a line without a phone": Row([], "480 Temporarily Unavailable", number=RAF, ways={RAF: GONE}),
    "a line not to be disturbed": Row([], "480 Do Not Disturb", number=RAF, ways={RAF: UNDISTURBED}),
    "the own line": Row([], "486 Busy Here", caller=RAF, number=RAF),
    "a line forwarded to a group": Row(
        [f"Leo ({LEO}) is forwarded to {NUMBER}", IN, f"Rings 30 s {TIJ}", "Overflow: busy on"], "busy signal",
        {"forwards": {"Leo": to_number(NUMBER)}, "team": members("Tij")}, number=LEO,
    ),
    "a line forwarded to the voicemail": Row(
        [f"Raf ({RAF}) is forwarded to {PILOT} [Through {RAF}, 81175]"], "voicemail answers",
        {"forwards": {"Raf": TO_VOICEMAIL}, "pilot": PILOT}, number=RAF,
    ),
    "in a circle": Row(
        [], "482 Loop Detected", {"forwards": {"Leo": to_number(SAN), "San": to_number(LEO)}}, number=LEO
    ),
    "outside": Row(["Rings 180 s 0443334444"], "Nobody answers", number="0443334444"),
    "outside, the trunk is down": Row([], "trunk PBX does not answer: the call is refused (503", number="0791111111",
                                      ways={"0791111111": DOWN}),
    "unknown": Row([], "404 Not Found", number="77", ways={"77": Way(WayKind.NOBODY, "77")}),
    "pickup": Row([], "code to pick up", number="*8", ways={"*8": Way(WayKind.PICKUP, "*8")}),
    "voicemail": Row([], "voicemail answers", {"pilot": PILOT}, number=PILOT),
}  # fmt: skip


class Told(SynchronousTestCase):
    """Steps and ends."""

    def test_rows(self) -> None:
        for name, row in ROWS.items():
            explained = explain(row)
            self.assertEqual(seen(explained), row.sees, name)
            self.assertIn(row.end, explained.end, name)

    def test_times(self) -> None:
        """Each step begins when the one before is over."""
        stages = explain(ROWS["greeting"]).stages
        self.assertEqual([stage.at - NOW for stage in stages], [0, 0, 7.5, 37.5])

    def test_trail(self) -> None:
        """As the journal has it after such a call."""
        self.assertEqual(
            explain(ROWS["away"]).trail, "manager Away; assistant Raf rang 15 s; Ara Unavailable; overflow busy"
        )
        self.assertEqual(explain(ROWS["a line"]).trail, "")

    def test_who_rings(self) -> None:
        row = Row([], "", {"caller_name": "%managerShortName%: %callerName%", "caller_number": "%callerNumber%"})
        rungs = [rung for stage in explain(row).stages for rung in stage.rings]
        whos = ["Tij (manager Tij)", "Raf (assistant Raf)", "Ara (assistant Ara)"]
        self.assertEqual([rung.who for rung in rungs], whos)
        self.assertEqual({rung.how for rung in rungs}, {"1 phone"})
        self.assertEqual([rung.shows for rung in rungs], [CALLER, f"Tij: {CALLER}", f"Tij: {CALLER}"])
        explained = explain(ROWS["the trunk to the mobile is down"])
        (rung,) = explained.stages[1].rings
        self.assertEqual((rung.who, rung.is_reached), ("0791111111 for Tij", False))
        self.assertEqual(rung.how, "the trunk PBX does not answer")

    def test_heard(self) -> None:
        stages = explain(Row([], "", {"waiting": ["a.wav", "b.wav"], "welcome": "w.wav"})).stages
        self.assertEqual([stage.hears for stage in stages][1:3], ["w.wav", "a.wav, b.wav, over and over"])

    def test_parties(self) -> None:
        for caller, said in (
            (RAF, f"Raf ({RAF}), a line here"), (CALLER, f"{CALLER}, from outside"),
            ("", "A caller without a number, from outside"),
        ):  # fmt: skip
            self.assertEqual(explain(Row([], "", caller=caller)).caller, said)
        self.assertEqual(explain(ROWS["a line"]).called, f"{LEO}, Leo")
        self.assertEqual(explain(ROWS["away"]).called, f"{NUMBER}, the manager number of MA Group")

    def test_forwardings_without_end(self) -> None:
        """A line that is a group's overflow and forwarded to another group, which overflows to a line again."""
        row = Row([], "", {
            "team": members("Tij"), "other": replace(SALES, overflow=Overflow(OverflowTo.NUMBER, SAN)),
            "overflow": Overflow(OverflowTo.NUMBER, OTHER_NUMBER), "forwards": {"San": to_number(NUMBER)},
        })  # fmt: skip
        self.assertIn("busy signal", explain(row).end)


class Uncertain(SynchronousTestCase):
    """What a dry run cannot know."""

    def test_now(self) -> None:
        explained = explain(ROWS["in list order"])
        self.assertEqual((explained.remarks, explained.changed), ((), ()))

    def test_other_instants(self) -> None:
        for at in (NOW - 3600, NOW + 86400):
            (remark,) = explain(ROWS["in list order"], at).remarks
            self.assertIn("as they are now", remark)

    def test_changed_since(self) -> None:
        world = snapshot(
            instead={1: replace(TO_ASSISTANTS, since=NOW - 60)},
            forwards={"Raf": Forwarding(ForwardTo.NUMBER, SAN, since=NOW - 70)},
        )
        world = replace(world, presence={USERS["Ara"]: PresenceState(Presence.AWAY, since=NOW - 80)})
        application: Any = SimpleNamespace(snapshot=world, settings=GroupSettings())
        explainer = Explainer(application, Lines(), lambda: NOW, nothing)
        self.assertEqual(said(explainer, CALLER, NUMBER, NOW).changed, ())
        changed = said(explainer, CALLER, NUMBER, NOW - 600).changed
        self.assertEqual({(one.words, NOW - one.at) for one in changed}, {
            ("The forwarding of Tij as manager", 60), (f"The forwarding of the line {RAF}", 70),
            ("The presence of Ara", 80),
        })  # fmt: skip

    def test_back_over_the_trunk(self) -> None:
        (remark,) = explain(ROWS["outside"]).remarks
        self.assertIn("over the trunk PBX itself is refused", remark)
        self.assertEqual(explain(replace(ROWS["outside"], caller=RAF)).remarks, ())


class Outside(SynchronousTestCase):
    """Calls that somebody pays for: who, and whether they may be made."""

    FULL = Allowance("line 1", "too many in this hour", ((0, 10), (120, 120), (130, 0)))

    def asked(self, caller: str, number: str, **world: Any) -> list[tuple[str, str, bool, bool]]:
        ways = Lines()
        application: Any = SimpleNamespace(snapshot=snapshot(**world), settings=GroupSettings())
        said(Explainer(application, ways, lambda: NOW, nothing), caller, number, NOW)
        return [(number, payer, is_group, is_dialled) for number, _, payer, is_group, is_dialled in ways.asked]

    def test_for_whom_it_counts(self) -> None:
        out = "0443334444"
        to_out = Forwarding(ForwardTo.NUMBER, out)
        self.assertEqual(self.asked(RAF, out), [(out, RAF, False, True)])
        self.assertEqual(self.asked(CALLER, out), [(out, "", False, False)])
        self.assertIn((out, SAN, False, False), self.asked(CALLER, SAN, forwards={"San": to_out}))
        self.assertIn((out, RAF, False, False), self.asked(CALLER, NUMBER, forwards={"Raf": to_out}))
        overflow = Overflow(OverflowTo.NUMBER, out)
        self.assertIn((out, NUMBER, True, False), self.asked(CALLER, NUMBER, overflow=overflow))

    def test_refused(self) -> None:
        row = replace(ROWS["outside"], caller=RAF, sees=[], allowances={"0443334444": self.FULL})
        explained = explain(row)
        self.assertEqual(seen(explained), [])
        self.assertIn("(403 Forbidden), too many in this hour", explained.end)
        self.assertEqual(explained.remarks, (
            "Calls to the outside count for line 1 here: 0 of 10 at once, 120 of 120 in this hour so far.",
        ))  # fmt: skip

    def test_at_a_member(self) -> None:
        """As one who does not answer at all: on at once."""
        world = {"forwards": {"Raf": Forwarding(ForwardTo.NUMBER, "0443334444")}}
        explained = explain(Row([], "", world, allowances={"0443334444": self.FULL}))
        (rung,) = next(stage for stage in explained.stages if stage.words.startswith("Nothing rings")).rings
        self.assertEqual((rung.how, rung.is_reached), ("may not be called: too many in this hour", False))

    def test_without_limits(self) -> None:
        row = replace(ROWS["outside"], caller=RAF, allowances={"0443334444": Allowance("line 1", "", ((0, 0),) * 3)})
        self.assertEqual(explain(row).remarks, ("Calls to the outside count for line 1 here, without limits.",))
