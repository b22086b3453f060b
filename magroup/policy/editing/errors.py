"""Why an edit of the configuration is refused."""

from enum import StrEnum


class Problem(StrEnum):
    """What kind of reason it is."""

    MISSING = "missing"
    """A value that must be there is not."""
    INVALID = "invalid"
    """A value that nothing could have."""
    UNKNOWN = "unknown"
    """The thing to be edited, or one that is named, does not exist."""
    TAKEN = "taken"
    """Something else has this value already."""
    SECOND_MANAGER = "second_manager"
    """The group has a manager already."""
    IN_USE = "in_use"
    """Others still need what is to go."""
    FULL = "full"
    """There is no room for one more."""
    CONFLICT = "conflict"
    """Somebody else has changed it meanwhile."""
    OVERRIDDEN = "overridden"
    """What goes before it says something: it would have no effect."""
    NOT_HERE = "not_here"
    """It is set elsewhere: by whoever has the machine."""


class EditError(Exception):
    """An edit that is refused, with nothing changed: ``field`` is the value to blame, ``sentence`` is for people."""

    def __init__(self, problem: Problem, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.problem = problem
        self.field = field
        self.sentence = sentence
