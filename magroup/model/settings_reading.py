"""From loose values, each with its place, to checked ``Settings``, or to every problem with its place."""

import dataclasses
import difflib
import functools
import math
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from magroup.model.numbers import bare
from magroup.model.setting import Described
from magroup.model.settings import Settings

Path = tuple[str, ...]
Value = str | int | float | bool | tuple[str, ...]


class Kind(StrEnum):
    """The type of a setting, in the words of the texts about it."""

    TEXT = "text"
    WHOLE_NUMBER = "whole number"
    NUMBER = "number"
    SWITCH = "true or false"
    LIST = "list of texts"


_KINDS = {str: Kind.TEXT, int: Kind.WHOLE_NUMBER, float: Kind.NUMBER, bool: Kind.SWITCH}
LONGEST_TEXT = 2000
LONGEST_LIST = 200
_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")


@dataclass(frozen=True)
class Entry:
    """One setting: ``path`` is ("sip", "message_limit") or ("data",)."""

    path: Path
    kind: Kind
    default: Value
    described: Described

    @property
    def name(self) -> str:
        """As people write it: ``sip.message_limit``."""
        return ".".join(self.path)

    @property
    def variable(self) -> str:
        """The environment variable that overrides it: ``MAGROUP_SIP_MESSAGE_LIMIT``."""
        return "_".join(("magroup", *self.path)).upper()


@dataclass(frozen=True)
class Table:
    """One table of the configuration file; the settings above all tables are the table ""."""

    name: str
    doc: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Given:
    """A value, and where somebody wrote it: ``magroup.toml, line 12`` or ``--sip``."""

    value: object
    place: str


@dataclass(frozen=True)
class Problem:
    """Why a value is refused. As text: one line. ``paths`` are the settings to blame, the likeliest first."""

    place: str
    message: str
    paths: tuple[Path, ...] = ()

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class SettingsError(Exception):
    """The settings are refused; ``problems`` holds every reason, ``str`` gives one line for each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


@functools.cache
def tables() -> tuple[Table, ...]:
    """All tables in the order of ``Settings``, the common settings first."""
    common = Table("", _first_line(Settings), tuple(_entries(Settings, ())))
    hints = typing.get_type_hints(Settings)
    nested = [name for name, kind in hints.items() if dataclasses.is_dataclass(kind)]
    return (
        common,
        *(Table(name, _first_line(hints[name]), tuple(_entries(hints[name], (name,)))) for name in nested),
    )


@functools.cache
def entries() -> Mapping[Path, Entry]:
    """Every setting by its path."""
    return {entry.path: entry for table in tables() for entry in table.entries}


def unknown(path: Path) -> str:
    """What to tell somebody who wrote a name that is no setting, with the nearest one."""
    name = ".".join(path)
    if any(table.name == name for table in tables()):
        return f"{name} is a table of settings, written [{name}]"
    names = [entry.name for entry in entries().values()]
    near = difflib.get_close_matches(name, names, 1) or difflib.get_close_matches(path[-1], names, 1)
    return f"{name} is not a setting" + (f"; did you mean {near[0]}?" if near else "")


def from_text(entry: Entry, text: str) -> Value:
    """The value that ``text`` (of the environment) means; commas separate the parts of a list.

    ValueError: it means none.
    """
    match entry.kind:
        case Kind.WHOLE_NUMBER:
            return int(text)
        case Kind.NUMBER:
            return float(text)
        case Kind.SWITCH:
            if text.lower() not in _TRUE + _FALSE:
                raise ValueError
            return text.lower() in _TRUE
        case Kind.LIST:
            return tuple(part.strip() for part in text.split(",") if part.strip())
        case Kind.TEXT:
            return text


def checked(entry: Entry, value: object) -> Value:
    """``value`` in the setting's own type; ValueError says in words why it is refused."""
    typed = _typed(entry, value)
    described = entry.described
    if isinstance(typed, str | tuple):
        texts = typed if isinstance(typed, tuple) else (typed,)
        if len(texts) > LONGEST_LIST:
            raise ValueError(f"has more than {LONGEST_LIST} parts")
        for text in texts:
            if len(text) > LONGEST_TEXT:
                raise ValueError(f"is longer than {LONGEST_TEXT} characters")
            if not text.isprintable():
                raise ValueError("must not contain control characters")
            if described.check is not None:
                described.check(text)
            if described.choices and text not in described.choices:
                raise ValueError(f"must be one of {', '.join(described.choices)}")
    elif not isinstance(typed, bool):
        _in_limits(described, typed)
    return typed


def build(given: Mapping[Path, Given], defaults: Settings | None = None) -> Settings:
    """The settings with ``given`` over the defaults; SettingsError holds every problem."""
    problems: list[Problem] = []
    values: dict[Path, Value] = {}
    for path, one in given.items():
        entry = entries().get(path)
        if entry is None:
            problems.append(Problem(one.place, unknown(path), (path,)))
            continue
        try:
            values[path] = checked(entry, one.value)
        except ValueError as error:
            problems.append(Problem(one.place, f"{entry.name} {error}", (path,)))
    if not problems:
        settings = with_values(defaults or Settings(), values)
        for path, other, message in _contradictions(settings):
            place = given[path].place if path in given else "settings"
            problems.append(Problem(place, f"{'.'.join(path)} {message}", (path, other)))
    if problems:
        raise SettingsError(problems)
    return settings


def value_of(settings: Settings, path: Path) -> Value:
    """The value at ``path``."""
    found: typing.Any = functools.reduce(getattr, path, settings)
    return typing.cast(Value, found)


def with_values(settings: Settings, values: Mapping[Path, Value]) -> Settings:
    """``settings`` with other values of some, which are checked already."""
    common: dict[str, typing.Any] = {}
    nested: dict[str, dict[str, typing.Any]] = {}
    for path, value in values.items():
        (common if len(path) == 1 else nested.setdefault(path[0], {}))[path[-1]] = value
    for name, inner in nested.items():
        common[name] = dataclasses.replace(getattr(settings, name), **inner)
    return dataclasses.replace(settings, **common)


def changes(old: Settings, new: Settings) -> list[Path]:
    """The paths of the settings that differ."""
    return [path for path in entries() if value_of(old, path) != value_of(new, path)]


def _entries(owner: type[typing.Any], above: Path) -> Iterator[Entry]:
    hints = typing.get_type_hints(owner)
    for field in dataclasses.fields(owner):
        if "described" in field.metadata:
            default: typing.Any = field.default
            kind = _KINDS.get(hints[field.name], Kind.LIST)
            yield Entry((*above, field.name), kind, default, field.metadata["described"])


def _first_line(owner: object) -> str:
    return (owner.__doc__ or "").splitlines()[0]


def _typed(entry: Entry, value: object) -> Value:
    match entry.kind, value:
        case Kind.SWITCH, bool():
            return value
        case _, bool():
            pass
        case Kind.WHOLE_NUMBER, int():
            return value
        case Kind.NUMBER, int() | float():
            return float(value) if abs(value) < 1e300 else math.inf
        case Kind.TEXT, str():
            return value
        case Kind.LIST, list() | tuple() if all(isinstance(one, str) for one in value):
            if len(set(value)) < len(value):
                raise ValueError("names the same thing twice")
            return tuple(value)
    article = "" if entry.kind is Kind.SWITCH else "a "
    raise ValueError(f"must be {article}{entry.kind}")


def _in_limits(described: Described, number: float) -> None:
    low, high = described.low, described.high
    # Written so that "not a number" is refused.
    if (low is None or number >= low) and (high is None or number <= high):
        return
    unit = f" {described.unit}" if described.unit else ""
    raise ValueError(f"must be from {low:.12g} to {high:.12g}{unit}")


def _contradictions(settings: Settings) -> Iterator[tuple[Path, Path, str]]:
    """The setting to blame, the one that it contradicts, and why."""
    sip, http, accounts = settings.sip, settings.http, settings.accounts
    if sip.expiry_min > sip.expiry_max:
        yield ("sip", "expiry_min"), ("sip", "expiry_max"), f"is above sip.expiry_max ({sip.expiry_max} s)"
    elif not sip.expiry_min <= sip.expiry_default <= sip.expiry_max:
        limits = f"{sip.expiry_min}-{sip.expiry_max} s"
        other = "expiry_min" if sip.expiry_default < sip.expiry_min else "expiry_max"
        message = f"is not between sip.expiry_min and sip.expiry_max ({limits})"
        yield ("sip", "expiry_default"), ("sip", other), message
    if 0 < sip.session_expires < sip.min_se:
        yield ("sip", "session_expires"), ("sip", "min_se"), f"is below sip.min_se ({sip.min_se} s)"
    if accounts.session_idle > accounts.session_lifetime:
        message = f"is above accounts.session_lifetime ({accounts.session_lifetime} s)"
        yield ("accounts", "session_idle"), ("accounts", "session_lifetime"), message
    pilot, code = bare(settings.voicemail.pilot), settings.calls.pickup_code
    if code and pilot.startswith(code):
        yield ("voicemail", "pilot"), ("calls", "pickup_code"), f"begins with calls.pickup_code ({code})"
    if http.upload_limit < http.body_limit:
        message = f"is below http.body_limit ({http.body_limit} bytes)"
        yield ("http", "upload_limit"), ("http", "body_limit"), message
