"""Who makes a request."""

from magroup.model.fixed import fixed


@fixed
class Identity:
    """A user, by name; "" is this machine itself, which needs no login. ``address`` is where the request comes from."""

    user_name: str
    privileges: frozenset[str]
    address: str

    def has(self, privilege: str) -> bool:
        """Whether the user has ``privilege``."""
        return privilege in self.privileges
