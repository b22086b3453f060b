"""The settings of the log and of syslog: see ``magroup.model.settings``."""

from dataclasses import dataclass

from magroup.model import settings_rules as rules
from magroup.model.receivers import FACILITIES, SyslogPlace
from magroup.model.setting import setting


@dataclass(frozen=True)
class LogSettings:
    """The log on standard output, or in the file named by twistd's --logfile."""

    json: bool = setting(False, "One JSON object a line instead of text for people.")
    level: str = setting(
        "info", "Least important level that is written.", choices=("debug", "info", "warn", "error")
    )


@dataclass(frozen=True)
class SyslogSettings:
    """The log and the audit trail sent to a syslog receiver (RFC 5424), beside what is written here."""

    to: str = setting(
        "",
        "Where it is: udp:HOST:514, tcp:HOST:601, tls:HOST:6514, or unix:/dev/log for this machine's own; empty: none.",
        check=SyslogPlace.parse_or_none,
        names_file=SyslogPlace.names_file,
    )
    log: bool = setting(True, "Send the log.")
    level: str = setting(
        "info", "Least important level of the log that is sent.", choices=("debug", "info", "warn", "error")
    )
    facility: str = setting("local0", "Facility of the log.", choices=tuple(FACILITIES))
    audit: bool = setting(True, "Send the audit trail: who changed and who looked at what.")
    audit_facility: str = setting("authpriv", "Facility of the audit trail.", choices=tuple(FACILITIES))
    host_name: str = setting(
        "", "Name of this machine in the messages; empty: what the system says.", check=rules.host_or_empty
    )
    enterprise: int = setting(
        32473,
        "Private enterprise number in the names of structured data; 32473 is the one for examples (RFC 5612).",
        low=1,
        high=(1 << 32) - 1,
    )
    message_limit: int = setting(
        2048, "Largest message; of longer ones the end of the text is cut off.", unit="bytes", low=480, high=65_000
    )
    queue_limit: int = setting(
        10_000, "Messages kept in memory while the receiver is away; of more, the oldest go.", low=10, high=1_000_000
    )
    tls_authorities: str = setting(
        "",
        "PEM file with the authorities that sign the receiver's certificate; empty: the system's.",
        at_start=True,
        storable=False,
    )
    tls_certificate: str = setting(
        "", "PEM file with the certificate and key that the receiver is shown; empty: none.", at_start=True,
        storable=False,
    )  # fmt: skip
    tls_verify: bool = setting(True, "Check the receiver's certificate.", at_start=True)
