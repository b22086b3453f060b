"""What the audit is told of a change of the configuration: each thing with what was changed of it, without secrets."""

import json
from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from typing import Any

from magroup.model.audit import Change
from magroup.model.configuration import Configuration
from magroup.model.differences import Difference, differences
from magroup.model.groups import Overflow

_NAMES = {
    "users": "user",
    "lines": "line",
    "phones": "phone",
    "contacts": "contact",
    "trunks": "trunk",
    "groups": "group",
    "members": "member",
    "announcements": "announcement",
    "vips": "vip",
}
_SHOWN = ("id", "name", "group_id", "user_name", "member_id", "number")
"""What tells people which thing it is, beside what was changed of it."""

HIDDEN, HIDDEN_NEW = "***", "*** (new)"


def audited(old: Configuration, new: Configuration, at: float, who: str, where: str) -> list[Change]:
    """A change for each thing that is different."""
    return [
        Change(at, who, where, _NAMES[one.kind], str(one.key), *_both(one)) for one in differences(old, new)
    ]  # fmt: skip


def _both(one: Difference) -> tuple[str, str]:
    thing = one.new if one.old is None else one.old
    names = [
        field
        for field in fields(thing)
        if field.name in _SHOWN
        or one.old is None
        or one.new is None
        or getattr(one.old, field.name) != getattr(one.new, field.name)
    ]
    secret = {field.name for field in names if not field.repr}
    before, now = (_values(side, [field.name for field in names]) for side in (one.old, one.new))
    for name in secret:
        is_other = before.get(name) != now.get(name)
        before |= {name: HIDDEN} if before.get(name) else {}
        now |= {name: HIDDEN_NEW if is_other else HIDDEN} if now.get(name) else {}
    return _written(before), _written(now)


def _values(thing: Any, names: list[str]) -> dict[str, Any]:
    return {} if thing is None else {name: _plain(getattr(thing, name)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, Overflow):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, frozenset):
        return sorted(_plain(one) for one in value)
    return list(value) if isinstance(value, tuple) else value


def _written(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False) if values else ""
