"""Who looks at the records of calls: told to the audit trail (spec 6), once an hour for each question."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from magroup.model.audit import Change
from magroup.web.identity import Identity

HOUR = 3600.0
MOST_KEPT = 10_000


class Audit(Protocol):
    """The part of the Admission that is used here."""

    def change(self, identity: Identity, what: str, key: str, old: str = "", new: str = "") -> Change: ...

    def record(self, change: Change) -> None: ...


class Looks:
    """Remembers what has been told in this hour: pages of one list are one look."""

    def __init__(self, audit: Audit, seconds: Callable[[], float]) -> None:
        self._audit = audit
        self._seconds = seconds
        self._hour = 0
        self._told: set[tuple[str, str, str, str]] = set()

    def look(self, identity: Identity, what: str, key: str = "", asked: Mapping[str, Any] | None = None) -> None:
        """The user is shown ``what``: the one called ``key``, or those for which ``asked`` holds."""
        hour = int(self._seconds() // HOUR)
        if hour != self._hour or len(self._told) >= MOST_KEPT:
            self._hour = hour
            self._told.clear()
        text = json.dumps(asked, ensure_ascii=False, sort_keys=True) if asked is not None else ""
        look = (identity.user_name, what, key, text)
        if look not in self._told:
            self._told.add(look)
            self._audit.record(self._audit.change(identity, what, key, new=text))
