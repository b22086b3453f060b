"""Who plays which tone when a call rings at a member."""

from dataclasses import replace
from typing import Any

from magroup.groups.member_states import MemberStates
from magroup.groups.ringtones import Ringtones
from magroup.model.configuration import Configuration
from magroup.model.groups import ShowVipCalls
from magroup.model.lines import Phone
from tests.groups.world import WorldTestCase
from tests.policy.company import ARA, CALLER, LEO, RAF, SALES, TIJ, company, members

TONES = {"manager_alarm": "Harp.raw", "assistant_alarm": "Chime.raw"}


class RingtonesCase(WorldTestCase):
    """Each has a phone ``sep`` and the number; ``played`` is what the phones were told."""

    in_calls = False
    options: dict[str, Any] = {}

    def configuration(self) -> Configuration:
        return self.with_phones(company(**TONES, **self.options))

    @staticmethod
    def with_phones(configuration: Configuration) -> Configuration:
        return replace(configuration, phones=tuple(Phone(f"SEP{line.number}", lines=(line.number,))
                                                   for line in configuration.lines))  # fmt: skip

    def setUp(self) -> None:
        super().setUp()
        self.now = self.configuration()
        self.states = MemberStates(self.switch, self.application)
        self.states.start()
        self.played: list[tuple[str, str]] = []
        self.wanted: list[Any] = []
        self.ringtones = Ringtones(
            self.switch, self.states, self.application, lambda: self.now, self.play, lambda: self.in_calls, self.clock
        )  # fmt: skip
        self.ringtones.start()

    def tearDown(self) -> None:
        for call in self.switch.calls():
            self.switch.caller_hangs_up(call.id)
        self.clock.advance(0)
        self.assertEqual(len(self.ringtones), 0)
        self.ringtones.stop()
        super().tearDown()
        self.states.stop()

    def play(self, device: str, tone: str, wanted: Any) -> None:
        self.played.append((device.removeprefix("sep"), tone))
        self.wanted.append(wanted)

    def heard(self) -> dict[str, str]:
        """Who has heard what since the last time; nobody hears two tones."""
        self.clock.advance(0)
        played, self.played = self.played, []
        self.assertEqual(len(dict(played)), len(played))
        return dict(played)


class Ring(RingtonesCase):
    def test_manager_then_assistant(self) -> None:
        call = self.dial()
        self.assertEqual(self.heard(), {RAF: "Harp.raw", ARA: "Harp.raw"})
        self.switch.device_busy(call, TIJ)
        self.assertEqual(self.heard(), {TIJ: "Chime.raw", ARA: "Chime.raw"})

    def test_once(self) -> None:
        """A call that comes round to the same member again is heard no second time, another call is."""
        call = self.dial()
        self.heard()
        self.switch.device_rings(call, TIJ)
        self.assertEqual(self.heard(), {})
        self.dial("0441112233")
        self.assertEqual(self.heard(), {RAF: "Harp.raw", ARA: "Harp.raw"})

    def test_own_number(self) -> None:
        """A call to the member's own number is directed to the member as well."""
        self.dial(number=RAF)
        self.assertEqual(self.heard(), {TIJ: "Chime.raw", ARA: "Chime.raw"})

    def test_no_member(self) -> None:
        self.dial(number=LEO)
        self.assertEqual(self.heard(), {})

    def test_in_a_conversation(self) -> None:
        """A tone would sound in the ear of who talks."""
        talk = self.dial(number=RAF)
        self.heard()
        self.switch.device_answers(talk, RAF)
        self.dial()
        self.assertEqual(self.heard(), {ARA: "Harp.raw"})
        self.switch.device_holds(talk, RAF)
        self.dial("0441112233", number=ARA)
        self.assertEqual(self.heard(), {TIJ: "Chime.raw", RAF: "Chime.raw"})

    def test_in_a_conversation_where_it_is_wanted(self) -> None:
        self.in_calls = True
        talk = self.dial(number=RAF)
        self.heard()
        self.switch.device_answers(talk, RAF)
        self.dial()
        self.assertEqual(self.heard(), {RAF: "Harp.raw", ARA: "Harp.raw"})

    def test_wanted_while_it_rings(self) -> None:
        call = self.dial()
        self.heard()
        self.assertTrue(all(wanted() for wanted in self.wanted))
        self.switch.device_answers(call, TIJ)
        self.assertFalse(any(wanted() for wanted in self.wanted))

    def test_over_at_once(self) -> None:
        """Who has hung up before anybody was told is heard by nobody."""
        call = self.dial()
        self.switch.caller_hangs_up(call)
        self.assertEqual(self.heard(), {})

    def test_no_tone(self) -> None:
        self.now = self.with_phones(company(manager_alarm="", assistant_alarm="Chime.raw"))
        self.dial()
        self.assertEqual(self.heard(), {})

    def test_shared_line_and_second_phone(self) -> None:
        """Neither another phone of the same line nor another one of the same person plays."""
        user = self.now.user("tijana")
        assert user is not None
        users = tuple(replace(one, lines=(TIJ, LEO)) if one is user else one for one in self.now.users)
        more = (Phone("Softphone", lines=(TIJ,)), Phone("Conference", lines=(RAF, ARA)))
        self.now = replace(self.now, users=users, phones=(*self.now.phones, *more))
        self.dial()
        self.assertEqual(self.heard(), {RAF: "Harp.raw", ARA: "Harp.raw", "conference": "Harp.raw"})

    def test_two_groups(self) -> None:
        """The others of both groups hear it, who is in both once."""
        other = replace(SALES, manager_alarm="Piano1.raw", assistant_alarm="MusicBox.raw")
        team = members("Leo", "Raf", "Ara", manager="Leo", group_id=2, first_id=11)
        self.now = self.with_phones(company(**TONES, other=other, other_team=team))
        self.dial(number=RAF)
        self.assertEqual(self.heard(), {TIJ: "Chime.raw", ARA: "Chime.raw", LEO: "MusicBox.raw"})


class Parallel(RingtonesCase):
    options = {"ring_parallel": True}

    def test_who_rings_plays_nothing(self) -> None:
        self.dial()
        self.assertEqual(self.heard(), {ARA: "Harp.raw"})


class Vip(RingtonesCase):
    options = {"vips": [CALLER], "show_vip_calls": ShowVipCalls.MANAGER}

    def test_silent(self) -> None:
        self.dial()
        self.assertEqual(self.heard(), {})
        self.dial("0441112233", number=RAF)
        self.assertEqual(self.heard(), {TIJ: "Chime.raw", ARA: "Chime.raw"})
