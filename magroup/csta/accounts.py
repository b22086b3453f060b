"""Who may use the switch over CSTA, and what."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Account:
    """A program that is let in; ``may_steer`` says whether it may change anything, else it only watches.

    ``is_trusted``: by its address, without a login. ``lines`` are those that it may ask about; None: all, and the rest.
    ``password_hash`` is that of the password with which it has logged in.
    """

    name: str
    may_steer: bool
    is_trusted: bool = False
    lines: frozenset[str] | None = None
    password_hash: str = field(default="", repr=False)


class NotAdmitted(Exception):
    """Wrong credentials, or too many attempts: the peer is not told which. ``is_busy``: it may try again soon."""

    def __init__(self, is_busy: bool = False) -> None:
        super().__init__()
        self.is_busy = is_busy


async def nobody(user: str, password: str, address: str) -> Account:
    """Where there are no logins. Raises NotAdmitted."""
    raise NotAdmitted


Admit = Callable[[str, str, str], Awaitable[Account]]
"""Looks at user, password and address of the peer. Raises NotAdmitted."""
