"""Forwarding and do not disturb of lines, kept in Asterisk's own database where its dialplan looks for them."""

from collections.abc import Callable
from typing import Final

from magroup.ami.link import AmiLink
from magroup.ami.options import Pbx
from magroup.ami.session import AmiError
from magroup.cti.errors import Failure, ServiceError
from magroup.model.forwarding import NO_FORWARDING, Forwarding, ForwardTo
from magroup.model.numbers import bare, is_diallable

ON: Final = "YES"
_NO_ENTRY: Final = "not found"


class Features:
    """Raises ServiceError where Asterisk refuses, or its dialplan has no such feature."""

    def __init__(self, link: AmiLink, pbx: Pbx, is_line: Callable[[str], bool]) -> None:
        self._link = link
        self._pbx = pbx
        self._is_line = is_line

    async def forwarding(self, device: str) -> Forwarding:
        """As it is now."""
        number = await self._read(self._pbx.forwarding, device)
        return Forwarding(ForwardTo.NUMBER, number) if number else NO_FORWARDING

    async def set_forwarding(self, device: str, forwarding: Forwarding) -> None:
        """Numbers only: Asterisk's dialplan knows nothing else to forward to."""
        self._demand(self._pbx.forwarding, device)
        if not forwarding:
            await self._write(self._pbx.forwarding, device, "")
            return
        if not is_diallable(forwarding.number):
            raise ServiceError(Failure.INVALID_DESTINATION, f"A line of the PBX cannot be forwarded to {forwarding.to}")
        if bare(forwarding.number) == device:
            raise ServiceError(Failure.INVALID_DESTINATION, "A line cannot be forwarded to itself")
        await self._write(self._pbx.forwarding, device, bare(forwarding.number))

    async def do_not_disturb(self, device: str) -> bool:
        """As it is now."""
        return bool(await self._read(self._pbx.do_not_disturb, device))

    async def set_do_not_disturb(self, device: str, is_on: bool) -> None:
        """With the lamp that FreePBX has for it."""
        self._demand(self._pbx.do_not_disturb, device)
        await self._write(self._pbx.do_not_disturb, device, ON if is_on else "")
        lamp = "BUSY" if is_on else "NOT_INUSE"
        await self._ask("Setvar", ("Variable", f"DEVICE_STATE(Custom:DND{device})"), ("Value", lamp))

    def _demand(self, family: str, device: str) -> None:
        if not self._is_line(device):
            raise ServiceError(Failure.INVALID_DEVICE, f"{device[:40]} is no line of the PBX")
        if not family:
            raise ServiceError(Failure.NOT_SUPPORTED, "The PBX is not set up for this")

    async def _read(self, family: str, device: str) -> str:
        self._demand(family, device)
        try:
            answer = await self._link.ask("DBGet", ("Family", family), ("Key", device), until="DBGetResponse")
        except AmiError as error:
            if _NO_ENTRY in str(error):
                return ""
            raise ServiceError(Failure.GENERIC, str(error)) from None
        return answer.listed[-1].get("Val")

    async def _write(self, family: str, device: str, value: str) -> None:
        """An empty value removes the entry."""
        try:
            if value:
                await self._link.ask("DBPut", ("Family", family), ("Key", device), ("Val", value))
            else:
                await self._link.ask("DBDel", ("Family", family), ("Key", device))
        except AmiError as error:
            # What was not there is as good as removed; Asterisk has several sentences for it.
            if value or not str(error).startswith("Asterisk refuses"):
                raise ServiceError(Failure.GENERIC, str(error)) from None

    async def _ask(self, name: str, *fields: tuple[str, str]) -> None:
        try:
            await self._link.ask(name, *fields)
        except AmiError as error:
            raise ServiceError(Failure.GENERIC, str(error)) from None
