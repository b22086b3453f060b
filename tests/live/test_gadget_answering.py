"""Ringing calls answered in a real browser: by remotecc, by the talk event, by a second INVITE (spec 4)."""

from tests.live.gadgets import ASSISTANT, CALLER, MANAGER, GadgetCase
from tests.live.phones import SCENARIOS, Desk
from tests.peers import until

WAYS = (
    ("uas_talk", "Allow-Events: talk, hold", 1),
    ("uas_remotecc", "User-Agent: Cisco-CP8861/12.8.1", 3),
    ("uas_obedient", "", 2),
)


class Answering(GadgetCase):
    """The manager's phone is SIPp, another one each time."""

    numbers = (ASSISTANT, CALLER)

    async def test_three_ways(self) -> None:
        """It answers when it is told so, both pages show it, and it is hung up by the menu."""
        manager, caller = self.manager, self.phones[CALLER]
        in_service = self.server.assembly.telephony.switch.in_service
        for scenario, says, calls in WAYS:
            desk = Desk(self.whole, MANAGER, SCENARIOS / f"{scenario}.xml", says, calls=calls)
            await desk.start()
            await self.browse(
                lambda: self.assistant.page.wait_for_selector('.member[data-line="idle"] .crown:not([hidden])')
            )
            await caller.dial(f"sip:{MANAGER}@{self.whole.address}")
            await desk.invited()
            await self.browse(
                lambda: manager.menu(manager.call(MANAGER, "ringing"), "answer"),
                lambda: manager.call(MANAGER, "active"), lambda: self.assistant.call(MANAGER, "active"),
            )  # fmt: skip
            await caller.wait("CALL_ESTABLISHED")
            await self.browse(lambda: manager.menu(manager.call(MANAGER, "active"), "end"))
            await caller.wait("CALL_CLOSED")
            await desk.sipp.finished()
            await self.over()
            await desk.unregister()
            await until(lambda: not in_service(MANAGER), what="unregistered")
