"""States and times in words."""

from zoneinfo import ZoneInfo

from twisted.trial.unittest import SynchronousTestCase

from magroup.model.lines import Line
from magroup.model.standing import Answers, LineStanding, TrunkCondition, TrunkStanding
from magroup.web.admin.switch.states import of_answers, of_line, of_trunk
from magroup.web.admin.switch.times import InstantError, instant, span
from tests.web.admin.switch.site import PBX

ZURICH = ZoneInfo("Europe/Zurich")


class States(SynchronousTestCase):
    """Each has a word; what is wrong has the colour for it."""

    def test_trunks(self) -> None:
        for condition, is_registered, word, colour in (
            (TrunkCondition.UP, None, "up", "good"), (TrunkCondition.UP, True, "up", "good"),
            (TrunkCondition.UP, False, "not registered", "bad"), (TrunkCondition.NOT_ASKED, None, "not asked", "off"),
            (TrunkCondition.NOT_ASKED, True, "registered", "good"),
            (TrunkCondition.NOT_ASKED, False, "not registered", "bad"),
            (TrunkCondition.DOWN, True, "does not answer", "bad"),
            (TrunkCondition.TAKES_NONE, None, "takes no calls", "bad"),
            (TrunkCondition.NO_ADDRESS, False, "no address", "bad"),
        ):  # fmt: skip
            state = of_trunk(TrunkStanding(PBX, condition, is_registered=is_registered))
            self.assertEqual((state.word, state.colour), (word, colour), (condition, is_registered))

    def test_lines(self) -> None:
        for line, standing, word in (
            (Line("1", "x"), LineStanding(2, 1), "registered"), (Line("1", "x"), LineStanding(2, 2), "does not answer"),
            (Line("1", "x"), LineStanding(), "not registered"), (Line("1"), LineStanding(), "no secret"),
            (Line("1", on_pbx=True), LineStanding(on_pbx=True), "on the PBX"), (Line("1", "x"), None, ""),
        ):  # fmt: skip
            self.assertEqual(of_line(line, standing).word, word)
        self.assertEqual(of_line(Line("1", "x"), LineStanding(2, 1)).more, "2 phones, 1 of them silent")

    def test_answers(self) -> None:
        self.assertEqual([of_answers(one).word for one in Answers], ["answers", "silent", "not asked yet", "not asked"])


class Times(SynchronousTestCase):
    """As the clocks of Zürich show them."""

    def test_spans(self) -> None:
        for seconds, words in (
            (-1, "0 s"), (0.9, "0 s"), (119, "119 s"), (120, "2 min"), (7199, "119 min"), (7200, "2 h"),
            (172_799, "47 h"), (172_800, "2 days"), (1e9, "11574 days"),
        ):  # fmt: skip
            self.assertEqual(span(seconds), words)

    def test_instants(self) -> None:
        for text, at, is_twice in (
            ("2024-03-31T01:59", 1_711_846_740, False), ("2024-03-31T03:00", 1_711_846_800, False),
            ("2024-10-27T02:30", 1_729_989_000, True), ("2024-10-27T03:00", 1_729_994_400, False),
            ("2024-10-27T03:00:59", 1_729_994_400, False),
        ):  # fmt: skip
            self.assertEqual(instant(text, ZURICH), (at, is_twice), text)
        self.assertEqual(instant("2024-01-01T00:00", ZoneInfo("UTC")), (1_704_067_200, False))

    def test_wrong(self) -> None:
        for text in ("2024-03-31T02:00", "2024-03-31T02:59", "", "now", "2024-13-01T00:00", "1989-12-31T23:59",
                     "2191-01-01T00:00", "2024-01-01T00:00:00 or so"):  # fmt: skip
            self.assertRaises(InstantError, instant, text, ZURICH)
