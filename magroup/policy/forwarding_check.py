"""Whether a forwarding may be set (spec 2): its target must be there, and no call may go round in circles by it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.model.groups import Member
from magroup.model.languages import Language
from magroup.model.lines import Line
from magroup.model.numbers import is_diallable
from magroup.model.snapshot import Snapshot
from magroup.policy.forwarding import target_of
from magroup.policy.reason_words import Said


class Refused(StrEnum):
    """Why a forwarding cannot be set."""

    NOT_MANAGER = "not_manager"
    NOT_FOR_LINES = "not_for_lines"
    NO_VOICEMAIL = "no_voicemail"
    NO_MOBILE = "no_mobile"
    NO_NUMBER = "no_number"
    NO_MEMBER = "no_member"
    LOOP = "loop"


@dataclass(frozen=True)
class Refusal:
    """Why, and the number in question or the way round the circle."""

    code: Refused
    detail: str = ""


_WORDS: Mapping[Refused, Said] = {
    Refused.NOT_MANAGER: Said(
        "Application forwarding is for managers only.",
        "Die Anwendungsumleitung gibt es nur für Manager.",
        "Le renvoi par l'application est réservé aux managers.",
    ),
    Refused.NOT_FOR_LINES: Said(
        "A line cannot be forwarded to the group.",
        "Eine Leitung kann nicht zur Gruppe umgeleitet werden.",
        "Une ligne ne peut pas être renvoyée vers le groupe.",
    ),
    Refused.NO_VOICEMAIL: Said(
        "There is no voicemail number to forward to.",
        "Es gibt keine Mailboxnummer, zu der umgeleitet werden könnte.",
        "Il n'y a pas de numéro de messagerie vers lequel renvoyer.",
    ),
    Refused.NO_MOBILE: Said(
        "There is no mobile number to forward to.",
        "Es gibt keine Mobilnummer, zu der umgeleitet werden könnte.",
        "Il n'y a pas de numéro de mobile vers lequel renvoyer.",
    ),
    Refused.NO_NUMBER: Said(
        "{detail} is no phone number.",
        "{detail} ist keine Telefonnummer.",
        "{detail} n'est pas un numéro de téléphone.",
    ),
    Refused.NO_MEMBER: Said(
        "The member to forward to does not exist.",
        "Das Mitglied, zu dem umgeleitet werden soll, gibt es nicht.",
        "Le membre vers lequel renvoyer n'existe pas.",
    ),
    Refused.LOOP: Said(
        "Calls would go round in a circle: {detail}.",
        "Anrufe gingen im Kreis: {detail}.",
        "Les appels tourneraient en rond : {detail}.",
    ),
}


def refusal_in_words(refusal: Refusal, language: Language = Language.ENGLISH) -> str:
    """One sentence."""
    return _WORDS[refusal.code].by(language).format(detail=refusal.detail)


def check_forwarding(snapshot: Snapshot, who: Member | Line, forwarding: Forwarding) -> Refusal | None:
    """What speaks against ``forwarding`` as application forwarding of a member, or as forwarding of a line."""
    if not forwarding:
        return None
    configuration = snapshot.configuration
    if isinstance(who, Member):
        user = configuration.user(who.user_name)
        if not who.is_manager:
            return Refusal(Refused.NOT_MANAGER)
    else:
        user = configuration.user_of_number(who.number)
        if forwarding.to is ForwardTo.GROUP:
            return Refusal(Refused.NOT_FOR_LINES)
    if forwarding.to is ForwardTo.NUMBER and not is_diallable(forwarding.number):
        return Refusal(Refused.NO_NUMBER, forwarding.number)
    if forwarding.to is not ForwardTo.GROUP and not target_of(configuration, forwarding, user):
        return Refusal(_MISSING[forwarding.to])
    return _circle(snapshot, who, forwarding)


_MISSING = {
    ForwardTo.VOICEMAIL: Refused.NO_VOICEMAIL,
    ForwardTo.MOBILE: Refused.NO_MOBILE,
    ForwardTo.NUMBER: Refused.NO_NUMBER,
    ForwardTo.MEMBER: Refused.NO_MEMBER,
}


def _circle(snapshot: Snapshot, who: Member | Line, forwarding: Forwarding) -> Refusal | None:
    """A circle that the forwarding closes: every way begins at who has set it, or at a group."""
    if isinstance(who, Member):
        changed = {**snapshot.application_forwarding, who.id: forwarding}
        snapshot = replace(snapshot, application_forwarding=changed)
        ways = [_ways_from_group(snapshot, who.group_id)]
    else:
        snapshot = replace(snapshot, line_forwarding={**snapshot.line_forwarding, who.number: forwarding})
        ways = [_ways_from_line(snapshot, who.number)]
        ways += [_ways_from_group(snapshot, group.id) for group in snapshot.configuration.groups]
    for way in ways:
        passed = _until_circle(way)
        if passed and (isinstance(who, Member) or who.number in passed):
            return Refusal(Refused.LOOP, " → ".join(passed))
    return None


def _until_circle(way: Iterator[str]) -> tuple[str, ...]:
    """The numbers passed, up to the first that comes again; () for a way that ends."""
    passed: list[str] = []
    for number in way:
        passed.append(number)
        if number in passed[:-1]:
            return tuple(passed)
    return ()


def _ways_from_line(snapshot: Snapshot, number: str) -> Iterator[str]:
    """The numbers that a call to ``number`` passes, without end where it goes round in a circle."""
    configuration = snapshot.configuration
    while True:
        line = configuration.line(number)
        if line is None:
            if group := configuration.group_of_number(number):
                yield from _ways_from_group(snapshot, group.id)
            return
        yield line.number
        forwarding = snapshot.forwarding_of_line(line.number)
        number = target_of(configuration, forwarding, configuration.user_of_number(line.number))
        if not number or forwarding.to is ForwardTo.VOICEMAIL:
            return


def _ways_from_group(snapshot: Snapshot, group_id: int) -> Iterator[str]:
    """The numbers that a call to the group's manager passes: the manager's line too where it is forwarded past that."""
    configuration = snapshot.configuration
    manager = configuration.manager_of(group_id)
    if manager is None:
        return
    yield configuration.group_by_id[group_id].number or f"#{group_id}"
    forwarding = snapshot.forwarding_of_member(manager.id)
    if not forwarding:
        yield from _ways_from_line(snapshot, manager.number)
        return
    line = configuration.line(manager.number)
    yield line.number if line else manager.number
    target = target_of(configuration, forwarding, configuration.user(manager.user_name))
    if target and forwarding.to is not ForwardTo.VOICEMAIL:
        yield from _ways_from_line(snapshot, target)
