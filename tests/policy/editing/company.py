"""The company that edits are tried on."""

from collections.abc import Callable
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from magroup.model.configuration import Configuration
from magroup.model.groups import Announcement, Group, Member, Overflow, OverflowTo, VipEntry
from magroup.model.lines import Line, Phone, Trunk
from magroup.model.numbers import NumberPlan
from magroup.model.people import Contact, User
from magroup.model.service_numbers import ServiceNumbers
from magroup.policy.editing import EditError, Problem, Rules
from tests.policy.editing.invariants import broken

WAVES = {"welcome.wav": "Welcome.wav", "music.wav": "Music.wav", "busy.wav": "busy.wav"}
TONES = {"chime.mp3": "Chime.mp3"}
RULES = Rules(
    ServiceNumbers(("*8",), "*97"),
    lambda name: WAVES.get(name.casefold(), ""),
    lambda name: TONES.get(name.casefold(), ""),
)

COMPANY = Configuration(
    users=(
        User(1, "Maria.Rossi", "Maria", "Rossi", lines=("1071",)),
        User(2, "Rafael.Hidalgo", "Rafael", "Hidalgo", lines=("1175", "1176")),
        User(3, "Ara", "Aradhana", "Jaggi", lines=("1068",)),
    ),
    lines=(
        *(Line("1068"), Line("1071", displayed_group=45), Line("1175"), Line("1176", displayed_group=46)),
        Line("031 531 11 13"),
    ),
    phones=(Phone("SEP001122334455", lines=("1071", "1175")),),
    contacts=(Contact(5, "079 111 22 33", "Head"),),
    trunks=(Trunk(1, "PBX", "pbx.example.com", is_default=True), Trunk(2, "Carrier", "192.0.2.1")),
    groups=(
        Group(45, "Accounting", number="5555"),
        Group(46, "Board", number="+41 31 531 11 11", overflow=Overflow(OverflowTo.GROUP, "45")),
        Group(47, "Empty", welcome="gone.wav"),
    ),
    members=(
        Member(220, 45, "Maria.Rossi", "1071", "Mar", True, 1),
        Member(221, 45, "Rafael.Hidalgo", "1175", "Raf", False, 2),
        Member(222, 45, "Rafael.Hidalgo", "1176", "Raf2", False, 3),
        Member(223, 45, "Ara", "1068", "Ara", False, 4),
        Member(230, 46, "Ara", "1068", "Ara", True, 1),
        Member(231, 46, "Maria.Rossi", "1071", "Mar", False, 2),
    ),
    announcements=(
        Announcement(19, 45, "Welcome.wav", 1),
        Announcement(23, 45, "busy.wav", 2),
        Announcement(22, 45, "Music.wav", 3),
        Announcement(30, 46, "Music.wav", 1),
    ),
    vips=(VipEntry(253, 220, "1077", "Head"), VipEntry(254, 220, "+1509XXXXXXX"), VipEntry(255, 230, "0800!")),
    plan=NumberPlan(country_code="41", area_code="31"),
)


class EditCase(SynchronousTestCase):
    """Edits of COMPANY: what is left holds together, what is refused says why."""

    def done(self, edit: Callable[..., Configuration], *arguments: Any, **named: Any) -> Configuration:
        """The edited company."""
        new = edit(COMPANY, *arguments, **named)
        self.assertEqual(broken(new), [])
        return new

    def refused(
        self, problem: Problem, field: str, edit: Callable[..., Configuration], *arguments: Any, **named: Any
    ) -> None:  # fmt: skip
        error = self.assertRaises(EditError, edit, COMPANY, *arguments, **named)
        self.assertEqual((error.problem, error.field), (problem, field), error.sentence)
        self.assertNotIn("\n", error.sentence)
