"""The bus and the leases on Redis: one connection to speak, one to hear, both made anew when either is lost."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar

import txredisapi
from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure

from magroup.cluster.bus import MOST_WAITING, BusDown
from magroup.cluster.post import Post
from magroup.cluster.redis_calls import RedisCalls
from magroup.model.clock import Clock, DelayedCall
from magroup.model.redis_place import RedisPlace

FIRST_PAUSE = 0.25
LONGEST_PAUSE = 5.0
ECHO_WITHIN = 5.0
ATTEMPT_SECONDS = 5.0
CLOSING_SECONDS = 1.0
_TAKE = (
    "local owner = redis.call('GET', KEYS[1]) "
    "if owner and owner ~= ARGV[1] then return 0 end "
    "redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) return 1"
)
_LEAVE = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end return 1"

Open = Callable[[str, int, Any], Awaitable[Any]]
"""Connects a protocol's factory to host and port; a path with port 0 is that of a socket."""


class RedisFault(Exception):
    """Redis cannot be used; the message says why in a few words."""


class _Made:
    """Makes one protocol of txredisapi, which asks its factory for a few things."""

    isLazy: ClassVar = False
    noisy: ClassVar = False

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol
        self.why = ""
        protocol.factory = self

    def doStart(self) -> None:
        """Nothing to be done."""

    def doStop(self) -> None:
        """Nothing to be done."""

    def buildProtocol(self, address: object) -> Any:
        return self._protocol

    def stopTrying(self) -> None:
        """The one who connects decides about that."""

    def connectionError(self, why: str) -> None:
        self.why = why


class _Hearing(txredisapi.SubscriberProtocol):  # type: ignore[misc]
    """Hands on each message that is published."""

    heard: Callable[[bytes], None]

    def messageReceived(self, pattern: object, channel: object, message: object) -> None:
        if isinstance(message, bytes):
            self.heard(message)


class RedisBus(Post):
    """``channel`` is that of all nodes of one company; ``owner`` names this server in leases, also after a restart.

    ``spread`` gives a number from 0 to 1 by which pauses are made longer, so that not all come at once.
    """

    def __init__(
        self, clock: Clock, place: RedisPlace, open: Open, node: str, life: str, channel: str, owner: str,
        spread: Callable[[], float] = lambda: 0.0,
    ) -> None:  # fmt: skip
        super().__init__(clock, node, life)
        self.kept = RedisCalls(self.script, f"{channel}:", f"{node}.{life}")
        self.reason = "it has not been connected yet"
        self._place = place
        self._open = open
        self._channel = channel
        self._owner = owner
        self._spread = spread
        self._pause = FIRST_PAUSE
        self._speaking: Any = None
        self._hearing: Any = None
        self._on_the_way = 0
        self._attempt: Deferred[None] | None = None
        self._limit: DelayedCall | None = None
        self._later: DelayedCall | None = None
        self._watching: DelayedCall | None = None
        self._is_stopped = True

    def start(self) -> None:
        """Connect, and stay so."""
        self._is_stopped = False
        self._try()

    async def stop(self) -> None:
        """End the connections, and make no others."""
        self._is_stopped = True
        self._say_goodbye()
        for timer in (self._later, self._limit):
            if timer is not None and timer.active():
                timer.cancel()
        if self._attempt is not None:
            self._attempt.cancel()
        ends = [end for end in (self._speaking, self._hearing) if end is not None and end.connected]
        gone = [end.whenDisconnected() for end in ends]
        self._lose("it is stopped")
        # The process ends next: what is not out by then never is.
        limit = self._clock.callLater(CLOSING_SECONDS, lambda: [end.transport.abortConnection() for end in ends])
        for one in gone:
            await one
        if limit.active():
            limit.cancel()

    # leases

    async def take(self, name: str, seconds: float) -> bool:
        return bool(await self.script(_TAKE, [f"lease:{name}"], [self._owner, str(int(seconds * 1000))]))

    async def leave(self, name: str) -> None:
        await self.script(_LEAVE, [f"lease:{name}"], [self._owner])

    async def script(self, text: str, keys: Sequence[str], arguments: Sequence[str | bytes]) -> Any:
        """What a script gives for keys of this company's. Raises BusDown."""
        if self._speaking is None:
            raise BusDown(self.reason)
        try:
            return await self._speaking.eval(text, [f"{self._channel}:{key}" for key in keys], list(arguments))
        except txredisapi.RedisError as error:
            raise BusDown(str(error)) from None

    # sending

    def _carry(self, data: bytes) -> bool:
        if self._on_the_way >= MOST_WAITING:
            return False
        self._on_the_way += 1
        self._speaking.publish(self._channel, data).addCallbacks(self._carried, self._not_carried)
        return True

    def _carried(self, count: object) -> None:
        self._on_the_way -= 1

    def _not_carried(self, failure: Failure) -> None:
        self._on_the_way -= 1
        self.lost += 1
        if failure.check(txredisapi.ConnectionError) is None:
            self._lose(failure.getErrorMessage())

    def _look(self) -> None:
        """What this node says must come back: a connection may be dead without anybody having said so."""
        self._watching = self._clock.callLater(1.0, self._look)
        if self._clock.seconds() - self._echoed_at > ECHO_WITHIN:
            self._lose("it does not answer")

    # connecting

    def _try(self) -> None:
        self._later = None
        self._limit = self._clock.callLater(ATTEMPT_SECONDS, self._too_long)
        self._attempt = Deferred.fromCoroutine(self._connect())
        self._attempt.addCallbacks(self._connected, self._failed)

    def _too_long(self) -> None:
        if self._attempt is not None:
            self._attempt.cancel()

    async def _connect(self) -> None:
        host, port = await self._address()
        self._speaking = await self._login(txredisapi.RedisProtocol, host, port)
        hearing = self._hearing = await self._login(_Hearing, host, port)
        hearing.heard = self._take
        await hearing.subscribe(self._channel)
        if not (self._speaking.connected and hearing.connected):
            raise RedisFault("the connection was closed")
        for protocol in (self._speaking, hearing):
            protocol.whenDisconnected().addCallback(lambda lost: self._closed(hearing))

    async def _address(self) -> tuple[str, int]:
        """Where the server is; Sentinels are asked one after the other."""
        place = self._place
        if place.socket:
            return place.socket, 0
        if not place.master:
            return place.hosts[0]
        why = ""
        for host, port in place.hosts:
            asked: Any = None
            try:
                asked = txredisapi.RedisProtocol(None, convertNumbers=False)
                await self._open(host, port, _Made(asked))
                found = await asked.execute_command("SENTINEL", "get-master-addr-by-name", place.master)
            except (OSError, txredisapi.RedisError) as error:
                why = str(error)
            except Exception as error:
                if isinstance(error, CancelledError):
                    raise
                why = str(error) or type(error).__name__
            else:
                if found:
                    return found[0].decode(), int(found[1])
                why = f"it knows no master {place.master}"
            finally:
                if asked is not None and asked.transport is not None:
                    asked.transport.abortConnection()
        raise RedisFault(f"no Sentinel says where it is: {why}")

    async def _login(self, kind: Any, host: str, port: int) -> Any:
        """A connection that may be used."""
        place = self._place
        protocol = kind(
            None, password=place.password or None, dbid=place.database or None, convertNumbers=False,
            username=place.user or None,
        )  # fmt: skip
        made = _Made(protocol)
        await self._open(host, port, made)
        usable: Deferred[None] = Deferred()

        def lost(protocol: object) -> None:
            if not usable.called:
                usable.errback(RedisFault(made.why or "the connection was closed"))

        protocol.whenDisconnected().addCallback(lost)
        protocol.whenConnected().addCallback(lambda protocol: usable.callback(None))
        try:
            await usable
        except BaseException:
            protocol.transport.abortConnection()
            raise
        return protocol

    def _connected(self, done: None) -> None:
        self._end_attempt()
        self._pause = FIRST_PAUSE
        self._on_the_way = 0
        self._echoed_at = self._clock.seconds()
        self._watching = self._clock.callLater(1.0, self._look)
        self.reason = ""
        self.log.info("Redis at {place} is linked", place=str(self._place))
        self._came_up()

    def _failed(self, failure: Failure) -> None:
        self._end_attempt()
        if failure.check(CancelledError):
            self._lose("it does not answer")
        elif failure.check(RedisFault, OSError, txredisapi.RedisError) or not failure.check(TypeError, AttributeError):
            self._lose(failure.getErrorMessage())
        else:
            self.log.failure("Redis cannot be used", failure)
            self._lose(failure.getErrorMessage())

    def _closed(self, hearing: object) -> None:
        if self._hearing is hearing:
            self._lose("the connection was closed")

    def _end_attempt(self) -> None:
        self._attempt = None
        if self._limit is not None and self._limit.active():
            self._limit.cancel()
        self._limit = None

    def _lose(self, reason: str) -> None:
        """Close what is left, and begin anew after a pause."""
        ends, self._speaking, self._hearing = (self._speaking, self._hearing), None, None
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None
        if self.is_up:
            self._went_down()
        for protocol in ends:
            if protocol is not None and protocol.transport is not None:
                # What was written last goes out where the server stops in order.
                (protocol.transport.loseConnection if self._is_stopped else protocol.transport.abortConnection)()
        if reason != self.reason and not self._is_stopped:
            self.log.warn("Redis at {place} is not linked: {reason}", place=str(self._place), reason=reason)
        self.reason = reason
        if self._is_stopped or self._attempt is not None or self._later is not None:
            return
        pause = self._pause * (1 + self._spread())
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
        self._later = self._clock.callLater(pause, self._try)
