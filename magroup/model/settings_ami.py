"""The settings of an Asterisk beside magroup: see ``magroup.model.settings``."""

from dataclasses import dataclass

from magroup.model import settings_rules as rules
from magroup.model.setting import setting


@dataclass(frozen=True)
class AmiSettings:
    """An Asterisk as the PBX of the lines that are marked so, reached by its Manager Interface (see cti)."""

    user: str = setting("magroup", "Account in manager.conf.", check=rules.not_empty, at_start=True)
    secret_file: str = setting(
        "",
        "File with the secret of that account in its first line, readable for magroup only.",
        at_start=True,
        storable=False,
    )
    plain_login: bool = setting(
        False, "Send the secret itself, not a digest (MD5) of it; for use with TLS.", at_start=True
    )
    tls_authorities: str = setting(
        "",
        "PEM file of the authorities that sign Asterisk's certificate; empty: those of this machine.",
        at_start=True,
        storable=False,
    )
    tls_verify: bool = setting(
        True, "Check Asterisk's certificate; without, anybody could take its place.", at_start=True
    )
    context: str = setting(
        "from-internal",
        "Context of the dialplan in which phones dial; FreePBX: from-internal.",
        check=rules.asterisk_name,
        at_start=True,
    )
    technology: str = setting(
        "PJSIP", "What the phones' channels begin with.", choices=("PJSIP", "SIP", "IAX2", "SCCP"), at_start=True
    )
    trunk: str = setting(
        "magroup",
        "Name of Asterisk's trunk to magroup: calls over it are steered here, not over AMI.",
        check=rules.asterisk_name,
        at_start=True,
    )
    forwarding: str = setting(
        "CF",
        "Family of Asterisk's database in which the dialplan looks for the forwarding of a line; empty: in none.",
        check=rules.asterisk_family,
        at_start=True,
    )
    do_not_disturb: str = setting("DND", "The same for do not disturb.", check=rules.asterisk_family, at_start=True)
    phones_obey: bool = setting(
        False,
        "The phones answer, hold and take back calls when Asterisk sends them the events talk and hold (PJSIP).",
        at_start=True,
    )
