"""The settings of a PBX beside magroup that speaks CSTA: see ``magroup.model.settings``."""

from dataclasses import dataclass

from magroup.model import settings_rules as rules
from magroup.model.setting import setting


@dataclass(frozen=True)
class CstaLinkSettings:
    """A PBX with the lines that are marked so, reached by CSTA III over TCP (see cti)."""

    login: str = setting(
        "openscape",
        "How user and password stand in the login: userName and password in the namespace of avaya or eltex, user and "
        "password without a namespace (openscape), or none.",
        choices=("none", "avaya", "eltex", "openscape"),
        at_start=True,
    )
    sessions: bool = setting(
        True,
        "The PBX has sessions (ECMA-354), which begin with a login; without them everything is asked for at once.",
        at_start=True,
    )
    user: str = setting("magroup", "Name for the login.", check=rules.not_empty, at_start=True)
    password_file: str = setting(
        "",
        "File with the password in its first line, readable for magroup only; empty: there is none.",
        at_start=True,
        storable=False,
    )
    edition: int = setting(4, "Edition of ECMA-323 that the PBX reads.", low=2, high=6, at_start=True)
    tls_authorities: str = setting(
        "",
        "PEM file of the authorities that sign the PBX's certificate; empty: those of this machine.",
        at_start=True,
        storable=False,
    )
    tls_verify: bool = setting(
        True, "Check the PBX's certificate; without, anybody could take its place.", at_start=True
    )
    trunk: tuple[str, ...] = setting(
        (),
        "Devices of the PBX's trunk to magroup, as its events name them: calls over it are known and steered here "
        "already. Empty: they are found by the numbers and the time.",
        check=rules.not_empty,
        at_start=True,
    )
