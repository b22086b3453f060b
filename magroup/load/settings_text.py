"""Every setting of scenarios as text, from the tables themselves, so that none is missing."""

from collections.abc import Iterator
from typing import Any, get_type_hints

import msgspec

from magroup.load.limits import OF_VALUES, SERVER, SHARES
from magroup.load.measures import COUNTS, VALUES
from magroup.load.scenario import (
    Callers,
    CiscoPhones,
    Gadgets,
    Group,
    Holding,
    Media,
    Network,
    Phones,
    Presence,
    Rest,
    Run,
    Scenario,
    Server,
    Table,
    Transfer,
)

TABLES: dict[str, type[Table]] = {
    "": Scenario, "[server]": Server, "[run]": Run, "[network]": Network, "[media]": Media, "[[phones]]": Phones,
    "[[callers]]": Callers, "hold = { ... } of phones and callers": Holding,
    "transfer = { ... } of phones and callers": Transfer, "[[presence]]": Presence, "[[rest]]": Rest,
    "[[gadgets]]": Gadgets, "[[cisco_phones]]": CiscoPhones, "[[groups]]": Group,
}  # fmt: skip


def settings_text() -> str:
    """For a terminal."""
    return "\n".join(_lines()) + "\n"


def settings() -> Iterator[tuple[str, str, str, Any]]:
    """Table, name, meaning and default of each; the default of one that must be set is NODEFAULT."""
    for title, table in TABLES.items():
        hints = get_type_hints(table, include_extras=True)
        for one in msgspec.structs.fields(table):
            metadata = getattr(hints[one.name], "__metadata__", ())
            what = next((meta.description for meta in metadata if getattr(meta, "description", None)), "")
            default = one.default if one.default_factory is msgspec.NODEFAULT else one.default_factory()
            if what:
                yield title, one.encode_name, what, default


def _lines() -> Iterator[str]:
    last = ""
    for title, name, what, default in settings():
        if title != last:
            yield ""
            yield f"{title}    {TABLES[title].__doc__}"
            last = title
        yield f"  {name}: {what} [{_default(default)}]"
    yield ""
    yield f"Values, for most and least with one of {', '.join(OF_VALUES)} (post_dial_delay.p95):"
    for name, value in VALUES.items():
        yield f"  {name} ({value.unit}): {value.what}"
    yield ""
    yield "Counts, for most and least:"
    for name, words in (*COUNTS.items(), *SHARES.items(), *SERVER.items()):
        yield f"  {name}: {words}"


def _default(default: Any) -> str:
    if default is msgspec.NODEFAULT:
        return "must be set"
    if default is None or default == "":
        return "empty" if default == "" else "none"
    if isinstance(default, bool):
        return str(default).lower()
    return f"{default:g}" if isinstance(default, float) else str(default)
