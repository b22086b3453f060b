"""Every setting of scenarios as text, from the tables themselves, so that none is missing."""

from collections.abc import Iterator
from typing import Any, get_type_hints

import msgspec

from magroup.load.limits import OF_VALUES, SERVER, SHARES
from magroup.load.measures import COUNTS, VALUES
from magroup.load.scenario import (
    Callers,
    CiscoPhones,
    Digits,
    Gadgets,
    Group,
    Holding,
    Mailboxes,
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
    "[[callers]]": Callers, "[callers.hold]": Holding, "[callers.transfer]": Transfer, "[callers.digits]": Digits,
    "[[presence]]": Presence, "[[rest]]": Rest, "[[gadgets]]": Gadgets, "[[cisco_phones]]": CiscoPhones,
    "[[groups]]": Group, "[[mailboxes]]": Mailboxes,
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
    last = None
    for title, name, what, default in settings():
        if title != last:
            last = title
            yield from ("", title) if title else ()
            yield f"# {TABLES[title].__doc__}"
        written = _written(default)
        yield f"{name} = {written}  # {what}" if written else f"# {name}: {what}"
    yield ""
    yield f"# In [most] and [least], values: post_dial_delay.p95 = 100, with one of {', '.join(OF_VALUES)}."
    for name, value in VALUES.items():
        yield f"# {name}, {value.unit}: {value.what}"
    yield ""
    yield "# In [most] and [least], counts: calls_failed = 0"
    for name, words in (*COUNTS.items(), *SHARES.items(), *SERVER.items()):
        yield f"# {name}: {words}"


def _written(default: Any) -> str:
    """As TOML; "" for a setting that has no default."""
    if default is msgspec.NODEFAULT or default is None or default == {}:
        return ""
    if isinstance(default, list):
        return f"[{', '.join(map(_written, default))}]"
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, str):
        return f'"{default}"'
    return f"{default:g}" if isinstance(default, float) else str(default)
