"""Reasons in words: every code has its own in every language, and a trail of a call that was answered or given up."""

from string import Formatter

from twisted.trial.unittest import SynchronousTestCase

from magroup.model.calls import Reason, ReasonCode
from magroup.model.languages import Language
from magroup.model.presence import Presence
from magroup.policy import trail_in_words, words
from magroup.policy.reason_words import AFTER, LASTING, NOT_AVAILABLE, PAST, PRESENCE, REASONS

RINGS = [
    Reason(ReasonCode.MANAGER_RINGS, "Tij", 30),
    Reason(ReasonCode.ASSISTANT_RINGS, "Raf", 30),
]


class ReasonsTests(SynchronousTestCase):
    def test_every_code_has_words_of_its_own(self) -> None:
        """Only who rings is told in the same way for all in French, and for the one instead of the manager."""
        for language in Language:
            said = {words(Reason(code, "Raf", 15, "away"), language) for code in ReasonCode}
            self.assertGreaterEqual(len(said), len(ReasonCode) - 1, language)
            self.assertNotIn("", said)

    def test_languages_say_the_same(self) -> None:
        """Each has the same placeholders, and no other ones than are filled in."""
        self.assertEqual(set(REASONS), set(ReasonCode))
        others = [*PAST.values(), *PRESENCE.values(), NOT_AVAILABLE, LASTING, AFTER]
        for said in (*REASONS.values(), *others):
            english = placeholders(said.english)
            self.assertEqual([placeholders(said.german), placeholders(said.french)], [english] * 2, said)
            self.assertLessEqual(set(english), {"who", "detail", "state", "lasting", "after", "seconds"})

    def test_languages_are_translated(self) -> None:
        for said in REASONS.values():
            if said.english not in ("manager {state}", "{who} {state}"):
                self.assertEqual(len({said.english, said.german, said.french}), 3, said)

    def test_same_trail_in_each_language(self) -> None:
        trail = [
            Reason(ReasonCode.MANAGER_NOT_AVAILABLE, "Tij", detail="away"),
            Reason(ReasonCode.ASSISTANT_RINGS, "Raf", 15),
            Reason(ReasonCode.NO_ANSWER, "Raf", 15),
            Reason(ReasonCode.LINE_BUSY, "Ara"),
            Reason(ReasonCode.OVERFLOW_NUMBER, "4321"),
        ]
        said = {
            Language.ENGLISH: "manager Away; assistant Raf rang 15 s; Ara busy; overflow to 4321",
            Language.GERMAN: (
                "Manager abwesend; hat bei Assistenz Raf 15 s geklingelt; bei Ara besetzt; Überlauf zu 4321"
            ),
            Language.FRENCH: "manager absent; a sonné chez Raf 15 s; occupé chez Ara; débordement vers 4321",
        }
        for language, words_said in said.items():
            self.assertEqual(trail_in_words(trail, language), words_said)
        self.assertEqual(trail_in_words(trail), said[Language.ENGLISH])

    def test_presence(self) -> None:
        for presence in Presence:
            if presence is not Presence.AVAILABLE:
                self.assertIn(presence.name.lower(), PRESENCE)
        odd = Reason(ReasonCode.ASSISTANT_NOT_AVAILABLE, "Raf", detail="asleep")
        self.assertEqual(words(odd, Language.GERMAN), "Raf nicht verfügbar")

    def test_names_that_look_like_placeholders(self) -> None:
        name = "{detail} {0} {"
        self.assertEqual(words(Reason(ReasonCode.DECLINED, name, detail="x")), f"{name} declined")

    def test_voicemail(self) -> None:
        trail = [Reason(ReasonCode.FORWARD_RINGS, "Tij", 30), Reason(ReasonCode.ANSWERED_BY_VOICEMAIL, "Tij")]
        self.assertEqual(trail_in_words(trail), "answered by voicemail of Tij")

    def test_ringing_now(self) -> None:
        self.assertEqual(trail_in_words(RINGS), "manager rings 30 s; assistant Raf rings 30 s")

    def test_ringing_without_end(self) -> None:
        self.assertEqual(trail_in_words([Reason(ReasonCode.ASSISTANT_RINGS, "Raf")]), "assistant Raf rings")

    def test_answered_with_another_ringing(self) -> None:
        self.assertEqual(
            trail_in_words([*RINGS, Reason(ReasonCode.ANSWERED, "Raf", 4)]),
            "manager rang; answered by Raf after 4 s",
        )

    def test_caller_hung_up(self) -> None:
        trail = [RINGS[0], Reason(ReasonCode.NO_ANSWER, "Tij", 7), Reason(ReasonCode.CALLER_HUNG_UP)]
        self.assertEqual(trail_in_words(trail), "manager rang 7 s; caller hung up")

    def test_empty(self) -> None:
        self.assertEqual(trail_in_words([]), "")


def placeholders(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name)
