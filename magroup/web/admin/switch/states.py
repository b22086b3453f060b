"""States in a word, with the colour that goes with it and a sentence for who wants to know more."""

from typing import NamedTuple

from magroup.model.lines import Line, Phone, Registration
from magroup.model.standing import Answers, LineStanding, LinkStanding, TrunkCondition, TrunkStanding
from magroup.web.admin.switch.switching import Switching
from magroup.web.phone.trust import may_be

GOOD, BAD, OFF = "good", "bad", "off"
"""Names of classes of the style sheet."""


class State(NamedTuple):
    """``word`` says it all without the colour; ``more`` is read out and shown by the mouse."""

    word: str
    colour: str
    more: str = ""


ON_PBX = State("on the PBX", OFF, "calls go over a trunk")
NO_SECRET = State("no secret", BAD, "no phone can register")
NOT_REGISTERED = State("not registered", OFF, "no phone is registered")


def of_line(line: Line, standing: LineStanding | None) -> State:
    """``standing`` None where it is not known."""
    if line.on_pbx:
        return ON_PBX
    if standing is not None and standing.rings:
        silent = f", {standing.silent} of them silent" if standing.silent else ""
        return State("registered", GOOD, f"{_phones(standing.phones)}{silent}")
    if standing is not None and standing.phones:
        return State("does not answer", BAD, f"{_phones(standing.phones)} registered, none answers")
    if not line.secret:
        return NO_SECRET
    return NOT_REGISTERED if standing is not None else State("", OFF)


def of_phone(phone: Phone, switching: Switching | None, numbers: list[str]) -> State:
    """By the registrations of its lines (``numbers`` as stored) that can be this device's."""
    if switching is None:
        return State("", OFF)
    found = [one for number in numbers for one in switching.standing.of_line(number) if may_be(phone, one)]
    if not found:
        return State("not registered", OFF, "it has not registered any of its lines" if numbers else "it has no line")
    answering = [one for one in found if switching.standing.registered(one).answers is not Answers.NO]
    if not answering:
        return State("does not answer", BAD, f"registered {_from(found[0])}")
    return State("registered", GOOD, _from(answering[0]))


def of_trunk(trunk: TrunkStanding) -> State:
    if trunk.condition in (TrunkCondition.DOWN, TrunkCondition.TAKES_NONE, TrunkCondition.NO_ADDRESS):
        return State(str(trunk.condition), BAD, trunk.answer)
    if trunk.is_registered is False:
        return State("not registered", BAD, trunk.answer)
    if trunk.condition is TrunkCondition.UP:
        return State("up", GOOD, trunk.answer)
    return State("registered", GOOD) if trunk.is_registered else State("not asked", OFF, "it is taken as up")


def of_link(link: LinkStanding) -> State:
    """Of the link to the PBX."""
    return State("up", GOOD) if link.is_up else State("down", BAD)


def of_answers(answers: Answers) -> State:
    """Whether a registered phone answers."""
    match answers:
        case Answers.YES:
            return State("answers", GOOD)
        case Answers.NO:
            return State("silent", BAD, "it did not answer twice")
        case Answers.NOT_ASKED:
            return State("not asked yet", OFF)
    return State("not asked", OFF, "the setting sip.options_ping_interval is 0")


def _phones(count: int) -> str:
    return "1 phone" if count == 1 else f"{count} phones"


def _from(registration: Registration) -> str:
    return f"from {registration.received[0]}"
