"""Pictures of the status display: ``python -m tests.bench.phone_pictures [--groups 50] [--rate 50] [--seconds 10]``.

First the CPU of a picture for each kind of phone: the first one, one in which a tile has changed, and its size. Then so
many groups of 20, each shown by 20 phones of one model, change at the rate: told are how long it takes from a change
until the picture is there for all phones of the group, how late the reactor came to a tick of 20 ms before and
meanwhile, and the CPU. The first picture of each group takes longer, and is drawn and measured before.
"""

import argparse
import time
from dataclasses import replace
from functools import partial
from statistics import median, quantiles
from typing import Any

from twisted.internet import reactor as any_reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.threads import deferToThreadPool

from magroup.groups.picture import Scene
from magroup.model.configuration import Configuration
from magroup.model.forwarding import NO_FORWARDING
from magroup.model.groups import Group, Member
from magroup.model.lines import Line, LineState, Phone
from magroup.model.people import User
from magroup.model.presence import PresenceState
from magroup.web.phone.display import Display, Frame, StatusPictures, frame_of
from magroup.web.phone.display.drawing import draw
from magroup.web.phone.models import MODELS
from tests.web.phone.draw import frames
from tests.web.phone.views import STATES, tile, view

reactor: Any = any_reactor
IN_A_GROUP = 20
MODEL = "8845"
TICK = 0.02


def single(name: str, frame: Frame) -> None:
    """The CPU of pictures of one kind."""
    shown = view(24, frame.most_tiles, ringing=2)
    began = time.thread_time()
    size = len(draw(shown, frame).content)
    first = time.thread_time() - began
    began = time.thread_time()
    for turn in range(100):
        at = turn % len(shown.tiles)
        tiles = (*shown.tiles[:at], tile(at, **STATES[turn * 7 % len(STATES)]), *shown.tiles[at + 1 :])
        draw(replace(shown, tiles=tiles), frame)
    changed = (time.thread_time() - began) / 100
    print(f"{name:13} first {1000 * first:5.1f} ms, a tile changed {1000 * changed:5.2f} ms, {size:6} bytes")


def company(groups: int) -> Configuration:
    """A user, a line that shows the group and a phone for each member."""
    count = groups * IN_A_GROUP
    return Configuration(
        users=tuple(User(n + 1, f"user.{n}", f"First{n}", f"Last{n}", lines=(str(10000 + n),)) for n in range(count)),
        lines=tuple(Line(str(10000 + n), displayed_group=n // IN_A_GROUP + 1) for n in range(count)),
        phones=tuple(Phone(f"SEP{n:012}", MODEL, (str(10000 + n),)) for n in range(count)),
        groups=tuple(Group(n + 1, f"Group {n}", number=str(500 + n)) for n in range(groups)),
        members=tuple(
            Member(n + 1, n // IN_A_GROUP + 1, f"user.{n}", str(10000 + n), short_name(n), not at, at + 1)
            for n in range(count)
            for at in (n % IN_A_GROUP,)
        ),
    )  # fmt: skip


def short_name(number: int) -> str:
    """Another one for each member."""
    return chr(65 + number // 676 % 26) + chr(97 + number // 26 % 26) + chr(97 + number % 26)


class Changes:
    """Lines change their state one after the other, and all phones of the group want the picture."""

    def __init__(self, groups: int, rate: float, seconds: float) -> None:
        self.configuration = company(groups)
        self.version, self.states = 0, dict.fromkeys((line.number for line in self.configuration.lines), LineState.IDLE)
        frame = frame_of(MODELS[MODEL])
        assert frame is not None
        self.frame = frame
        pool = reactor.getThreadPool()
        self.display = Display(
            self.scene, lambda: self.version, StatusPictures(partial(deferToThreadPool, reactor, pool))
        )  # fmt: skip
        self.groups, self.rate, self.seconds = groups, rate, seconds
        self.took: list[float] = []
        self.late: list[float] = []
        self.late_before: list[float] = []
        self.waits = 0

    def scene(self, configuration: Configuration) -> Scene:
        return Scene(
            configuration, lambda name: PresenceState(), lambda id: NO_FORWARDING, lambda number: NO_FORWARDING,
            lambda number: self.states[number], lambda number: (), lambda id: None, lambda *one: "",
        )  # fmt: skip

    def start(self) -> None:
        self.end = reactor.seconds() + 100 * self.seconds
        self.tick(reactor.seconds())
        reactor.callLater(self.seconds, self.begin)

    def begin(self) -> None:
        began = reactor.seconds()
        firsts = gatherResults([self.shown(group) for group in range(self.groups)])
        firsts.addCallback(lambda found: self.drawn_first(reactor.seconds() - began))

    def drawn_first(self, seconds: float) -> None:
        print(f"the first pictures of {self.groups} groups: {seconds:.2f} s")
        self.end = reactor.seconds() + self.seconds
        self.late_before, self.late = self.late, []
        self.began = time.process_time()
        self.change(0, reactor.seconds())

    def tick(self, due: float) -> None:
        now = reactor.seconds()
        self.late.append(now - due)
        if now < self.end:
            reactor.callLater(max(0, due + TICK - now), self.tick, max(now, due + TICK))

    def change(self, turn: int, due: float) -> None:
        now = reactor.seconds()
        if now >= self.end:
            reactor.callLater(1.0, self.told)
            return
        group, at = turn % self.groups, turn // self.groups % IN_A_GROUP
        number = str(10000 + group * IN_A_GROUP + at)
        self.states[number] = LineState((self.states[number] + 1) % len(LineState))
        self.version += 1
        self.waits += 1
        self.shown(group).addCallback(self.drawn, now)
        reactor.callLater(max(0, due + 1 / self.rate - now), self.change, turn + 1, due + 1 / self.rate)

    def shown(self, group: int) -> Deferred[Any]:
        """The pictures of all phones of a group."""
        waiting = []
        for phone in self.configuration.phones[group * IN_A_GROUP : (group + 1) * IN_A_GROUP]:
            view = self.display.view(self.configuration, phone, self.frame.most_tiles)
            assert view is not None
            waiting.append(Deferred.fromCoroutine(self.display.pictures.picture(view, self.frame)))
        return gatherResults(waiting)

    def drawn(self, pictures: Any, asked: float) -> None:
        self.waits -= 1
        self.took.append(reactor.seconds() - asked)

    def told(self) -> None:
        used = (time.process_time() - self.began) / self.seconds
        for what, found in (
            ("a tick was late before by", self.late_before), ("a tick was late by", self.late),
            ("picture there after", self.took),
        ):  # fmt: skip
            p99 = quantiles(found, n=100)[-1]
            print(
                f"{what} {1000 * median(found):.1f} ms (median), {1000 * p99:.1f} (p99), {1000 * max(found):.1f} (max)"
            )  # fmt: skip
        print(f"{len(self.took)} pictures, {self.waits} not ended, CPU {100 * used:.0f} %")
        reactor.stop()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--groups", type=int, default=50)
    parser.add_argument("--rate", type=float, default=50.0)
    parser.add_argument("--seconds", type=float, default=10.0)
    chosen = parser.parse_args()
    for name, frame in frames().items():
        single(name, frame)
    changes = Changes(chosen.groups, chosen.rate, chosen.seconds)
    reactor.callWhenRunning(changes.start)
    reactor.run()


if __name__ == "__main__":
    main()
