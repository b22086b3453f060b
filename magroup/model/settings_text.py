"""What people read about settings: the example file, the page for administrators, the settings in force."""

import json
import textwrap
from collections.abc import Iterator

from magroup.model.settings import Settings
from magroup.model.settings_reading import Entry, Kind, Value, entries, tables, value_of
from magroup.model.settings_rules import without_password

_EXAMPLE_HEAD = """\
# Configuration of magroup: every setting, with its default.
#
#     twistd -n magroup --config magroup.toml
#     python -m magroup check-config magroup.toml
#
# The command line goes before the environment (the name in brackets), the environment before what administrators have
# changed in the web pages or by the API, and that before this file.
"""

_PAGE_HEAD = """\
# Settings

A setting is given, from strongest to weakest, on the command line of `twistd magroup`, as an environment variable,
by administrators in the web pages or the API, or in the file named by `--config`. The file is TOML;
`python -m magroup example-config` prints one with all of this page in it, `python -m magroup check-config FILE` checks
one. In an environment variable the parts of a list are separated by commas. `SIGHUP` makes a running magroup read the
file again; a wrong one is refused as a whole, and what administrators have changed stays.

A change holds at once, for the next call; calls that are up go on as they began. Some settings hold from the next start
on, which is said at each. What administrators change is stored in the database, and goes before the file until it is
taken away there. It cannot go before the environment or the command line: such a change is refused. A few settings
cannot be stored, nor values that name files of the machine: they are for whoever has the machine. Numbers must stay
different: a change by which two lines or groups would get the same number, or a number would begin with the code of a
service, is refused. Should a stored value keep the server from starting (a port that is taken), the command line or the
environment goes before it: `--http tcp:8080`. A stored value that this version does not take is left out, with a line
in the log.
"""


def toml_value(value: Value) -> str:
    """``value`` as TOML."""
    if isinstance(value, tuple):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def example_toml() -> str:
    """The commented example: every setting with its meaning, limits and default."""
    parts = [_EXAMPLE_HEAD]
    for table in tables():
        parts.append(f"\n\n# {table.doc}\n[{table.name}]\n" if table.name else "")
        for entry in table.entries:
            paragraphs = (entry.described.doc, _facts(entry), _when(entry), f"({entry.variable})")
            lines = [line for paragraph in paragraphs for line in textwrap.wrap(paragraph, 100)]
            comment = "".join(f"# {line}\n" for line in lines)
            parts.append(f"\n{comment}#{entry.path[-1]} = {toml_value(entry.default)}\n")
    return "".join(parts)


def settings_page() -> str:
    """The help page in Markdown."""
    parts = [_PAGE_HEAD]
    for table in tables():
        title = f"[{table.name}]" if table.name else "Common"
        parts.append(f"\n## {title}\n\n{table.doc}\n")
        for entry in table.entries:
            facts = _facts(entry)
            when = _when(entry)
            parts.append(
                f"\n### {entry.path[-1]}\n\n{entry.described.doc}"
                f"\n\n- Default: `{toml_value(entry.default)}`\n- Variable: `{entry.variable}`\n"
                + (f"- {facts}\n" if facts else "")
                + (f"- {when}\n" if when else "")
            )
    return "".join(parts)


def in_force(settings: Settings) -> Iterator[str]:
    """A line for each setting that differs from its default, without passwords."""
    for path, entry in entries().items():
        value = value_of(settings, path)
        if value != entry.default:
            yield f"{entry.name} = {toml_value(_printable(entry, value))}"


def _printable(entry: Entry, value: Value) -> Value:
    return without_password(value) if entry.described.secret and isinstance(value, str) else value


def _facts(entry: Entry) -> str:
    described = entry.described
    if described.choices:
        return f"One of {', '.join(described.choices)}."
    if described.low is not None and described.high is not None:
        unit = f" {described.unit}" if described.unit else ""
        return f"{entry.kind.capitalize()} from {described.low:.12g} to {described.high:.12g}{unit}."
    return "True or false." if entry.kind is Kind.SWITCH else ""


def _when(entry: Entry) -> str:
    described = entry.described
    parts = ["Holds from the next start on."] if described.at_start else []
    parts += [] if described.storable else ["Cannot be changed in the web."]
    return " ".join(parts)
