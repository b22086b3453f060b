"""Whether a forwarding may be set (spec 2): its target must be there, and no call may go round in circles by it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import StrEnum

from magroup.model.configuration import Configuration
from magroup.model.fixed import fixed
from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.model.groups import Member
from magroup.model.languages import Language, Said
from magroup.model.lines import Line
from magroup.model.numbers import is_diallable
from magroup.model.people import User
from magroup.model.snapshot import Snapshot
from magroup.policy.forwarding import target_of


class Refused(StrEnum):
    """Why a forwarding cannot be set."""

    NOT_MANAGER = "not_manager"
    NOT_FOR_LINES = "not_for_lines"
    NO_VOICEMAIL = "no_voicemail"
    NO_MOBILE = "no_mobile"
    NO_NUMBER = "no_number"
    NO_MEMBER = "no_member"
    LOOP = "loop"


@fixed
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
    circle = _circle(snapshot, who, forwarding)
    return Refusal(Refused.LOOP, " → ".join(circle)) if circle else None


_MISSING = {
    ForwardTo.VOICEMAIL: Refused.NO_VOICEMAIL,
    ForwardTo.MOBILE: Refused.NO_MOBILE,
    ForwardTo.NUMBER: Refused.NO_NUMBER,
    ForwardTo.MEMBER: Refused.NO_MEMBER,
}


def _circle(snapshot: Snapshot, who: Member | Line, forwarding: Forwarding) -> tuple[str, ...]:
    """The numbers of a circle that the forwarding closes, up to the one that comes again; () where there is none."""
    if isinstance(who, Member):
        changed = {**snapshot.application_forwarding, who.id: forwarding}
        snapshot = replace(snapshot, application_forwarding=changed)
        return _back_to_manager(snapshot, who) or _walk(snapshot, _instead(snapshot, who))
    snapshot = replace(snapshot, line_forwarding={**snapshot.line_forwarding, who.number: forwarding})
    if circle := _walk(snapshot, who.number):
        return circle
    managers = (member for member in snapshot.configuration.members if member.is_manager)
    circles = (_back_to_manager(snapshot, manager) for manager in managers)
    return next((circle for circle in circles if who.number in circle), ())


def _back_to_manager(snapshot: Snapshot, manager: Member) -> tuple[str, ...]:
    """A way by what is set instead of the manager to the manager's own line, which would ring after all."""
    line = _place(snapshot.configuration, manager.number)
    way = _walk(snapshot, _instead(snapshot, manager), line)
    if not way:
        return ()
    group = snapshot.configuration.group_by_id.get(manager.group_id)
    numbers = (group.number if group else "", line, *way)
    end = next(at for at, number in enumerate(numbers) if number in numbers[:at])
    return tuple(filter(None, numbers[: end + 1]))


def _walk(snapshot: Snapshot, start: str, goal: str = "") -> tuple[str, ...]:
    """The numbers from ``start`` to ``goal``, or without one to the first that comes again; () for no such way."""
    if not start or start == goal:
        return (start,) if start else ()
    passed = [start]
    choices = [iter(_onward(snapshot, start))]
    seen = {start}
    while passed:
        number = next(choices[-1], None)
        if number is None:
            passed.pop()
            choices.pop()
        elif number == goal or (not goal and number in passed):
            return (*passed, number)
        elif number not in seen:
            passed.append(number)
            choices.append(iter(_onward(snapshot, number)))
            seen.add(number)
    return ()


def _onward(snapshot: Snapshot, number: str) -> Iterator[str]:
    """Where a call may go on to from ``number``: from a line to where it is forwarded, from a group to its manager.

    The latter is the manager's line, since VIPs pass application forwarding, and what is set instead of that.
    """
    configuration = snapshot.configuration
    if line := configuration.line(number):
        forwarding = snapshot.forwarding_of_line(line.number)
        yield from _targets(configuration, forwarding, configuration.user_of_number(line.number))
    elif group := configuration.group_of_number(number):
        if manager := configuration.manager_of(group.id):
            yield from filter(None, (_place(configuration, manager.number), _instead(snapshot, manager)))


def _instead(snapshot: Snapshot, manager: Member) -> str:
    """The line or group that application forwarding leads to, "" for none."""
    configuration = snapshot.configuration
    forwarding = snapshot.forwarding_of_member(manager.id)
    return next(_targets(configuration, forwarding, configuration.user(manager.user_name)), "")


def _targets(configuration: Configuration, forwarding: Forwarding, user: User | None) -> Iterator[str]:
    """The line or group that a forwarding leads to, if any."""
    if forwarding.to is not ForwardTo.VOICEMAIL:
        if place := _place(configuration, target_of(configuration, forwarding, user)):
            yield place


def _place(configuration: Configuration, number: str) -> str:
    """The number of one of our lines or groups as stored, "" for all others."""
    place = configuration.line(number) or configuration.group_of_number(number)
    return place.number if place and number else ""
