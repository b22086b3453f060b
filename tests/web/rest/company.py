"""The company of the manual's examples."""

from magroup.model.configuration import Configuration
from magroup.model.groups import Announcement, Group, Member, Overflow, OverflowTo, VipEntry
from magroup.model.lines import Line
from magroup.model.people import User

USERS = (
    ("Maria.Rossi", "Maria", "Rossi", "1071"),
    ("Rafael.Hidalgo", "Rafael", "Hidalgo", "1175"),
    ("Aradhana.Jaggi", "Aradhana", "Jaggi", "1068"),
    ("Leonard.Saligny", "Léonard", "Saligny", "1069"),
    ("Maria.Santos", "Maria", "Santos", "1201"),
    ("Chiyo.Fujimoto", "Chiyo", "Fujimoto", "1202"),
    ("Romeo.Girard", "Romeo", "Girard", "1203"),
    ("Frederique.Voclain", "Frédérique", "Voclain", "1204"),
    ("Gabriela.Kronberger", "Gabriela", "Kronberger", "1077"),
)
_LINES = {name: number for name, _, _, number in USERS}

_SUPPORT = {
    "welcome": "Welcome.wav",
    "manager_timeout": 10,
    "assistant_timeout": 10,
    "overflow": Overflow(OverflowTo.NUMBER, "5555"),
    "caller_name": "%managerShortName%**callerName%",
    "caller_number": "%managerNumber%**callerNumber%",
    "manager_alarm": "Analog1.raw",
    "assistant_alarm": "Analog2.raw",
    "manager_alarm_gadget": "Analog1.mp3",
    "assistant_alarm_gadget": "Analog2.mp3",
}


def _member(id: int, group_id: int, name: str, short: str, position: int, is_manager: bool = False) -> Member:
    return Member(id, group_id, name, _LINES[name], short, is_manager, position)


COMPANY = Configuration(
    users=tuple(
        User(id, name, first, last, lines=(number,)) for id, (name, first, last, number) in enumerate(USERS, 1)
    ),
    lines=tuple(Line(number, displayed_group=45 if number in ("1175", "1068") else 0) for _, _, _, number in USERS),
    groups=(
        Group(26, "1st level support", number="5544", **_SUPPORT),  # type: ignore[arg-type]
        Group(29, "2nd level support"),
        Group(45, "Accounting", number="5555"),
        Group(64, "Sales"),
        Group(71, "Internal support"),
        Group(2504, "Board"),
    ),
    members=(
        _member(72, 45, "Maria.Rossi", "Mar", 1, True),
        _member(198, 45, "Rafael.Hidalgo", "Raf", 2),
        _member(102, 45, "Aradhana.Jaggi", "Ara", 3),
        _member(103, 45, "Leonard.Saligny", "Léo", 4),
        _member(27, 26, "Gabriela.Kronberger", "Gab", 1, True),
        _member(278, 64, "Maria.Santos", "Mar", 1),
        _member(279, 64, "Chiyo.Fujimoto", "Chi", 2),
        _member(280, 64, "Romeo.Girard", "Rom", 3),
        _member(281, 64, "Frederique.Voclain", "Fre", 4),
    ),
    announcements=(
        Announcement(19, 2504, "welcome.wav", 1),
        Announcement(23, 2504, "busy.wav", 2),
        Announcement(22, 2504, "music_synth.wav", 3),
        Announcement(24, 2504, "music_folk.wav", 4),
        Announcement(633, 45, "busy.wav", 1),
        Announcement(634, 45, "music_folk.wav", 2),
    ),
    vips=(
        VipEntry(253, 72, "1077", "Head of Accounting"),
        VipEntry(260, 72, "+1509XXXXXXX", ""),
        VipEntry(288, 72, "0800!", "Free & <easy>"),
        VipEntry(715, 27, "1"),
    ),
)
SOUNDS = ("Welcome.wav", "busy.wav", "Analog1.mp3", "Analog2.mp3")
