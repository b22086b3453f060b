"""The reason trail of a call in English words: "manager Away; assistant Raf rang 15 s; Ara busy; overflow to 4321"."""

from collections.abc import Callable, Iterable

from magroup.model.calls import Reason, ReasonCode

_PRESENCE = {"away": "Away", "busy": "status Busy", "dnd": "Do Not Disturb", "unavailable": "Unavailable"}
_RINGS = {ReasonCode.MANAGER_RINGS, ReasonCode.ASSISTANT_RINGS}
_RANG = {
    ReasonCode.NO_ANSWER,
    ReasonCode.LINE_BUSY,
    ReasonCode.DECLINED,
    ReasonCode.FAILED,
    ReasonCode.MEMBER_LEFT,
    ReasonCode.DEFLECTED,
    ReasonCode.ANSWERED,
}
_LAST = {ReasonCode.DEFLECTED, ReasonCode.ANSWERED, ReasonCode.CALLER_HUNG_UP}


def _state(reason: Reason) -> str:
    return _PRESENCE.get(reason.detail, reason.detail or "not available")


def _seconds(reason: Reason, before: str) -> str:
    return f"{before}{reason.seconds} s" if reason.seconds else ""


_WORDS: dict[ReasonCode, Callable[[Reason], str]] = {
    ReasonCode.GREETING: lambda r: "greeting",
    ReasonCode.MANAGER_RINGS: lambda r: "manager rings" + _seconds(r, " "),
    ReasonCode.MANAGER_NOT_AVAILABLE: lambda r: f"manager {_state(r)}",
    ReasonCode.MANAGER_OUT_OF_SERVICE: lambda r: "manager's line out of service",
    ReasonCode.ASSISTANT_RINGS: lambda r: f"assistant {r.who} rings" + _seconds(r, " "),
    ReasonCode.ASSISTANT_NOT_AVAILABLE: lambda r: f"{r.who} {_state(r)}",
    ReasonCode.ASSISTANT_OUT_OF_SERVICE: lambda r: f"{r.who}'s line out of service",
    ReasonCode.CALLER_IS_MEMBER: lambda r: f"{r.who} is calling",
    ReasonCode.NO_ANSWER: lambda r: f"{r.who} rang" + _seconds(r, " "),
    ReasonCode.LINE_BUSY: lambda r: f"{r.who} busy",
    ReasonCode.DECLINED: lambda r: f"{r.who} declined",
    ReasonCode.FAILED: lambda r: f"{r.who} not reached",
    ReasonCode.NOBODY_ELIGIBLE: lambda r: "nobody available, waiting",
    ReasonCode.NOBODY_REACHED: lambda r: "nobody reached, waiting",
    ReasonCode.OVERFLOW_AGAIN: lambda r: "again from the top",
    ReasonCode.OVERFLOW_NUMBER: lambda r: f"overflow to {r.who}",
    ReasonCode.OVERFLOW_BUSY: lambda r: "overflow busy",
    ReasonCode.OVERFLOW_VOICEMAIL: lambda r: f"overflow to voicemail of {r.who}",
    ReasonCode.OVERFLOW_GROUP: lambda r: f"overflow to group {r.detail}",
    ReasonCode.OVERFLOW_LOOP: lambda r: f"overflow back to group {r.detail}, ended busy",
    ReasonCode.GROUP_DELETED: lambda r: "group deleted, ended busy",
    ReasonCode.DIRECT: lambda r: f"{r.who} directly to the manager",
    ReasonCode.DEFLECTED: lambda r: f"{r.who} sent it to {r.detail}",
    ReasonCode.SYSTEM_ERROR: lambda r: "ended by an internal error",
    ReasonCode.ANSWERED: lambda r: f"answered by {r.who}" + _seconds(r, " after "),
    ReasonCode.CALLER_HUNG_UP: lambda r: "caller hung up",
    ReasonCode.MEMBER_LEFT: lambda r: f"{r.who} left the group",
}


def words(reason: Reason) -> str:
    """One reason as a fragment of a sentence."""
    return _WORDS[reason.code](reason)


def trail_in_words(trail: Iterable[Reason]) -> str:
    """The whole trail in one line. Ringing and what came of it are told as one."""
    fragments: list[str] = []
    ringing: dict[str, tuple[int, Reason]] = {}
    for reason in trail:
        fragment = words(reason)
        if reason.code in _RINGS:
            ringing[reason.who] = (len(fragments), reason)
        elif reason.code in _RANG and reason.who in ringing:
            at, rang = ringing.pop(reason.who)
            fragments[at] = ""
            if reason.code is ReasonCode.NO_ANSWER:
                fragment = _rang(rang) + _seconds(reason, " ")
        if reason.code in _LAST:
            for at, rang in ringing.values():
                fragments[at] = _rang(rang)
            ringing.clear()
        fragments.append(fragment)
    return "; ".join(filter(None, fragments))


def _rang(reason: Reason) -> str:
    return "manager rang" if reason.code is ReasonCode.MANAGER_RINGS else f"assistant {reason.who} rang"
