"""How a load goes, in one line that is drawn again and again, or in a line now and then where nobody looks on."""

from shutil import get_terminal_size
from typing import TextIO

from magroup.load.crew import Crew
from magroup.load.limits import statistic_of

WIDTH = 24
LINE_EVERY = 5.0


class ProgressLine:
    """``shown`` writes to a terminal twice a second, to anything else every five seconds."""

    def __init__(self, to: TextIO) -> None:
        self._to = to
        self._is_terminal = to.isatty()
        self._length = 0
        self._next = 0.0

    def shown(self, crew: Crew, passed: float) -> None:
        text = line(crew, passed)
        if self._is_terminal:
            text = text[: get_terminal_size().columns - 1]
            self._to.write(f"\r{text:{self._length}}")
            self._length = len(text)
            self._to.flush()
        elif passed >= self._next:
            self._next = passed + LINE_EVERY
            self._to.write(f"{text}\n")
            self._to.flush()

    def end(self) -> None:
        """Leave the line."""
        if self._is_terminal and self._length:
            self._to.write("\n")


def line(crew: Crew, passed: float) -> str:
    """The state of a run in words and numbers."""
    recording, seconds = crew.recording, crew.scenario.run.seconds
    number, gauges = recording.measures.number, recording.gauges
    full = min(int(WIDTH * passed / seconds), WIDTH)
    text = f"[{'#' * full}{'.' * (WIDTH - full)}] {crew.phase} {min(passed, seconds):.0f}/{seconds:.0f} s"
    if crew.scenario.phones:
        text += f"  phones {gauges.get('phones_registered', 0)}"
    if crew.scenario.callers:
        text += (f"  calls {number('calls_offered')} served {number('calls_served')} failed {number('calls_failed')} "
                 f"up {gauges.get('calls_up', 0)}")  # fmt: skip
    delay = recording.measures.values.get("post_dial_delay")
    if delay is not None:
        text += f"  dial p95 {statistic_of('post_dial_delay', delay, 'p95'):.1f} ms"
    return text
