"""The reason trail of a call in words: "manager Away; assistant Raf rang 15 s; Ara busy; overflow to 4321"."""

from collections.abc import Iterable

from magroup.model.calls import Reason, ReasonCode
from magroup.model.languages import Language, Said
from magroup.policy.reason_words import AFTER, LASTING, NOT_AVAILABLE, PAST, PRESENCE, REASONS

_RANG = {
    ReasonCode.NO_ANSWER,
    ReasonCode.LINE_BUSY,
    ReasonCode.DECLINED,
    ReasonCode.FAILED,
    ReasonCode.FORWARD_LOOP,
    ReasonCode.MEMBER_LEFT,
    ReasonCode.DEFLECTED,
    ReasonCode.ANSWERED,
    ReasonCode.ANSWERED_BY_VOICEMAIL,
    ReasonCode.PICKED_UP,
}
_LAST = {
    ReasonCode.DEFLECTED,
    ReasonCode.ANSWERED,
    ReasonCode.ANSWERED_BY_VOICEMAIL,
    ReasonCode.PICKED_UP,
    ReasonCode.CALLER_HUNG_UP,
}


def words(reason: Reason, language: Language = Language.ENGLISH) -> str:
    """One reason as a fragment of a sentence."""
    return _filled(REASONS[reason.code], reason, reason.seconds, language)


def trail_in_words(trail: Iterable[Reason], language: Language = Language.ENGLISH) -> str:
    """The whole trail in one line. Ringing and what came of it are told as one."""
    fragments: list[str] = []
    ringing: dict[str, tuple[int, Reason]] = {}
    for reason in trail:
        fragment = words(reason, language)
        if reason.code in PAST:
            ringing[reason.who] = (len(fragments), reason)
        elif reason.code in _RANG and reason.who in ringing:
            at, rang = ringing.pop(reason.who)
            fragments[at] = ""
            if reason.code is ReasonCode.NO_ANSWER:
                fragment = _filled(PAST[rang.code], rang, reason.seconds, language)
        if reason.code in _LAST:
            for at, rang in ringing.values():
                fragments[at] = _filled(PAST[rang.code], rang, 0, language)
            ringing.clear()
        fragments.append(fragment)
    return "; ".join(filter(None, fragments))


def _filled(said: Said, reason: Reason, seconds: int, language: Language) -> str:
    """``said`` about ``reason``, with ``seconds`` where there are any."""

    def lasting(how: Said) -> str:
        return how.by(language).format(seconds=seconds) if seconds else ""

    return said.by(language).format(
        who=reason.who,
        detail=reason.detail,
        state=PRESENCE.get(reason.detail, NOT_AVAILABLE).by(language),
        lasting=lasting(LASTING),
        after=lasting(AFTER),
    )
