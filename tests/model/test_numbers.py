"""Numbers: one form for all spellings, patterns of VIP lists."""

from hypothesis import assume, given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.numbers import NumberPlan, bare, is_diallable, is_pattern

BERN = NumberPlan(country_code="41", area_code="31")
SWISS = NumberPlan(country_code="41")
UNKNOWN = NumberPlan()
US = NumberPlan(international_prefix="011", national_prefix="1", country_code="1", area_code="509")

digits = st.text("0123456789", min_size=1, max_size=15)
plans = st.builds(
    NumberPlan,
    st.sampled_from(("00", "011", "")),
    st.sampled_from(("0", "1", "")),
    st.sampled_from(("", "41", "1")),
    st.sampled_from(("", "31", "509")),
)
typed = st.text("0123456789*#+ -.()/[]\t\u00a0X!a", max_size=20)


class CanonicalTests(SynchronousTestCase):
    """``NumberPlan.canonical``."""

    def test_spellings_of_one_number(self) -> None:
        for plan, spellings in (
            (BERN, ("+41315311111", "0041315311111", "0315311111", "5311111", "031 531 11 11", "+41 (31) 531-11.11")),
            (SWISS, ("+41315311111", "0041 31 531 11 11", "031/531 11 11")),
            (US, ("+15095550142", "01115095550142", "15095550142", "5550142", "[1] 509 555 0142")),
        ):
            self.assertEqual({plan.canonical(number) for number in spellings}, {spellings[0]})

    def test_extensions_stay(self) -> None:
        for number in ("1", "1047", "12345", "*21", "#9"):
            self.assertEqual(BERN.canonical(number), number)
        self.assertEqual(BERN.canonical("123456"), "+4131123456")

    def test_codes_stay(self) -> None:
        for number in ("*21*0315311111", "0*5", "031531111#"):
            self.assertEqual(BERN.canonical(number), number)

    def test_site_without_codes(self) -> None:
        self.assertEqual(UNKNOWN.canonical("0315311111"), "0315311111")
        self.assertTrue(UNKNOWN.same("0041315311111", "+41315311111"))
        self.assertFalse(UNKNOWN.same("0315311111", "+41315311111"))

    @given(plans, typed)
    def test_canonical_is_canonical(self, plan: NumberPlan, number: str) -> None:
        once = plan.canonical(number)
        self.assertEqual(plan.canonical(once), once)

    @given(plans, typed)
    def test_spellings(self, plan: NumberPlan, number: str) -> None:
        """All of them mean the same number, and what is canonical is among them."""
        found = plan.spellings(number)
        self.assertTrue({plan.canonical(one) for one in found} <= {plan.canonical(number)})
        self.assertEqual(plan.canonical(number) in found, plan.canonical(number) != "")

    def test_spellings_here(self) -> None:
        everywhere = ("+41315311111", "0041315311111", "0315311111", "5311111")
        for number in everywhere:
            self.assertEqual(BERN.spellings(number), tuple(sorted(everywhere)))
        self.assertEqual(SWISS.spellings("031 531 11 11"),
                         ("+41315311111", "0041315311111", "031 531 11 11", "0315311111"))  # fmt: skip
        self.assertEqual(BERN.spellings("1175"), ("1175",))

    @given(plans, typed, st.lists(st.tuples(st.integers(0, 30), st.sampled_from(" -.()/[]")), max_size=5))
    def test_separators_mean_nothing(self, plan: NumberPlan, number: str, added: list[tuple[int, str]]) -> None:
        spelled = number
        for place, separator in added:
            spelled = spelled[:place] + separator + spelled[place:]
        self.assertTrue(plan.same(number, spelled))

    @given(plans, digits)
    def test_plus_and_its_prefix(self, plan: NumberPlan, number: str) -> None:
        assume(plan.international_prefix)
        self.assertTrue(plan.same(f"+{number}", f"{plan.international_prefix}{number}"))


class DiallableTests(SynchronousTestCase):
    """``is_diallable``, ``bare``."""

    def test_table(self) -> None:
        for number, expected in {
            "1": True,
            "+41 (31) 531-11.11": True,
            "*21#": True,
            "": False,
            "+": False,
            " ": False,
            "1+": False,
            "+*#*": False,
            "+4*": True,
            "++1": False,
            "MA1": False,
            "1X": False,
            "1" * 32: True,
            "1" * 33: False,
            "\u0661": False,
            "1\n": False,
            "1\r\nVia: x": False,
        }.items():
            self.assertEqual(is_diallable(number), expected, repr(number))

    @given(typed)
    def test_bare_has_no_separators(self, number: str) -> None:
        self.assertEqual(bare(bare(number)), bare(number))
        self.assertFalse(set(bare(number)) & set(" -.()/[]\t\u00a0"))


class PatternTests(SynchronousTestCase):
    """``is_pattern`` and ``NumberPlan.matches``."""

    def test_table(self) -> None:
        for pattern, expected in {
            "1076": True,
            "+1509XXXXXXX": True,
            "0800xxxxxx": True,
            "0800!": True,
            "!": True,
            "X": True,
            "": False,
            "+": False,
            "08!00": False,
            "0800!!": False,
            "ABC": False,
            "1?": False,
            "1.*": True,
            "(": False,
        }.items():
            self.assertEqual(is_pattern(pattern), expected, pattern)

    def test_matches(self) -> None:
        for pattern, number, expected in (
            ("1076", "1076", True),
            ("1076", "10760", False),
            ("+1509XXXXXXX", "+15095550142", True),
            ("+1509XXXXXXX", "001 509 555 0142", True),
            ("+1509XXXXXXX", "+1509555014", False),
            ("+1509XXXXXXX", "+150955501420", False),
            ("0800XXXXXX", "0800 555 010", True),
            ("0800XXXXXX", "+41800555010", True),
            ("0800!", "0800555010", True),
            ("0800!", "0800", True),
            ("0800!", "0801555010", False),
            ("!", "anonymous", True),
            ("X!", "5", True),
            ("10X6", "1076", True),
            ("10X6", "10*6", False),
            ("*2X", "*21", True),
            ("bad pattern", "1", False),
            ("", "", False),
            ("00", "00", True),
            ("0", "0", True),
            ("00!", "+15095551234", True),
        ):
            self.assertEqual(SWISS.matches(pattern, number), expected, (pattern, number))

    @given(plans, digits)
    def test_a_number_matches_itself_in_every_spelling(self, plan: NumberPlan, number: str) -> None:
        self.assertTrue(plan.matches(number, number))
        self.assertTrue(plan.matches(plan.canonical(number), number))
        self.assertTrue(plan.matches(number, plan.canonical(number)))

    @given(plans, digits, digits)
    def test_only_that_number(self, plan: NumberPlan, number: str, other: str) -> None:
        self.assertEqual(plan.matches(number, other), plan.same(number, other))

    @given(plans, typed, typed)
    def test_any_text(self, plan: NumberPlan, pattern: str, number: str) -> None:
        matched = plan.matches(pattern, number)
        self.assertFalse(matched and not is_pattern(pattern))
