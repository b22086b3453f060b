"""The bus on a real Redis server, by the contract; it goes, comes back, freezes, and Sentinels say where it is."""

from typing import Any

from twisted.internet import reactor
from twisted.trial.unittest import TestCase

from magroup.cluster.redis import RedisBus
from magroup.cluster.redis_open import opener
from magroup.model.redis_place import RedisPlace
from tests.cluster.contract import BusContract, Ear
from tests.peers import until
from tests.peers.redis import Redis, Sentinel
from tests.peers.waiting import next_look


def bus(test: TestCase, url: str, node: str, life: str = "", owner: str = "") -> RedisBus:
    """An end, stopped with the test."""
    place = RedisPlace.parse(url)
    life = life or f"first{node}"
    made = RedisBus(
        reactor, place, opener(reactor, place.tls), node, life, "magroup:test", owner or f"{node} {life}"
    )  # fmt: skip
    # What has come is handed on line by line, each in a turn of its own.
    test.addCleanup(next_look)
    test.addCleanup(made.stop)
    return made


class OnRedis(BusContract, TestCase):
    timeout = 60

    async def setUp(self) -> None:  # type: ignore[override]
        self.case = self
        self.redis = await Redis(self).start()

    def end(self, node: str, life: str = "") -> RedisBus:
        return bus(self, self.redis.url, node, life)

    async def cut(self) -> None:
        await self.redis.stop()

    async def mend(self) -> None:
        await self.redis.start()

    async def until(self, is_so: Any) -> None:
        await until(is_so, 30.0, what="the bus")

    async def until_taken(self, ear: Ear) -> None:
        async def taken() -> bool:
            return await ear.bus.take("daily", 0.2)

        while not await taken():
            await until(lambda: True)

    async def test_frozen(self) -> None:
        """A connection on which nothing comes is given up."""
        (a,) = await self.ends("a")
        self.redis.freeze(True)
        await until(lambda: not a.bus.is_up, 30.0, what="it is noticed")
        self.assertIn("does not answer", a.bus.reason)
        self.redis.freeze(False)
        await until(lambda: a.bus.is_up, 30.0, what="it is back")


    async def test_stopped(self) -> None:
        """What was said last is out when it has stopped, for the process may end then; a frozen server is no reason."""
        a, b = await self.ends("a", "b")
        for other, is_frozen in ((a, False), (b, True)):
            ends = (other.bus._speaking, other.bus._hearing)
            self.redis.freeze(is_frozen)
            await other.bus.stop()
            self.assertEqual([bool(end.connected) for end in ends], [False, False])


class Places(TestCase):
    """Where Redis is, and who may use it."""

    timeout = 60

    async def test_password(self) -> None:
        redis = await Redis(self, "--requirepass", "hush").start()
        right, wrong = (bus(self, f"redis://:{word}@{redis.ip}:6379/3", "a") for word in ("hush", "loud"))
        right.start()
        wrong.start()
        await until(lambda: right.is_up and "WRONGPASS" in wrong.reason, 20.0, what="one is let in",
                    seen=lambda: f"{right.reason} {wrong.reason}")  # fmt: skip
        self.assertFalse(wrong.is_up)

    async def test_socket(self) -> None:
        redis = Redis(self)
        path = f"/tmp/mg-redis-{redis.ip}.sock"
        redis._options = ("--unixsocket", path)
        await redis.start()
        end = bus(self, f"unix://{path}", "a")
        end.start()
        await until(lambda: end.is_up, 20.0, what="linked")

    async def test_sentinel(self) -> None:
        """The first of them is not there; the second one says where the master is."""
        redis = await Redis(self).start()
        sentinel = await Sentinel(self, redis).start()
        end = bus(self, sentinel.url, "a")
        end.start()
        await until(lambda: end.is_up, 20.0, what="linked", seen=lambda: end.reason)
        other = bus(self, sentinel.url.replace("company", "nobody"), "a")
        other.start()
        await until(lambda: "knows no master nobody" in other.reason, 20.0, what="told", seen=lambda: other.reason)
