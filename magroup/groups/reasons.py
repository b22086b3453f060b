"""Why calls went where they went, in words, for those who serve people."""

from magroup.policy.reasons import trail_in_words, words

__all__ = ["trail_in_words", "words"]
