"""Every entry of the menus of calls, chosen in a real browser, and what the real phones do then."""

from collections.abc import Callable

from tests.live.gadgets import ASSISTANT, CALLER, MANAGER, OTHER, GadgetCase
from tests.live.pbx import hear_each_other
from tests.peers import until


class Menus(GadgetCase):
    """The caller rings the manager's own line; both pages are right after each step."""

    async def test_every_entry(self) -> None:
        await self.active()
        await self.held()
        await self.ringing()
        await self.calling()
        await self.consulting()
        await self.without_a_phone()

    async def ring(self) -> None:
        """The manager's phone rings, and both pages show so."""
        self.phones[MANAGER].mark()
        self.phones[OTHER].mark()
        await self.phones[CALLER].dial(f"sip:{MANAGER}@{self.whole.address}")
        await self.phones[MANAGER].wait("CALL_INCOMING")
        await self.both(MANAGER, "ringing")

    async def talk(self) -> None:
        """The manager has answered at the phone."""
        await self.ring()
        await self.phones[MANAGER].answer()
        await self.both(MANAGER, "active")
        await hear_each_other(self.phones[CALLER], self.phones[MANAGER])

    async def choose(self, state: str, entry: str, *then: Callable[[], None]) -> None:
        """Choose from the menu of the manager's call in this state."""
        await self.browse(lambda: self.manager.menu(self.manager.call(MANAGER, state), entry), *then)

    async def offers(self, state: str, *entries: str) -> None:
        """The menu of the manager's call in this state has these entries, soon."""
        found: list[list[str]] = []

        async def right() -> bool:
            found.append(await self.browse(lambda: self.manager.entries(self.manager.call(MANAGER, state))))
            return found[-1] == list(entries)

        await until(right, 10.0, what=f"{entries}", seen=lambda: str(found[-1]))

    async def arrives(self) -> None:
        """The caller has come to the other one, who answers and hangs up."""
        other = self.phones[OTHER]
        await other.wait("CALL_INCOMING")
        await self.both(OTHER, "ringing")
        await other.answer()
        await self.phones[MANAGER].wait("CALL_CLOSED")
        await self.both(OTHER, "active")
        await hear_each_other(self.phones[CALLER], other)
        await other.hangup()
        await self.over()

    async def ringing(self) -> None:
        """Sent to a number, sent to a member, ended, and answered by a phone that has to be told by hand."""
        manager = self.manager
        for choose in (lambda: manager.type_target(OTHER), lambda: manager.target(OTHER)):
            await self.ring()
            await self.offers("ringing", "answer", "end", "blind")
            await self.choose("ringing", "blind", choose)
            await self.arrives()
        await self.ring()
        seen = await self.browse(lambda: self.assistant.entries(self.assistant.call(MANAGER, "ringing")))
        self.assertEqual(seen, ["pickup"])
        await self.choose("ringing", "end")
        await self.phones[CALLER].wait("CALL_CLOSED")
        await self.over()
        await self.ring()
        await self.browse(lambda: self.assistant.menu(self.assistant.call(MANAGER, "ringing"), "pickup"))
        await self.phones[ASSISTANT].wait("CALL_INCOMING")
        await self.phones[ASSISTANT].answer()
        await self.both(ASSISTANT, "active")
        await hear_each_other(self.phones[CALLER], self.phones[ASSISTANT])
        await self.phones[CALLER].hangup()
        await self.over()
        await self.ring()
        await self.choose("ringing", "answer")
        await self.phones[MANAGER].wait("CALL_INCOMING")
        await self.phones[MANAGER].wait("CALL_CLOSED")
        await self.offers("ringing", "(answer)", "end", "blind")
        await self.browse(lambda: manager.call(MANAGER, "ringing").click(button="right"))
        entry = await self.browse(lambda: manager.page.inner_text('.menu [data-act="answer"]'))
        self.assertEqual(entry, "Answer\nThis phone cannot be made to answer from here.")
        await self.browse(lambda: manager.page.keyboard.press("Escape"))
        await self.phones[MANAGER].answer()
        await self.both(MANAGER, "active")
        await self.phones[CALLER].hangup()
        await self.over()

    async def active(self) -> None:
        """Digits, hold and back; sent to a number; consulted by number; ended."""
        manager, caller = self.manager, self.phones[CALLER]
        await self.talk()
        await self.offers("active", "end", "hold", "consult", "blind", "digits")
        nothing = await self.browse(lambda: self.assistant.entries(self.assistant.call(MANAGER, "active")))
        self.assertEqual(nothing, [])

        def digits() -> None:
            manager.page.keyboard.type("4#")
            manager.page.keyboard.press("Enter")
            manager.page.wait_for_function("document.querySelector('dialog input').value === ''")
            manager.page.keyboard.press("Escape")

        await self.choose("active", "digits", digits)
        for digit in "4#":
            self.assertEqual((await caller.wait("CALL_DTMF_START"))["param"], digit)
        await self.choose("active", "blind", lambda: manager.type_target(OTHER))
        await self.arrives()
        await self.talk()
        await self.choose("active", "blind", lambda: manager.target(OTHER))
        await self.arrives()

    async def held(self) -> None:
        """Taken back; sent to a number; a consultation by number, completed while it rings; ended."""
        manager, caller = self.manager, self.phones[CALLER]
        await self.talk()
        await self.choose("active", "hold")
        await self.both(MANAGER, "held")
        await until(lambda: caller.sdps()[-1].direction() != "sendrecv", what="held", seen=caller.report)
        await self.offers("held", "end", "retrieve", "consult", "blind")
        await self.choose("held", "retrieve")
        await self.both(MANAGER, "active")
        await hear_each_other(caller, self.phones[MANAGER])
        await self.choose("active", "hold")
        await self.choose("held", "blind", lambda: manager.type_target(OTHER))
        await self.arrives()
        await self.talk()
        await self.choose("active", "hold")
        await self.choose("held", "consult", lambda: manager.type_target(OTHER))
        await self.phones[OTHER].wait("CALL_INCOMING")
        await self.both(OTHER, "ringing")
        await self.browse(lambda: manager.page.click('.consultation button:has-text("Complete")'))
        await self.phones[OTHER].answer()
        await self.phones[MANAGER].wait("CALL_CLOSED")
        await self.both(OTHER, "active")
        await hear_each_other(caller, self.phones[OTHER])
        await caller.hangup()
        await self.over()
        await self.talk()
        await self.choose("active", "hold")
        await self.choose("held", "end")
        await caller.wait("CALL_CLOSED")
        await self.over()

    async def calling(self) -> None:
        """A new call, given up while the other one rings."""
        manager, other = self.manager, self.phones[OTHER]
        await self.browse(
            lambda: manager.page.click('[data-name="new_call"]'), lambda: manager.type_target(OTHER)
        )  # fmt: skip
        await self.phones[MANAGER].wait("CALL_INCOMING")
        await self.phones[MANAGER].answer()
        await other.wait("CALL_INCOMING")
        await self.both(OTHER, "ringing")
        await self.offers("calling", "end")
        await self.choose("calling", "end")
        await other.wait("CALL_CLOSED")
        await self.over()

    async def consulting(self) -> None:
        """Left while it rings, and completed when the one asked has answered: by the menu, not by the bar."""
        manager, other = self.manager, self.phones[OTHER]
        await self.talk()
        await self.choose("active", "consult", lambda: manager.target(OTHER))
        await other.wait("CALL_INCOMING")
        await self.both(OTHER, "ringing")
        await self.offers("calling", "complete", "cancel", "end")
        await self.choose("calling", "cancel")
        await other.wait("CALL_CLOSED")
        await self.both(MANAGER, "active")
        await hear_each_other(self.phones[CALLER], self.phones[MANAGER])
        await self.choose("active", "consult", lambda: manager.target(OTHER))
        await other.wait("CALL_INCOMING")
        await other.answer()
        await self.both(OTHER, "active")
        await self.both(MANAGER, "active")
        await self.offers("active", "complete", "cancel", "end", "hold", "consult", "blind", "digits")
        await self.choose("active", "complete")
        await self.phones[MANAGER].wait("CALL_CLOSED")
        await self.both(OTHER, "active")
        await hear_each_other(self.phones[CALLER], other)
        await other.hangup()
        await self.over()

    async def without_a_phone(self) -> None:
        """Whose own line is out of service picks nothing up and calls nobody, and is told so."""
        assistant, page = self.assistant, self.assistant.page
        await self.phones[ASSISTANT].stop()
        await self.browse(
            lambda: page.wait_for_selector('.member[data-line="out_of_service"][data-me]'),
            lambda: page.wait_for_selector('[data-name="new_call"][aria-disabled="true"]'),
        )  # fmt: skip
        await self.ring()
        refused = '.notice:has-text("The phone is out of service.") button'
        await self.browse(lambda: assistant.call(MANAGER, "ringing").click(), lambda: page.click(refused))
        await self.both(MANAGER, "ringing")

        def dial() -> None:
            assistant.row(OTHER).locator(".name").first.hover()
            assistant.row(OTHER).locator(".dial").click(force=True)
            page.click(refused)

        await self.browse(dial)
        await self.phones[CALLER].hangup()
        await self.over()
