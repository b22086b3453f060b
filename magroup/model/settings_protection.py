"""The settings that hold attackers off the SIP switch: see ``magroup.model.settings``."""

from dataclasses import dataclass

from magroup.model import settings_rules as rules
from magroup.model.setting import setting


@dataclass(frozen=True)
class ProtectionSettings:
    """Who is not listened to on SIP for a while: by what an address has sent within ten minutes."""

    ban: int = setting(
        3600, "Time in which nothing is read from a banned address; 0: nobody is banned.", unit="s", low=0,
        high=2_592_000,
    )  # fmt: skip
    wrong_passwords: int = setting(
        30,
        "Wrong passwords after which an address is banned; ten times as many where phones are registered.",
        low=3,
        high=1_000_000,
    )
    unknown_lines: int = setting(
        20, "Lines that do not exist, asked for by one address, after which it is banned.", low=3, high=10_000
    )
    malformed: int = setting(50, "Messages that are none after which an address is banned.", low=3, high=1_000_000)
    wrong_passwords_per_line: int = setting(
        300,
        "Wrong passwords for one line within an hour, from wherever, after which new addresses are refused for the "
        "rest of it; phones go on where they are registered.",
        low=10,
        high=1_000_000,
    )
    scanners: tuple[str, ...] = setting(
        (
            *("friendly-scanner", "friendly-request", "sipvicious", "sipcli", "sip-scan", "sipscan", "sundayddr"),
            *("VaxSIPUserAgent", "VaxIPUserAgent", "iWar", "sivus", "smap", "pplsip"),
        ),
        "What the User-Agent of a scanner begins with, in any case: its address is banned at once.",
        check=rules.agent,
    )
    never_banned: tuple[str, ...] = setting(
        ("127.0.0.0/8", "::1"),
        "Addresses or networks that are never banned, such as a SIP proxy by which all phones come; trunks never are.",
        check=rules.network,
    )
