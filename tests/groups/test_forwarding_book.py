"""The forwarding book: what may be set, who hears of it, what is saved and forgotten."""

from dataclasses import replace

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.groups import ForwardingBook, ForwardingChange, ForwardingError
from magroup.model.configuration import Configuration
from magroup.model.forwarding import NO_FORWARDING, Forwarding, ForwardTo
from magroup.policy import Refused
from tests.policy.company import (
    LEO,
    NUMBER,
    RAF,
    TIJ,
    TO_ASSISTANTS,
    TO_MOBILE,
    TO_VOICEMAIL,
    company,
    members,
    to_member,
    to_number,
)

OUT = to_number("+41 31 333 44 55")


class BookTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(100)
        self.saved: list[tuple[object, Forwarding]] = []
        self.heard: list[ForwardingChange] = []
        self.book = self.make()

    def make(
        self,
        application: dict[int, Forwarding] | None = None,
        lines: dict[str, Forwarding] | None = None,
        configuration: Configuration | None = None,
    ) -> ForwardingBook:
        def save(who: object, forwarding: Forwarding) -> None:
            self.saved.append((who, forwarding))

        book = ForwardingBook(self.clock, configuration or company(), save, save, application, lines)
        book.subscribe(self.heard.append)
        return book


class ForwardingBookTests(BookTestCase):
    def test_nothing_set(self) -> None:
        self.assertEqual((self.book.of_member(1), self.book.of_line(RAF)), (NO_FORWARDING, NO_FORWARDING))
        self.assertEqual((dict(self.book.application), dict(self.book.lines)), ({}, {}))

    def test_line(self) -> None:
        new = self.book.set_line("11 75", OUT, "admin")
        self.assertEqual(new, Forwarding(ForwardTo.NUMBER, "+41 31 333 44 55", 0, 100.0, "admin"))
        self.assertEqual((self.book.of_line(RAF), self.book.of_line("11-75")), (new, new))
        self.assertEqual(dict(self.book.lines), {RAF: new})
        self.assertEqual(self.saved, [(RAF, new)])
        self.assertEqual(self.heard, [ForwardingChange(new, number=RAF)])
        self.assertEqual(dict(self.book.application), {})

    def test_application(self) -> None:
        new = self.book.set_application(1, TO_MOBILE, "tijana")
        self.assertEqual(new, Forwarding(ForwardTo.MOBILE, "", 0, 100.0, "tijana"))
        self.assertEqual(self.book.of_member(1), new)
        self.assertEqual(self.saved, [(1, new)])
        self.assertEqual(self.heard, [ForwardingChange(new, member_id=1)])
        self.assertEqual(dict(self.book.lines), {})

    def test_only_what_belongs_to_the_kind_is_kept(self) -> None:
        new = self.book.set_line(RAF, Forwarding(ForwardTo.MEMBER, "4321", 3))
        self.assertEqual((new.number, new.member_id), ("", 3))
        new = self.book.set_line(RAF, Forwarding(ForwardTo.NUMBER, " 4321 ", 3))
        self.assertEqual((new.number, new.member_id), ("4321", 0))
        new = self.book.set_line(RAF, Forwarding(ForwardTo.NONE, "4321", 3, 7.0, "somebody"))
        self.assertEqual(new, Forwarding(since=100.0))

    def test_the_same_again_is_no_change(self) -> None:
        first = self.book.set_application(1, TO_ASSISTANTS, "tijana")
        self.clock.advance(10)
        self.assertIs(self.book.set_application(1, TO_ASSISTANTS, "admin"), first)
        self.assertIs(self.book.set_line(RAF, NO_FORWARDING, "admin"), NO_FORWARDING)
        self.assertEqual((len(self.saved), len(self.heard)), (1, 1))

    def test_who_switched_it_off(self) -> None:
        self.book.set_line(RAF, OUT, "rafael")
        self.clock.advance(10)
        off = self.book.set_line(RAF, NO_FORWARDING, "admin")
        self.assertFalse(off)
        self.assertEqual((off.since, off.changed_by), (110.0, "admin"))
        self.assertEqual(self.saved[-1], (RAF, off))

    def test_refused(self) -> None:
        """Nothing changes, nobody hears of it."""
        self.book.set_line(RAF, OUT)
        rows = [
            (TO_ASSISTANTS, Refused.NOT_FOR_LINES, "A line cannot be forwarded to the group."),
            (to_number("boss"), Refused.NO_NUMBER, "boss is no phone number."),
            (to_member(77), Refused.NO_MEMBER, "The member to forward to does not exist."),
            (to_number(RAF), Refused.LOOP, "Calls would go round in a circle: 1175 → 1175."),
        ]
        for forwarding, refused, sentence in rows:
            with self.assertRaises(ForwardingError) as caught:
                self.book.set_line(RAF, forwarding)
            self.assertEqual(str(caught.exception), sentence)
            assert caught.exception.refusal is not None
            self.assertIs(caught.exception.refusal.code, refused)
        with self.assertRaises(ForwardingError):
            self.book.set_application(2, OUT)
        self.assertEqual((len(self.saved), len(self.heard)), (1, 1))
        self.assertEqual(self.book.of_line(RAF).number, OUT.number)

    def test_circle_of_what_was_set_before(self) -> None:
        self.book.set_application(1, to_member(2))
        with self.assertRaises(ForwardingError) as caught:
            self.book.set_line(RAF, to_number(TIJ))
        self.assertEqual(str(caught.exception), "Calls would go round in a circle: 8973 → 1047 → 1175 → 1047.")
        self.book.set_application(1, NO_FORWARDING)
        self.book.set_line(RAF, to_number(TIJ))
        with self.assertRaises(ForwardingError):
            self.book.set_line(TIJ, to_number(NUMBER))

    def test_unknown(self) -> None:
        with self.assertRaises(ForwardingError) as caught:
            self.book.set_line("7777", OUT)
        self.assertEqual((str(caught.exception), caught.exception.refusal), ("There is no line 7777.", None))
        with self.assertRaises(ForwardingError) as caught:
            self.book.set_application(77, OUT)
        self.assertEqual(str(caught.exception), "There is no member 77.")

    def test_loaded(self) -> None:
        set_before = Forwarding(ForwardTo.NUMBER, "4321", 0, 5.0, "rafael")
        book = self.make({1: TO_MOBILE}, {RAF: set_before})
        self.assertEqual((book.of_line(RAF), book.of_member(1)), (set_before, TO_MOBILE))
        self.assertEqual((self.saved, self.heard), ([], []))

    def test_views_are_snapshots(self) -> None:
        lines, application = self.book.lines, self.book.application
        self.book.set_line(RAF, OUT)
        self.book.set_application(1, OUT)
        self.assertEqual((dict(lines), dict(application)), ({}, {}))

    def test_subscribers(self) -> None:
        heard: list[ForwardingChange] = []
        stop = self.book.subscribe(heard.append)
        self.book.set_line(RAF, OUT)
        stop()
        stop()
        self.book.set_line(RAF, TO_MOBILE)
        self.assertEqual(len(heard), 1)

    def test_failing_subscriber(self) -> None:
        def fail(change: ForwardingChange) -> None:
            raise ValueError("on purpose")

        book = self.make()
        book.subscribe(fail)
        heard: list[ForwardingChange] = []
        book.subscribe(heard.append)
        book.set_line(RAF, OUT)
        self.assertEqual(len(heard), 1)
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)


class ConfigurationTests(BookTestCase):
    """The configuration changes under the book."""

    def test_all_stay(self) -> None:
        book = self.make({1: to_member(2)}, {RAF: to_member(3)})
        book.configure(company(manager_timeout=7))
        self.assertEqual((dict(book.application), dict(book.lines)), ({1: to_member(2)}, {RAF: to_member(3)}))

    def test_members_and_lines_go(self) -> None:
        book = self.make({1: OUT, 2: OUT}, {RAF: OUT, LEO: OUT})
        smaller = company(team=members("Tij", "Ara"))
        book.configure(replace(smaller, lines=tuple(line for line in smaller.lines if line.number != LEO)))
        self.assertEqual((set(book.application), set(book.lines)), ({1}, {RAF}))
        self.assertEqual(book.of_line(LEO), NO_FORWARDING)

    def test_target_goes(self) -> None:
        book = self.make({1: to_member(3)}, {RAF: to_member(3), LEO: to_member(2), TIJ: OUT})
        book.configure(company(team=members("Tij", "Raf")))
        self.assertEqual((set(book.application), set(book.lines)), (set(), {LEO, TIJ}))

    def test_an_id_is_somebody_else_now(self) -> None:
        book = self.make({1: OUT}, {LEO: to_member(2)})
        book.configure(company(team=members("Ara", "Tij", "Raf", manager="Ara")))
        self.assertEqual((dict(book.application), dict(book.lines)), ({}, {}))

    def test_a_member_gets_another_number(self) -> None:
        book = self.make({1: OUT}, {LEO: to_member(2)})
        tij, raf, ara = members("Tij", "Raf", "Ara")
        book.configure(company(team=(replace(tij, number="1072"), replace(raf, number="1118"), ara)))
        self.assertEqual((set(book.application), set(book.lines)), ({1}, {LEO}))

    def test_new_members_can_be_targets(self) -> None:
        self.book.configure(company(team=members("Tij", "Raf", "Ara", "Leo")))
        self.assertEqual(self.book.set_application(1, to_member(4)).member_id, 4)

    def test_mobile_that_goes_and_comes_back(self) -> None:
        """Kept: it does nothing while there is no number."""
        configuration = company()
        self.book.set_line(RAF, TO_MOBILE)
        self.book.set_application(1, TO_VOICEMAIL)
        without = tuple(replace(user, mobile="", voicemail="") for user in configuration.users)
        self.book.configure(replace(configuration, users=without))
        self.assertEqual((self.book.of_line(RAF).to, self.book.of_member(1).to), (TO_MOBILE.to, TO_VOICEMAIL.to))
        with self.assertRaises(ForwardingError):
            self.book.set_line(TIJ, TO_MOBILE)
