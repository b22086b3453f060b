"""The settings of sound: see ``magroup.model.settings``."""

from dataclasses import dataclass

from magroup.model import listen
from magroup.model import settings_rules as rules
from magroup.model.setting import setting


@dataclass(frozen=True)
class RtpSettings:
    """Sound: the streams of announcements, tones and recordings."""

    ports: str = setting(
        "16384-32767", "Range of the UDP ports of RTP and RTCP.", check=listen.PortRange.parse, at_start=True
    )
    address: str = setting(
        "",
        "Address that is put into SDP for announcements; empty: the address that the call's signalling uses.",
        check=rules.address_or_empty,
    )
    dtmf_payload_type: int = setting(101, "Payload type offered for DTMF (RFC 4733).", low=96, high=127)
    srtp: str = setting(
        "optional",
        "Encryption of announcements, tones and recordings by SRTP with keys in SDP (RFC 4568): off (only for whoever "
        "offers nothing else), optional (for whoever describes itself so), required (plain RTP is refused).",
        choices=("off", "optional", "required"),
    )
