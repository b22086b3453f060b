"""What a caller at a manager number hears until somebody answers (spec 1.2 steps 3, 5 and 7)."""

from collections.abc import Sequence

from magroup.cti.switch import Accept, RoutePoints

RINGBACK = "ringback"
"""The sound for a caller who has been accepted with media and has no announcements to listen to."""


class Hearing:
    """How one call was accepted and what plays to it."""

    def __init__(self, switch: RoutePoints, call_id: str) -> None:
        self._switch = switch
        self._call_id = call_id
        self._accepted: Accept | None = None
        self._plays: tuple[str, ...] = ()

    @property
    def has_media(self) -> bool:
        """Whether the caller hears what is played, so that more of it costs nothing."""
        return self._accepted in (Accept.EARLY_MEDIA, Accept.ANSWER)

    def ringing(self) -> None:
        """The caller's own switch makes the tone, unless something was played before."""
        if self._accepted is None:
            self._accept(Accept.RINGING)

    def greeting(self, sound: str, early_media: bool) -> None:
        """Play ``sound`` once."""
        self._open(early_media)
        self._plays = ()
        self._switch.play_message(self._call_id, [sound], repeat=False)

    def waiting(self, sounds: Sequence[str], early_media: bool) -> None:
        """Play ``sounds`` over and over, unless they play already; ringback when there are none."""
        if not sounds and not self.has_media:
            self.ringing()
            return
        wanted = tuple(sounds) or (RINGBACK,)
        if wanted != self._plays:
            self._open(early_media)
            self._plays = wanted
            self._switch.play_message(self._call_id, wanted, repeat=True)

    def _open(self, early_media: bool) -> None:
        if not self.has_media:
            self._accept(Accept.EARLY_MEDIA if early_media else Accept.ANSWER)

    def _accept(self, how: Accept) -> None:
        self._accepted = how
        self._switch.accept_call(self._call_id, how)
