"""Pictures of the status display are drawn once, one after the other, and kept as long as there is room."""

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from magroup.web.phone.display import StatusPicture, StatusPictures
from magroup.web.phone.display.drawing import draw
from tests.web.phone.draw import frames
from tests.web.phone.views import view

FRAME, OTHER_FRAME = frames()["320x156"], frames()["252x50"]


class Drawings(SynchronousTestCase):
    """Work in a thread that ends when the test says so."""

    def setUp(self) -> None:
        self.work: list[tuple[Callable[[], Any], Deferred[Any]]] = []
        self.pictures = StatusPictures(self.in_thread)

    def in_thread(self, work: Callable[[], Any]) -> Deferred[Any]:
        done: Deferred[Any] = Deferred()
        self.work.append((work, done))
        return done

    def ask(self, shown: Any = None, frame: Any = FRAME) -> Deferred[StatusPicture]:
        return Deferred.fromCoroutine(self.pictures.picture(shown or view(5), frame))

    def end(self, error: Exception | None = None) -> None:
        work, done = self.work.pop(0)
        done.errback(error) if error else done.callback(work())

    def test_once_for_all_who_show_the_same(self) -> None:
        asked = [self.ask() for _ in range(20)]
        self.assertEqual(len(self.work), 1)
        self.end()
        found = [self.successResultOf(one) for one in asked]
        self.assertEqual(len({id(one) for one in found}), 1)
        self.assertIs(self.successResultOf(self.ask()), found[0])
        self.assertEqual((self.work, len(self.pictures)), ([], 1))

    def test_another_view_or_size_is_another_picture(self) -> None:
        asked = [self.ask(), self.ask(view(6)), self.ask(view(5, ringing=1)), self.ask(frame=OTHER_FRAME)]
        for _ in asked:
            # The next one begins when the one before has ended.
            self.assertEqual(len(self.work), 1)
            self.end()
        names = {self.successResultOf(one).name for one in asked}
        self.assertEqual(len(names), 4)
        for name in names:
            self.assertRegex(name, r"\A[0-9a-f]{24}\Z")

    def test_by_name(self) -> None:
        asked = self.ask()
        self.end()
        picture = self.successResultOf(asked)
        self.assertEqual(self.pictures.content(picture.name), picture.drawn.content)
        for name in ("", "x", picture.name.upper(), picture.name[:-1], "../" + picture.name):
            self.assertIsNone(self.pictures.content(name))

    def test_a_drawing_that_fails(self) -> None:
        asked = [self.ask(), self.ask()]
        other = self.ask(view(6))
        self.end(MemoryError("no room"))
        for one in asked:
            self.failureResultOf(one, MemoryError)
        self.end()
        self.successResultOf(other)
        again = self.ask()
        self.end()
        self.successResultOf(again)

    def test_who_hangs_up_takes_nothing_from_the_others(self) -> None:
        first, second = self.ask(), self.ask()
        first.addErrback(lambda failure: None)
        first.cancel()
        self.end()
        self.successResultOf(second)
        self.assertEqual(len(self.pictures), 1)


class Room(SynchronousTestCase):
    """What is not used goes first."""

    def setUp(self) -> None:
        self.drawn = 0
        self.names = iter(map(str, range(100)))
        size = len(draw(view(5), FRAME).content) + 6000
        self.pictures = StatusPictures(self.in_thread, 3 * size, lambda: next(self.names))

    def in_thread(self, work: Callable[[], Any]) -> Deferred[Any]:
        self.drawn += 1
        done: Deferred[Any] = Deferred()
        done.callback(work())
        return done

    def picture(self, title: str) -> StatusPicture:
        return self.successResultOf(Deferred.fromCoroutine(self.pictures.picture(view(5, title=title), FRAME)))

    def test_the_one_used_longest_ago_goes(self) -> None:
        names = [self.picture(title).name for title in ("A", "B")]
        self.picture("A")
        self.pictures.content(names[1])
        self.assertEqual(self.drawn, 2)
        for title in ("C", "D"):
            self.picture(title)
        self.assertIsNone(self.pictures.content(names[0]))
        self.assertIsNotNone(self.pictures.content(names[1]))
        self.assertEqual(len(self.pictures), 3)

    def test_bounded(self) -> None:
        for title in range(40):
            self.picture(str(title))
        self.assertEqual((len(self.pictures), self.drawn), (3, 40))

    def test_the_last_one_stays_however_large(self) -> None:
        self.pictures = StatusPictures(self.in_thread, 1)
        for title in ("A", "B"):
            name = self.picture(title).name
            self.assertIsNotNone(self.pictures.content(name))
            self.assertEqual(len(self.pictures), 1)
