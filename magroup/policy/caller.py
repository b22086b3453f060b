"""Whether a phone or a member is the one who calls: the caller is never rung (spec 1.2 step 1)."""

from magroup.model.configuration import Configuration
from magroup.model.fixed import fixed
from magroup.model.groups import Member
from magroup.model.people import User


@fixed
class Caller:
    """The one who calls: the number in its canonical form, "" where there is none, and the user whose line it is."""

    configuration: Configuration
    canonical: str
    user: User | None

    @classmethod
    def of(cls, configuration: Configuration, number: str) -> "Caller":
        if not number:
            return cls(configuration, "", None)
        return cls(configuration, configuration.plan.canonical(number), configuration.user_of_number(number))

    def is_member(self, member: Member) -> bool:
        """Whether ``member`` calls: from the member's line, or from another line of the same user."""
        if self.user is not None and self.user.key == member.user_name.casefold():
            return True
        return self._is_number(member.number)

    def is_at(self, number: str) -> bool:
        """Whether ``number`` is the caller's own, or that of another line of the same user."""
        if self._is_number(number):
            return True
        return self.user is not None and self.user == self.configuration.user_of_number(number)

    def _is_number(self, number: str) -> bool:
        return bool(self.canonical) and self.configuration.plan.canonical(number) == self.canonical
