"""The manual's appendix of call flow examples as dry runs, each told in the three languages."""

from dataclasses import dataclass
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from magroup.model.groups import Overflow, OverflowTo, VipRouting
from magroup.model.languages import Language
from magroup.model.presence import Presence
from magroup.policy import dry_run, enter, trail_in_words
from tests.policy.company import (
    ARA,
    CALLER,
    RAF,
    SALES,
    TIJ,
    TO_ASSISTANTS,
    TO_MOBILE,
    members,
    snapshot,
    to_number,
)
from tests.policy.walking import seen

AWAY, DND = Presence.AWAY, Presence.DND
TO_4321 = Overflow(OverflowTo.NUMBER, "4321")


@dataclass
class Example:
    """What is so, who calls, the steps if nobody answers, and the reasons in English, German and French."""

    source: str
    world: dict[str, Any]
    sees: list[str]
    english: str
    german: str
    french: str
    caller: str = CALLER


EXAMPLES = [
    Example(
        "Manager is available: the manager rings; then each assistant, and the overflow",
        {"overflow": TO_4321},
        [f"ring {TIJ} 30", f"ring {RAF} 15", f"ring {ARA} 15", "number 4321 from 8973"],
        "manager rings 30 s; assistant Raf rings 15 s; assistant Ara rings 15 s; overflow to 4321",
        "klingelt beim Manager 30 s; klingelt bei Assistenz Raf 15 s; klingelt bei Assistenz Ara 15 s;"
        " Überlauf zu 4321",
        "sonne chez le manager 30 s; sonne chez Raf 15 s; sonne chez Ara 15 s; débordement vers 4321",
    ),
    Example(
        "Manager is available: with the greeting before anything rings",
        {"welcome": "Welcome.wav", "team": members("Tij")},
        ["greeting Welcome.wav", f"ring {TIJ} 30", "busy"],
        "greeting; manager rings 30 s; overflow busy",
        "Ansage; klingelt beim Manager 30 s; Überlauf besetzt",
        "annonce; sonne chez le manager 30 s; débordement occupé",
    ),
    Example(
        "Manager is available: the first available assistant rings in parallel",
        {"ring_parallel": True, "presence": {"Raf": AWAY}},
        [f"ring {TIJ}+{ARA} 30", "busy"],
        "Raf Away; manager rings 30 s; assistant Ara rings 30 s; overflow busy",
        "Raf abwesend; klingelt beim Manager 30 s; klingelt bei Assistenz Ara 30 s; Überlauf besetzt",
        "Raf absent; sonne chez le manager 30 s; sonne chez Ara 30 s; débordement occupé",
    ),
    Example(
        "Manager unavailable: assistant B, then C, the end of the list, the overflow",
        {"presence": {"Tij": DND}, "overflow": TO_4321},
        [f"ring {RAF} 15", f"ring {ARA} 15", "number 4321 from 8973"],
        "manager Do Not Disturb; assistant Raf rings 15 s; assistant Ara rings 15 s; overflow to 4321",
        "Manager mit Status Nicht stören; klingelt bei Assistenz Raf 15 s; klingelt bei Assistenz Ara 15 s;"
        " Überlauf zu 4321",
        "manager au statut Ne pas déranger; sonne chez Raf 15 s; sonne chez Ara 15 s; débordement vers 4321",
    ),
    Example(
        "Manager unavailable: and no assistant either",
        {"presence": {"Tij": AWAY, "Raf": DND}, "out_of_service": [ARA], "overflow": Overflow()},
        ["wait"],
        "manager Away; Raf Do Not Disturb; Ara's line out of service; nobody available, waiting",
        "Manager abwesend; Raf mit Status Nicht stören; Leitung von Ara außer Betrieb; niemand verfügbar, wartet",
        "manager absent; Raf au statut Ne pas déranger; ligne de Ara hors service; personne de disponible, en attente",
    ),
    Example(
        "VIP calls: to the manager regardless of the presence",
        {"vips": [CALLER], "presence": {"Tij": DND}, "vip_routing": VipRouting.MANAGER_ONLY},
        [f"ring {TIJ} 30", "busy"],
        f"VIP by list entry {CALLER}; manager rings 30 s; VIP to manager only; overflow busy",
        f"VIP durch Listeneintrag {CALLER}; klingelt beim Manager 30 s; VIP nur zum Manager; Überlauf besetzt",
        f"VIP par l'entrée {CALLER} de la liste; sonne chez le manager 30 s; VIP chez le manager seulement;"
        " débordement occupé",
    ),
    Example(
        "VIP calls: they override application forwarding",
        {"vip_threshold": 0, "instead": {1: TO_MOBILE}, "team": members("Tij")},
        [f"ring {TIJ} 30", "busy"],
        "VIP like every caller; manager rings 30 s; overflow busy",
        "VIP wie alle Anrufer; klingelt beim Manager 30 s; Überlauf besetzt",
        "VIP comme tous les appelants; sonne chez le manager 30 s; débordement occupé",
    ),
    Example(
        "VIP calls: they do not bypass forwarding of the phone line",
        {"vip_threshold": 0, "forwards": {"Tij": to_number("4321")}, "team": members("Tij")},
        ["ring 4321 30", "busy"],
        "VIP like every caller; Tij's line forwarded to 4321; manager rings 30 s; overflow busy",
        "VIP wie alle Anrufer; Leitung von Tij umgeleitet zu 4321; klingelt beim Manager 30 s; Überlauf besetzt",
        "VIP comme tous les appelants; ligne de Tij renvoyée vers 4321; sonne chez le manager 30 s; débordement occupé",
    ),
    Example(
        "Others than VIPs: the manager's application forwarding holds",
        {"instead": {1: TO_ASSISTANTS}, "team": members("Tij", "Raf")},
        [f"ring {RAF} 15", "busy"],
        "manager forwards to the group; assistant Raf rings 15 s; overflow busy",
        "Manager leitet um zur Gruppe; klingelt bei Assistenz Raf 15 s; Überlauf besetzt",
        "manager renvoie vers le groupe; sonne chez Raf 15 s; débordement occupé",
    ),
    Example(
        "Direct calls: an assistant goes to the manager, past presence, application forwarding and timeouts",
        {"assistant_to_manager": True, "presence": {"Tij": DND}, "instead": {1: TO_MOBILE}},
        [f"direct {TIJ}"],
        "Raf directly to the manager",
        "Raf direkt zum Manager",
        "Raf directement chez le manager",
        caller=RAF,
    ),
    Example(
        "Groups: another group as overflow, whose end of the list is busy",
        {
            "overflow": Overflow(OverflowTo.GROUP, "2"),
            "presence": {"Tij": AWAY},
            "team": members("Tij"),
            "other": SALES,
            "other_team": members("San", manager="San", group_id=2, first_id=11),
        },
        ["group 2", "ring 1072 20", "busy"],
        "manager Away; overflow to group Sales; manager rings 20 s; overflow busy",
        "Manager abwesend; Überlauf zur Gruppe Sales; klingelt beim Manager 20 s; Überlauf besetzt",
        "manager absent; débordement vers le groupe Sales; sonne chez le manager 20 s; débordement occupé",
    ),
]


class CallFlowExamples(SynchronousTestCase):
    def test_steps(self) -> None:
        for example in EXAMPLES:
            world = snapshot(**example.world)
            steps = dry_run(world, enter(world, 1, example.caller), 0.0)
            self.assertEqual([seen(step) for step in steps], example.sees, example.source)

    def test_in_words(self) -> None:
        for example in EXAMPLES:
            world = snapshot(**example.world)
            steps = dry_run(world, enter(world, 1, example.caller), 0.0)
            trail = [reason for step in steps for reason in step.reasons]
            told = [trail_in_words(trail, language) for language in Language]
            said = {
                Language.ENGLISH: example.english, Language.GERMAN: example.german, Language.FRENCH: example.french,
            }  # fmt: skip
            self.assertEqual(told, [said[language] for language in Language], example.source)
