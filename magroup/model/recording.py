"""What is to be recorded of a caller, and what became of it (the Record Message service of ECMA-269)."""

from enum import StrEnum

from magroup.model.fixed import fixed


@fixed
class Recording:
    """A message to be recorded into the WAV file ``path``, which is there only once it is complete.

    ``note`` is kept in the file. It ends after ``longest`` seconds or ``silence`` seconds of it; where there was
    nothing to hear for ``shortest`` seconds nothing is kept.
    """

    path: str
    note: str = ""
    longest: float = 180.0
    silence: float = 10.0
    shortest: float = 1.0


class RecordingEnd(StrEnum):
    """Why a recording ended."""

    STOPPED = "stopped"
    """It was stopped, or the caller is gone."""
    SILENCE = "silence"
    LONGEST = "longest"
    FAILED = "failed"
    """It cannot be recorded: the disk is full, or there is no sound from the caller to record."""


@fixed
class Recorded:
    """A recording that is over: its file, and how long it is; 0.0 seconds: nothing was kept."""

    path: str
    seconds: float = 0.0
    end: RecordingEnd = RecordingEnd.STOPPED
