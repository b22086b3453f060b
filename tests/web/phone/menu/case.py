"""Phones of the manual's company in front of a server whose switch does what a test says."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from twisted.internet.task import deferLater

from magroup.model.configuration import Configuration
from magroup.model.groups import Member
from tests.web.phone.server import PhoneCase, Shown, reactor

MARIA, RAFAEL, ARADHANA, CHIYO, GABRIELA = (
    "SEP000000001071", "SEP000000001175", "SEP000000001068", "SEP000000001202", "SEP000000001077",
)  # fmt: skip
"""Maria (1071) manages Accounting, Rafael (1175) and Aradhana (1068) are in it."""
OUTSIDE = "0791112233"


def with_member(
    configuration: Configuration, id: int, group: int, name: str, is_manager: bool = False
) -> Configuration:  # fmt: skip
    """One more member of a group, at the user's own line."""
    user = configuration.user(name)
    assert user is not None
    place = len(configuration.members_of(group)) + 1
    member = Member(id, group, name, user.lines[0], f"S{id}", is_manager, place)
    return configuration.changed(members=(*configuration.members, member))


def with_user(configuration: Configuration, name: str, **values: Any) -> Configuration:
    """The user has these values."""
    users = tuple(replace(user, **values) if user.name == name else user for user in configuration.users)
    return configuration.changed(users=users)


def with_group(configuration: Configuration, id: int, **values: Any) -> Configuration:
    """The group has these values."""
    groups = tuple(replace(group, **values) if group.id == id else group for group in configuration.groups)
    return configuration.changed(groups=groups)


class MenuCase(PhoneCase):
    """Texts of pages are in English."""

    def edited(self, configuration: Configuration) -> Configuration:
        """What the test has otherwise than the manual's company."""
        return configuration

    async def begin(self, configuration: Configuration) -> None:
        await super().begin(self.edited(configuration))

    async def told(self, name: str, device: str = RAFAEL, **query: object) -> str:
        """The text of a page."""
        shown = await self.page(name, device, **query)
        self.assertEqual(shown.kind, "CiscoIPPhoneText", shown.body)
        return shown.text

    async def names(self, name: str, device: str = RAFAEL, **query: object) -> list[str]:
        """The entries of a menu."""
        return list((await self.page(name, device, **query)).items)

    async def key(self, shown: Shown, name: str) -> Shown:
        """The page behind a softkey."""
        return await self.load(shown.keys[name])

    def talking(self, number: str = "1175", caller: str = OUTSIDE, name: str = "Bob") -> str:
        """A call from outside that was answered at a line; its id."""
        call = self.switch.arrive(caller, number, name)
        self.switch.device_answers(call, number)
        return call

    def states_at(self, number: str) -> list[str]:
        """The states of the calls at a line, the oldest first."""
        found = [call.connection(number) for call in self.states.calls_at(number)]
        return [connection.state.value for connection in found if connection is not None]

    async def until(self, is_so: Callable[[], bool]) -> None:
        while not is_so():
            await deferLater(reactor, 0.01)
