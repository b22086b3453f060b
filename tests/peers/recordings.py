"""What a phone heard, from the files it records."""

from collections.abc import Callable
from pathlib import Path

from tests.peers import audio
from tests.peers.waiting import until

HEADER = 44


class Recordings:
    """The `*-dec.wav` files of baresip's sndfile filter: a new one for each call, named by its start."""

    def __init__(self, owner: str, directory: Path, report: Callable[[], str]) -> None:
        self._owner = owner
        self._directory = directory
        self._report = report

    def files(self) -> list[Path]:
        """The recordings, oldest first."""
        return sorted(path for path in self._directory.glob("*-dec.wav") if path.stat().st_size >= HEADER)

    def heard(self) -> tuple[audio.Samples, int]:
        """What was heard in the newest call: samples and their rate."""
        files = self.files()
        return audio.read_wav(files[-1]) if files else (audio.silence(0), 8000)

    def summary(self) -> str:
        """The newest call's audio in a few words."""
        samples, rate = self.heard()
        last = samples[-rate // 2 :]
        frequency = audio.dominant_frequency(last, rate)
        return (
            f"{len(samples) / rate:.2f} s heard, at last level {audio.level(last):.0f} at {frequency:.0f} Hz"
        )

    async def hears(self, frequency: float, seconds: float, timeout: float, tolerance: float) -> None:
        """Wait until `seconds` of new audio are a tone; what was recorded before this call does not count."""
        files = self.files()
        known = {files[-1]: len(self.heard()[0])} if files else {}

        def there() -> bool:
            files = self.files()
            if not files:
                return False
            samples, rate = audio.read_wav(files[-1])
            length = round(seconds * rate)
            last = samples[known.get(files[-1], 0) :][-length:]
            if len(last) < length or audio.is_silent(last):
                return False
            return abs(audio.dominant_frequency(last, rate) - frequency) <= tolerance

        what = f"{self._owner}: tone of {frequency:g} Hz"
        await until(there, timeout, what=what, seen=self._report)

    async def hears_file(self, reference: Path, timeout: float, score: float) -> tuple[float, float]:
        """Wait until the whole WAV file was heard in the newest call: where it began, and the score."""
        sought, sought_rate = audio.read_wav(reference)
        best = (0.0, 0.0)
        looked_at = 0

        def there() -> bool:
            nonlocal best, looked_at
            samples, rate = self.heard()
            # one look for each fifth of a second: a correlation of a long call takes its time
            if len(samples) / rate < len(sought) / sought_rate or 0 <= len(samples) - looked_at < rate / 5:
                return False
            looked_at = len(samples)
            best = audio.correlate(samples, rate, sought, sought_rate)
            end = best[0] + len(sought) / sought_rate
            return best[1] >= score and end <= len(samples) / rate + 0.02

        what = f"{self._owner}: {reference.name}"
        await until(there, timeout, what=what, seen=lambda: f"  at best {best}\n{self._report()}")
        return best
