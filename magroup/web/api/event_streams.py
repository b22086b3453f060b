"""Open streams of server-sent events: served in turns, so that no call waits for them (HTML standard, 9.2)."""

from collections import deque
from collections.abc import Callable, Collection
from typing import Any, cast

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IPushProducer
from twisted.web.server import Request
from zope.interface import implementer

from magroup.groups.board import Board
from magroup.groups.changes import News
from magroup.groups.viewers import Viewers
from magroup.model.clock import Clock, DelayedCall
from magroup.model.fixed import fixed
from magroup.model.settings import ApiSettings

HEARTBEAT = 15.0
CHECK = 5.0
"""Seconds after which it is asked again whether a stream may go on."""

PAUSE = 0.05
"""Seconds between two rounds at least: what happens meanwhile goes out together."""

IN_A_TURN = 10
"""Streams that are served before the reactor does something else."""

MOST_READ = 200
"""News that is looked at for one stream before another one's turn comes."""

MOST_BEHIND = 1000
"""News that a client may be behind which does not read what was sent."""

RETRY = b"retry: 3000\n"


@fixed
class Wanted:
    """What is asked for: news ``after`` an id, "" for what comes from now on, of these ``types``, all if none.

    ``may_go_on`` is asked now and then.
    """

    user_name: str
    types: Collection[type]
    after: str
    may_go_on: Callable[[], bool]


class TooManyStreams(Exception):
    """No more of them: ``str`` is a sentence."""


class EventStreams:
    """All of them. ``shown`` makes an event of news, once for all streams; ``reset`` tells that some was missed."""

    def __init__(
        self, board: Board, viewers: Viewers, clock: Clock, settings: Callable[[], ApiSettings],
        shown: Callable[[News], bytes], reset: Callable[[str], bytes],
    ) -> None:  # fmt: skip
        self.board = board
        self.viewers = viewers
        self.clock = clock
        self._settings = settings
        self._shown = shown
        self.reset = reset
        self._streams: dict[EventStream, None] = {}
        self._of_user: dict[str, int] = {}
        self._made: dict[int, bytes] = {}
        self._queue: deque[EventStream] = deque()
        self._turn: DelayedCall | None = None
        self._ticking: DelayedCall | None = None
        self._began = 0.0
        self._is_round_due = False
        self._is_stopped = False
        self._unsubscribe: Callable[[], None] = lambda: None
        self._leave: Callable[[], None] = lambda: None

    def __len__(self) -> int:
        """How many are open."""
        return len(self._streams)

    def start(self) -> None:
        """Listen to the board."""
        self._unsubscribe = self.board.subscribe(self._news)

    def stop(self) -> None:
        """End all streams; there are no more of them."""
        self._is_stopped = True
        self._unsubscribe()
        for stream in tuple(self._streams):
            stream.end()
        self._queue.clear()
        for timer in (self._turn, self._ticking):
            if timer is not None and timer.active():
                timer.cancel()

    def admit(self, user_name: str) -> None:
        """Raises TooManyStreams where there cannot be one more for this user."""
        settings = self._settings()
        if self._is_stopped or len(self._streams) >= settings.event_streams:
            raise TooManyStreams("There are too many event streams. Try again later.")
        if self._of_user.get(user_name.casefold(), 0) >= settings.event_streams_per_user:
            raise TooManyStreams("This user has too many event streams.")

    def open(self, request: Request, wanted: Wanted) -> Deferred[None]:
        """Send what is wanted until the client goes, or may not go on; what is returned fires then."""
        if not self._streams:
            self._leave = self.board.follow()
        stream = EventStream(self, request, wanted)
        self._streams[stream] = None
        key = wanted.user_name.casefold()
        self._of_user[key] = self._of_user.get(key, 0) + 1
        stream.begin()
        if self._ticking is None:
            self._tick_later()
        return stream.ended

    def closed(self, stream: "EventStream") -> None:
        """It is over."""
        del self._streams[stream]
        key = stream.wanted.user_name.casefold()
        self._of_user[key] -= 1
        if not self._of_user[key]:
            del self._of_user[key]
        if not self._streams:
            self._leave()
            self._made.clear()
            if self._ticking is not None and self._ticking.active():
                self._ticking.cancel()
            self._ticking = None

    def serve(self, stream: "EventStream") -> None:
        """Let it have its turn soon."""
        if not stream.is_queued:
            stream.is_queued = True
            self._queue.append(stream)
        self._turn_later(0.0)

    def encoded(self, news: News) -> bytes:
        """The event, as it is for everybody."""
        made = self._made.get(news.number)
        if made is None:
            if len(self._made) >= MOST_BEHIND:
                self._made.clear()
            made = self._made[news.number] = self._shown(news)
        return made

    def _news(self) -> None:
        """Everybody is served: at once, or when the last round is over and a pause after it."""
        if self._streams and not self._is_round_due:
            self._is_round_due = True
            self._turn_later(max(0.0, self._began + PAUSE - self.clock.seconds()))

    def _turn_later(self, delay: float) -> None:
        if self._turn is None and not self._is_stopped:
            self._turn = self.clock.callLater(delay, self._take_turn)

    def _take_turn(self) -> None:
        self._turn = None
        now = self.clock.seconds()
        if self._is_round_due and not self._queue and now >= self._began + PAUSE:
            self._is_round_due, self._began = False, now
            for stream in self._streams:
                stream.is_queued = True
            self._queue.extend(self._streams)
        for _ in range(min(IN_A_TURN, len(self._queue))):
            stream = self._queue.popleft()
            stream.is_queued = False
            if stream in self._streams:
                stream.go_on(now)
        if self._queue:
            self._turn_later(0.0)
        elif self._is_round_due:
            self._turn_later(max(0.0, self._began + PAUSE - now))

    def _tick_later(self) -> None:
        self._ticking = self.clock.callLater(1.0, self._tick)

    def _tick(self) -> None:
        """Whoever waits for a heartbeat, or a check, is served."""
        now = self.clock.seconds()
        for stream in self._streams:
            if now >= min(stream.heartbeat_at, stream.check_at):
                self.serve(stream)
        self._tick_later()


@implementer(IPushProducer)
class EventStream:
    """One client's. It remembers how far it is, and reads on from the board when it is its turn."""

    def __init__(self, streams: EventStreams, request: Request, wanted: Wanted) -> None:
        now = streams.clock.seconds()
        self.wanted = wanted
        self.ended: Deferred[None] = Deferred()
        self.is_queued = False
        self.heartbeat_at = now + HEARTBEAT
        self.check_at = now + CHECK
        self._streams = streams
        self._board = streams.board
        self._request = request
        self._number = self._board.number
        self._is_paused = False
        self._is_over = False

    def begin(self) -> None:
        """Send the beginning: where the stream is."""
        self._request.notifyFinish().addBoth(self._gone)
        self._request.registerProducer(cast(Any, self), True)
        self._request.write(RETRY + self._place())
        if self.wanted.after:
            self._resume(self.wanted.after)

    def go_on(self, now: float) -> None:
        """Its turn: is it allowed, is there news, or must it be shown that the server is there?"""
        viewer = self._streams.viewers.get(self.wanted.user_name)
        if viewer is None or (now >= self.check_at and not self.wanted.may_go_on()):
            self.end()
            return
        if now >= self.check_at:
            self.check_at = now + CHECK
        if self._is_paused:
            if self._board.number - self._number > MOST_BEHIND:
                self._miss("too_slow")
                self.end()
            return
        news = self._board.since(self._number, MOST_READ)
        if news is None:
            self._miss("too_old")
            return
        types = self.wanted.types
        pieces = [
            self._streams.encoded(one)
            for one in news
            if (not types or type(one.change) in types) and viewer.sees(one.change)
        ]
        if news:
            self._number = news[-1].number
        if pieces:
            self._write(b"".join(pieces), now)
        elif now >= self.heartbeat_at:
            self._write(b":\n" + self._place(), now)
        if self._number < self._board.number and not self._is_over:
            self._streams.serve(self)

    def end(self) -> None:
        """End the answer."""
        if not self._is_over:
            self._request.unregisterProducer()
            self._over()

    def _resume(self, after: str) -> None:
        life, _, number = after.partition("-")
        if life == self._board.life and number.isascii() and number.isdigit() and len(number) < 16:
            self._number = int(number)
            self._streams.serve(self)
        else:
            self._miss("too_old")

    def _miss(self, reason: str) -> None:
        """Something was missed: the client must read what it wants to know anew, and goes on from now."""
        self._number = self._board.number
        self._write(b"id: %b\n" % self._id() + self._streams.reset(reason), self._streams.clock.seconds())

    def _write(self, data: bytes, now: float) -> None:
        self.heartbeat_at = now + HEARTBEAT
        self._request.write(data)

    def _place(self) -> bytes:
        """An id without an event: so far the client knows everything."""
        return b"id: %b\n\n" % self._id()

    def _id(self) -> bytes:
        return f"{self._board.life}-{self._number}".encode()

    def _gone(self, result: object) -> None:
        if not self._is_over:
            self._over()

    def _over(self) -> None:
        self._is_over = True
        self._streams.closed(self)
        self.ended.callback(None)

    def pauseProducing(self) -> None:
        self._is_paused = True

    def resumeProducing(self) -> None:
        self._is_paused = False
        if not self._is_over:
            self._streams.serve(self)

    def stopProducing(self) -> None:
        """The connection is closed, which the request hears as well."""
