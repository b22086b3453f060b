"""The languages that people are spoken to in."""

from enum import StrEnum

from magroup.model.fixed import fixed


class Language(StrEnum):
    """English, German, French."""

    ENGLISH = "en"
    GERMAN = "de"
    FRENCH = "fr"

    @classmethod
    def of(cls, tag: str, default: "Language | None" = None) -> "Language":
        """The language of a tag such as ``de-CH`` (RFC 5646), ``default`` (English) for all others and for none."""
        return _BY_TAG.get(tag.partition("-")[0].casefold()) or default or cls.ENGLISH


_BY_TAG = {language.value: language for language in Language}


@fixed
class Said:
    """The same in each language."""

    english: str
    german: str
    french: str

    def by(self, language: Language) -> str:
        match language:
            case Language.GERMAN:
                return self.german
            case Language.FRENCH:
                return self.french
            case _:
                return self.english
