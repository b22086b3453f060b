"""The languages that people are spoken to in."""

from enum import StrEnum


class Language(StrEnum):
    """English, German, French."""

    ENGLISH = "en"
    GERMAN = "de"
    FRENCH = "fr"

    @classmethod
    def of(cls, tag: str, default: "Language | None" = None) -> "Language":
        """The language of a tag such as ``de-CH`` (RFC 5646), ``default`` (English) for all others and for none."""
        try:
            return cls(tag.partition("-")[0].casefold())
        except ValueError:
            return default or cls.ENGLISH
