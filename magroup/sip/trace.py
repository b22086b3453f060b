"""The newest SIP messages of calls as they were on the wire, kept in memory, found by Call-ID or what it was linked to.

Each message costs a search for its Call-ID and a reference to bytes that are there anyway: all else is done when
somebody looks. Messages of other Call-IDs than those of INVITEs are not kept.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from magroup.sip.hop import Hop

EACH: Final = 200
"""Bytes that a message takes beside its own."""

OF_TRACK: Final = 1000
STRANGERS: Final = 8
"""An eighth of the memory is for what is linked to nothing: floods that are refused take no more."""

FEW: Final = 8
"""Call-IDs of a subject of which each loses messages when there are too many; of more, one goes as a whole."""

_NAME: Final = b"\r\nCall-ID: "
_SKIP: Final = len(_NAME)


PARTS: Final = 5
Entry = tuple[int, float, bool, Hop, bytes]
"""A message: its number among all that were kept, UTC seconds, whether it was sent, where to or from, its bytes."""


class Track:
    """The messages of one Call-ID; ``lost`` counts those that were too many.

    ``values`` has the five parts of each one after the other: a tuple for each would be one more thing that the
    garbage collector looks at.
    """

    __slots__ = ("key", "lost", "size", "subjects", "values")

    def __init__(self, key: bytes) -> None:
        self.key = key
        self.values: list[Any] = []
        self.size = OF_TRACK
        self.lost = 0
        self.subjects: tuple[Subject, ...] = ()

    @property
    def count(self) -> int:
        """How many messages there are."""
        return len(self.values) // PARTS

    def entries(self) -> tuple[Entry, ...]:
        return tuple(zip(*[iter(self.values)] * PARTS, strict=True))


class Subject:
    """What Call-IDs are linked to: a call with its legs. ``lost`` counts messages that went with their Call-ID."""

    __slots__ = ("count", "lost", "name", "tracks")

    def __init__(self, name: str) -> None:
        self.name = name
        self.tracks: list[Track] = []
        self.count = 0
        self.lost = 0


class Found(NamedTuple):
    """What is kept of a subject: the entries of each Call-ID in the order of their links."""

    tracks: tuple[tuple[Entry, ...], ...]
    lost: int


class Trace:
    """``seconds`` gives UTC. Off until ``limit`` gives it memory.

    ``watch`` is told of all messages, kept or not: whether it is sent, the hop, its bytes, its Call-ID.
    When the memory is full the oldest subject goes with all its messages.
    """

    def __init__(self, seconds: Callable[[], float]) -> None:
        self.watch: Callable[[bool, Hop, bytes, bytes], None] | None = None
        self.number = 0
        self.size = 0
        self._seconds = seconds
        self._limit = 0
        self._most = 0
        self._strange = 0
        self._tracks: dict[bytes, Track] = {}
        self._strangers: dict[bytes, Track] = {}
        self._subjects: dict[str, Subject] = {}

    @property
    def is_on(self) -> bool:
        """Whether it has memory."""
        return self._limit > 0

    @property
    def kept(self) -> int:
        """How many messages are kept now."""
        return sum(track.count for tracks in (self._tracks, self._strangers) for track in tracks.values())

    def limit(self, size: int, most: int) -> None:
        """At most so many bytes in all, 0 for none at all, and so many messages of a subject."""
        self._limit, self._most = size, most
        if not size:
            self._tracks.clear()
            self._strangers.clear()
            self._subjects.clear()
            self.size = self._strange = 0
        self._make_room()

    def received(self, data: bytes, hop: Hop, call_id: str) -> None:
        """A message came."""
        key = call_id.encode("utf-8", "surrogateescape")
        if self.watch is not None:
            self.watch(False, hop, data, key)
        track = self._tracks.get(key) or self._strangers.get(key)
        if track is None:
            if not self._limit or not data.startswith(b"INVITE "):
                return
            track = self._begin(key)
        self._keep(track, False, hop, data)

    def sent(self, data: bytes, hop: Hop) -> None:
        """A message that was made here goes out."""
        start = data.find(_NAME)
        # Keep-alives have none; a slice that ends before it begins is an error where this is compiled.
        key = data[start + _SKIP : data.find(b"\r\n", start + _SKIP)] if start >= 0 else b""
        if self.watch is not None:
            self.watch(True, hop, data, key)
        track = self._tracks.get(key) or self._strangers.get(key)
        if track is None:
            if not self._limit or not data.startswith(b"INVITE "):
                return
            track = self._begin(key)
        self._keep(track, True, hop, data)

    def link(self, name: str, call_id: str) -> None:
        """The Call-ID belongs to the subject with this name, and maybe to others."""
        key = call_id.encode("utf-8", "surrogateescape")
        track = self._strangers.pop(key, None)
        if track is not None:
            self._strange -= track.size
            self._tracks[key] = track
        else:
            track = self._tracks.get(key)
            if track is None:
                return
        subject = self._subjects.get(name)
        if subject is None:
            subject = self._subjects[name] = Subject(name)
        if subject not in track.subjects:
            track.subjects = (*track.subjects, subject)
            subject.tracks.append(track)
            subject.count += track.count
            self._shorten(subject)

    def find(self, name: str, *call_ids: str) -> Found | None:
        """What is kept of a subject, and of Call-IDs that are not linked to it yet."""
        subject = self._subjects.get(name)
        tracks = list(subject.tracks) if subject is not None else []
        for call_id in call_ids:
            key = call_id.encode("utf-8", "surrogateescape")
            track = self._tracks.get(key) or self._strangers.get(key)
            if track is not None and track not in tracks:
                tracks.append(track)
        if not tracks:
            return None
        lost = sum(track.lost for track in tracks) + (subject.lost if subject is not None else 0)
        return Found(tuple(track.entries() for track in tracks), lost)

    def _begin(self, key: bytes) -> Track:
        track = self._strangers[key] = Track(key)
        self.size += OF_TRACK
        self._strange += OF_TRACK
        return track

    def _keep(self, track: Track, is_sent: bool, hop: Hop, data: bytes) -> None:
        self.number += 1
        # One by one: no tuple, and less code than it takes to add one.
        values = track.values
        values.append(self.number)
        values.append(self._seconds())
        values.append(is_sent)
        values.append(hop)
        values.append(data)
        size = len(data) + EACH
        track.size += size
        self.size += size
        if track.subjects:
            is_over = False
            for subject in track.subjects:
                subject.count += 1
                is_over |= subject.count > self._most
            if is_over:
                self._shorten(*track.subjects)
        else:
            self._strange += size
            if track.count > self._most:
                self._strange -= self._cut(track)
            if self._strange * STRANGERS > self._limit:
                self._make_room()
        if self.size > self._limit:
            self._make_room()

    def _shorten(self, *subjects: Subject) -> None:
        """What lies in the middle is of the least interest."""
        for subject in subjects:
            while subject.count > self._most:
                if len(subject.tracks) > FEW:
                    self._drop(subject.tracks[len(subject.tracks) // 2])
                else:
                    self._cut(max(subject.tracks, key=lambda track: track.count))

    def _cut(self, track: Track) -> int:
        """Forget one message; its size."""
        start = track.count // 2 * PARTS
        size = len(track.values[start + PARTS - 1]) + EACH
        del track.values[start : start + PARTS]
        track.size -= size
        track.lost += 1
        self.size -= size
        for subject in track.subjects:
            subject.count -= 1
        return size

    def _drop(self, track: Track) -> None:
        """Forget all messages of one Call-ID."""
        self.size -= track.size
        if self._strangers.pop(track.key, None) is not None:
            self._strange -= track.size
        self._tracks.pop(track.key, None)
        for subject in track.subjects:
            subject.tracks.remove(track)
            subject.count -= track.count
            subject.lost += track.count + track.lost
        track.subjects = ()

    def _make_room(self) -> None:
        while self._strange * STRANGERS > self._limit:
            self._drop(next(iter(self._strangers.values())))
        # Never a stranger for want of room among the calls: it may be the beginning of the newest one.
        while self.size > self._limit:
            for subject in next(iter(self._tracks.values())).subjects:
                for track in tuple(subject.tracks):
                    self._drop(track)
                self._subjects.pop(subject.name, None)
