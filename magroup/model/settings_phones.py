"""The settings of phones: see ``magroup.model.settings``."""

from dataclasses import dataclass

from magroup.model import settings_rules as rules
from magroup.model.setting import setting


@dataclass(frozen=True)
class PhonesSettings:
    """Cisco IP phones and their XML services."""

    trust_device_name: bool = setting(
        False, "Believe the device name in a phone's request without a login (trusted voice networks only)."
    )
    push: str = setting(
        "auto",
        "How phones are told what has changed: http (CGI/Execute), sip (phones registered here), auto (sip where a "
        "phone can and has neither address nor push user, else http), off.",
        choices=("auto", "http", "sip", "off"),
    )
    pushes_at_once: int = setting(256, "Phones that are pushed to at the same time.", low=1, high=5000)
    tones: tuple[str, ...] = setting(
        ("Analog1.raw", "Analog2.raw", "Chime.raw", "Harp.raw", "MusicBox.raw", "Piano1.raw"),
        "Tones that phones can play, as their files are named on the phones' TFTP server: these are offered in menus.",
        check=rules.phone_tone,
    )
    tones_in_calls: bool = setting(
        False, "Phones in a conversation play the tones of other members' calls too, into the ear of who talks."
    )
