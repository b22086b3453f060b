"""What events of the log and entries of the audit trail are as syslog messages."""

import time
from typing import Final

from twisted.logger import LogEvent

from magroup.log import level_of, message_of, namespace_of
from magroup.model.audit import Change
from magroup.syslog.message import CRITICAL, DEBUG, ERROR, INFORMATIONAL, NOTICE, WARNING, Said

_SEVERITIES: Final = {
    "debug": DEBUG, "info": INFORMATIONAL, "warn": WARNING, "error": ERROR, "critical": CRITICAL,
}  # fmt: skip
_FAILED: Final = ("failed login", "failed logins")
MOST_FIELDS: Final = 16
_LEGACY: Final = frozenset(("format", "isError", "system", "time"))
"""What Twisted puts into events for its older observers."""


def of_event(event: LogEvent, facility: int) -> Said:
    """An event without secrets; its simple fields are parameters, its call first."""
    fields = [
        (name, str(value))
        for name, value in sorted(event.items(), key=lambda field: field[0] != "call")
        if name not in _LEGACY and not name.startswith("log_") and isinstance(value, str | int | float | bool)
    ]
    severity = _SEVERITIES.get(level_of(event), INFORMATIONAL)
    at = event.get("log_time", time.time())
    return Said(facility, severity, at, namespace_of(event), message_of(event), "magroup", fields[:MOST_FIELDS])


def of_change(change: Change, facility: int) -> Said:
    """An entry of the audit trail, as it is stored: without secrets."""
    severity = WARNING if change.what in _FAILED else NOTICE
    values = " -> ".join(value for value in (change.old, change.new) if value)
    text = f"{change.who or '-'} {change.what} {change.key}".rstrip() + (f": {values}" if values else "")
    parameters = [(name, getattr(change, name)) for name in ("who", "where", "what", "key")]
    return Said(facility, severity, change.at, "audit", text, "audit", [one for one in parameters if one[1]])
