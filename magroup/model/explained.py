"""Why a number goes where it goes, in words: what a dry run of a call says (spec 6)."""

from magroup.model.fixed import fixed


@fixed
class Rung:
    """Who would ring: ``who`` and at which ``number``, what the phones show of the caller, and how it is reached.

    ``is_reached`` is whether anything rings there.
    """

    who: str
    number: str
    how: str
    is_reached: bool = True
    shows: str = ""


@fixed
class Stage:
    """One step: in words, from when on (UTC seconds), for how many seconds (None: as long as it takes), and why.

    ``hears`` is what the caller hears meanwhile.
    """

    words: str
    at: float
    seconds: float | None = None
    rings: tuple[Rung, ...] = ()
    why: tuple[str, ...] = ()
    hears: str = ""


@fixed
class Changed:
    """Something that was set, in words, and when (UTC seconds)."""

    words: str
    at: float


@fixed
class Explained:
    """A call of ``caller`` to ``called`` (both in words), which ends as ``end`` says if nobody answers.

    ``trail`` is as the journal would say it, "" outside of groups. ``changed`` is what was set after the instant that
    was asked for: what was so before is not known. ``remarks`` say what else is not certain.
    """

    caller: str
    called: str
    stages: tuple[Stage, ...]
    end: str
    trail: str = ""
    changed: tuple[Changed, ...] = ()
    remarks: tuple[str, ...] = ()
