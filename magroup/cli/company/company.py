"""A company as its file describes it, and what is wrong with a file."""

from collections.abc import Iterable, Mapping
from dataclasses import field

from magroup.model.configuration import Configuration
from magroup.model.fixed import fixed
from magroup.model.presence import PresenceState

FORMAT = 1
"""The number in ``format`` that files of today begin with."""


@fixed
class Company:
    """What a file holds: the configuration, presence by casefolded user name where a demo sets it.

    ``new_secrets`` are the numbers of the lines for which a SIP secret was made.
    """

    configuration: Configuration
    presence: Mapping[str, PresenceState] = field(default_factory=dict)
    new_secrets: tuple[str, ...] = ()


class CompanyError(Exception):
    """A file that cannot be imported: ``problems`` holds all that is wrong with it, one line each, in its order."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))
