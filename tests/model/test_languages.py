"""Which language a tag means."""

from twisted.trial.unittest import SynchronousTestCase

from magroup.model.languages import Language


class LanguageTests(SynchronousTestCase):
    def test_tags(self) -> None:
        for tag, language in (("de", "de"), ("de-CH", "de"), ("FR-ca", "fr"), ("en", "en"), ("it", "en"), ("", "en")):
            self.assertEqual(Language.of(tag), language, tag)

    def test_default(self) -> None:
        self.assertIs(Language.of("it", Language.GERMAN), Language.GERMAN)
        self.assertIs(Language.of("fr", Language.GERMAN), Language.FRENCH)
