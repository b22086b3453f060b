"""Why a function of the REST services does nothing."""


class Refusal(Exception):
    """Answered by a status word of the manual; ``reason`` is for the log."""

    def __init__(self, word: str, reason: str) -> None:
        super().__init__(reason)
        self.word = word
        self.reason = reason


def missing(*names: str) -> Refusal:
    """A mandatory parameter, or all of several of which one is needed, was not sent."""
    return Refusal("PARAMETER_MISSING", f"{' or '.join(names)} is missing")


def error(reason: str) -> Refusal:
    return Refusal("ERROR", reason)
