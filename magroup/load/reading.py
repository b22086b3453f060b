"""Reading a scenario file: what is wrong with it is told with the place of each problem."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import msgspec

from magroup.load.limits import wrong_bounds
from magroup.load.numbers import MOST, expanded
from magroup.load.scenario import Callers, Numbers, Phones, Scenario, Span
from magroup.model.listen import PortRange
from magroup.sip.addresses import family
from magroup.sip.errors import SipError
from magroup.sip.uri import parse_uri

LARGEST_FILE = 1 << 20
LARGEST_RATE = 20_000
_AT = re.compile(r" - at `\$(?:\[\.\.\.\])?(.*)`\Z")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`\Z")
_MISSING = re.compile(r"Object missing required field `(.*)`\Z")
_KEYS = re.compile(r"(?:[0-9*#A-Da-d,]|\{number\}|\{other\})*\Z")
_PLACE = re.compile(r"\[(\d+)\]")


class ScenarioError(Exception):
    """A scenario is refused; ``problems`` has a line for each reason."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


Changes = Mapping[str, Mapping[str, Any]]
"""Values by table and name."""


def read_file(path: Path, changes: Changes = MappingProxyType({})) -> Scenario:
    """The scenario in a file, with ``changes`` in the place of what it says. Raises ScenarioError."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise ScenarioError([f"{path} cannot be read: {error.strerror or error}"]) from None
    if len(data) > LARGEST_FILE:
        raise ScenarioError([f"{path} is larger than {LARGEST_FILE} bytes"])
    try:
        return read(data.decode(), changes)
    except UnicodeDecodeError:
        raise ScenarioError([f"{path} is not UTF-8 text"]) from None
    except ScenarioError as error:
        raise ScenarioError([f"{path}: {problem}" for problem in error.problems]) from None


def read(text: str, changes: Changes = MappingProxyType({})) -> Scenario:
    """The scenario that a text of TOML is. Raises ScenarioError."""
    try:
        parsed = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ScenarioError([f"is no TOML: {error}"]) from None
    for table, values in changes.items():
        found = parsed.setdefault(table, {})
        if isinstance(found, dict):
            found.update(values)
    try:
        scenario = msgspec.convert(parsed, Scenario)
    except msgspec.ValidationError as error:
        raise ScenarioError([_in_words(str(error))]) from None
    problems = list(_problems(scenario))
    if problems:
        raise ScenarioError(problems)
    return scenario


def _in_words(error: str) -> str:
    """What msgspec says, in the words of the file: tables counted from 1."""
    at = _AT.search(error)
    place = at[1].lstrip(".") if at else ""
    place = _PLACE.sub(lambda found: f"[{int(found[1]) + 1}]", place).replace("[...]", "")
    what = _AT.sub("", error)
    if unknown := _UNKNOWN.match(what):
        near = get_close_matches(unknown[1], _names(place), 1)
        known = f"; did you mean {near[0]}?" if near else ""
        return f"{f'{place}.' if place else ''}{unknown[1]} is not a setting{known}"
    if missing := _MISSING.match(what):
        return f"{f'{place}.' if place else ''}{missing[1]} is missing"
    return f"{place or 'the file'}: {what[:1].lower()}{what[1:]}"


def _names(place: str) -> list[str]:
    """The settings of the table at a place."""
    found: object = Scenario
    for name in re.sub(r"\[\d+\]", "", place).split(".") if place else ():
        fields = {one.encode_name: one.type for one in msgspec.structs.fields(found)}  # type: ignore[arg-type]
        found = _table(fields.get(name))
        if found is None:
            return []
    return [one.encode_name for one in msgspec.structs.fields(found)]  # type: ignore[arg-type]


def _table(kind: object) -> type[msgspec.Struct] | None:
    """The table within an annotation such as ``list[Phones]`` or ``Holding | None``."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind
    return next((found for inner in getattr(kind, "__args__", ()) if (found := _table(inner))), None)


def _problems(scenario: Scenario) -> Iterator[str]:
    """What the types alone do not say."""
    yield from _server_problems(scenario)
    checks: list[tuple[str, Numbers]] = []
    for at, phones in enumerate(scenario.phones, 1):
        place = f"phones[{at}]"
        checks.append((f"{place}.numbers", phones.numbers))
        for name, span in (("after", phones.after), ("talk", phones.talk)):
            yield from _span_problems(f"{place}.{name}", span)
        answers = [phones.answer] if isinstance(phones.answer, str) else list(phones.answer)
        if "redirect" in answers and not phones.redirect_to:
            yield f"{place}.redirect_to is missing: answer is redirect"
        if isinstance(phones.answer, dict) and not sum(phones.answer.values()):
            yield f"{place}.answer: all weights are 0"
    for at, callers in enumerate(scenario.callers, 1):
        place = f"callers[{at}]"
        checks += [(f"{place}.numbers", callers.numbers), (f"{place}.dial", callers.dial)]
        for name, span in (("talk", callers.talk), ("patience", callers.patience), ("pause", callers.pause)):
            yield from _span_problems(f"{place}.{name}", span)
        if bool(callers.rate) == bool(callers.concurrent):
            yield f"{place}: either rate or concurrent must be set"
        if callers.concurrent > how_many(callers.numbers):
            yield f"{place}.concurrent: {callers.concurrent} calls at a time take as many numbers"
    both: list[tuple[str, Phones | Callers]] = []
    both += [(f"phones[{at}]", one) for at, one in enumerate(scenario.phones, 1)]
    both += [(f"callers[{at}]", one) for at, one in enumerate(scenario.callers, 1)]
    for place, table in both:
        if table.transfer is not None:
            checks.append((f"{place}.transfer.to", table.transfer.to))
        yield from _doing_problems(place, table, scenario.media.rtp == "none")
    if scenario.media.srtp and scenario.media.rtp == "none":
        yield "media.srtp: nothing is encrypted where media.rtp is none"
    checks += [(f"presence[{at}].users", one.users) for at, one in enumerate(scenario.presence, 1)]
    checks += [(f"gadgets[{at}].users", one.users) for at, one in enumerate(scenario.gadgets, 1)]
    checks += [(f"cisco_phones[{at}].devices", one.devices) for at, one in enumerate(scenario.cisco_phones, 1)]
    checks += [(f"groups[{at}].members", one.members) for at, one in enumerate(scenario.groups, 1)]
    checks += [(f"mailboxes[{at}].lines", one.lines) for at, one in enumerate(scenario.mailboxes, 1)]
    for at, one in enumerate(scenario.rest, 1):
        checks += [(f"rest[{at}].numbers", one.numbers)] if one.numbers else []
        if "{number}" in one.path + one.body and not one.numbers:
            yield f"rest[{at}].numbers is missing: {{number}} is used"
        if not one.path.startswith("/"):
            yield f"rest[{at}].path must begin with /"
    for at, cisco in enumerate(scenario.cisco_phones, 1):
        yield from _span_problems(f"cisco_phones[{at}].every", cisco.every)
        if not cisco.path.startswith("/"):
            yield f"cisco_phones[{at}].path must begin with /"
    count = 0
    for place, numbers in checks:
        try:
            found = len(expanded(numbers))
        except ValueError as error:
            yield f"{place}: {error}"
            continue
        count += found if place.endswith((".numbers", ".users", ".devices")) else 0
        if not found:
            yield f"{place} is empty"
    if count > MOST:
        yield f"{count} phones, callers, users and devices; {MOST} at most"
    if sum(callers.rate for callers in scenario.callers) > LARGEST_RATE:
        yield f"more than {LARGEST_RATE} calls in a second"
    if not (scenario.phones or scenario.callers or scenario.presence or scenario.rest or scenario.gadgets
            or scenario.cisco_phones):  # fmt: skip
        yield "nothing is to be done: no [[phones]], [[callers]], [[presence]], [[rest]], [[gadgets]], [[cisco_phones]]"
    yield from wrong_bounds(scenario)


def _doing_problems(place: str, table: Phones | Callers, is_mute: bool) -> Iterator[str]:
    """Of what is done during calls."""
    if table.hold is not None:
        yield from _span_problems(f"{place}.hold.after", table.hold.after)
        yield from _span_problems(f"{place}.hold.seconds", table.hold.seconds)
    if table.transfer is not None:
        yield from _span_problems(f"{place}.transfer.after", table.transfer.after)
        yield from _span_problems(f"{place}.transfer.consult", table.transfer.consult)
    digits = table.digits
    if digits is not None:
        yield from _span_problems(f"{place}.digits.after", digits.after)
        for name, text in (("send", digits.send), ("hear", digits.hear)):
            if not _KEYS.match(text):
                yield f"{place}.digits.{name}: {text!r} is more than 0-9 * # A-D, commas, {{number}} and {{other}}"
        if is_mute and digits.send and digits.by == "rtp":
            yield f"{place}.digits.by: telephone events are sent as sound is, and media.rtp is none"


def how_many(numbers: Numbers) -> int:
    """How many they are; of those that cannot be read, as many as there may be."""
    try:
        return len(expanded(numbers))
    except ValueError:
        return MOST


def _server_problems(scenario: Scenario) -> Iterator[str]:
    server, network = scenario.server, scenario.network
    yield from _wrong("server.sip", server.sip, check_sip)
    if server.web:
        parts = urlsplit(server.web)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
            yield f"server.web: {server.web!r} is no address such as http://127.0.0.1:8080"
    elif scenario.presence or scenario.rest or scenario.gadgets or scenario.cisco_phones:
        yield "server.web is missing: there are presence, rest, gadgets or cisco_phones"
    for name, addresses in (("addresses", network.addresses), ("other_hosts", network.other_hosts)):
        for address in addresses:
            if family(address) is None:
                yield f"network.{name}: {address!r} is no IP address"
    yield from _wrong("network.rtp_ports", network.rtp_ports, PortRange.parse)


def _wrong(place: str, text: str, check: Callable[[str], object]) -> Iterator[str]:
    try:
        check(text)
    except ValueError as error:
        yield f"{place}: {error}"


def check_sip(text: str) -> tuple[str, str, int]:
    """Transport, host and port of ``sip:HOST:PORT;transport=tcp``. Raises ValueError."""
    try:
        uri = parse_uri(text)
    except SipError as error:
        raise ValueError(f"{text!r} is no address such as sip:127.0.0.1:5060 ({error.reason})") from None
    if not uri.is_sip or uri.user or uri.headers or uri.transport not in ("udp", "tcp", "tls"):
        raise ValueError(f"{text!r} is no address such as sip:127.0.0.1:5060;transport=tcp")
    return uri.transport, uri.host.strip("[]"), uri.port or (5061 if uri.transport == "tls" else 5060)


def _span_problems(place: str, span: Span | None) -> Iterator[str]:
    if isinstance(span, list):
        if len(span) != 2:
            yield f"{place}: it must be a number of seconds, or two: [least, most]"
        elif span[0] > span[1]:
            yield f"{place}: {span[0]:g} is above {span[1]:g}"
