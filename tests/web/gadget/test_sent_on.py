"""Calls that people have sent on and that nobody takes: who sent them on is told why they are back."""

from magroup.cti.fake import Phone
from magroup.groups.editing import edits
from tests.web.gadget.server import ASSISTANT, Browser
from tests.web.gadget.test_commands import CallCase

ARA = "Aradhana Jaggi (1068)"


class SentOnTests(CallCase):
    """``call`` rings at the assistant's line."""

    async def told(self, browser: Browser | None = None) -> str:
        return str((await (browser or self.browser).skip_to("notice"))["text"])

    async def test_blind_of_active_call(self) -> None:
        """Each reason in words; nobody else is told."""
        other = await self.looks_at(ASSISTANT)
        await self.answered()
        for phone, why in (
            (Phone.BUSY, f"{ARA} is busy."), (Phone.DECLINES, f"{ARA} declined the call."),
            (Phone.GONE, f"{ARA} cannot be reached."),
        ):  # fmt: skip
            self.switch.phones["1068"] = phone
            await self.do("blind", to={"member": 102})
            self.assertEqual(await self.told(), f"{why} You have the call again.")
        self.switch.phones["1068"] = Phone.RINGS
        await self.do("blind", to={"number": "1068"})
        self.switch.device_hangs_up(self.call, "1068")
        self.assertEqual(await self.told(), f"{ARA} declined the call. You have the call again.")
        await other.done("search", text="")
        self.assertNotIn("notice", [message["type"] for message in other.kept])

    async def test_blind_of_ringing_call(self) -> None:
        """It rings here again."""
        await self.do("blind", to={"member": 102})
        self.switch.device_hangs_up(self.call, "1068")
        self.assertEqual(await self.told(), f"{ARA} declined the call. Your phone rings again.")
        await self.until(calls=["ringing"])

    async def test_completed_while_ringing(self) -> None:
        await self.answered()
        other = (await self.do("consult", to={"member": 102}))["call"]
        await self.do("complete", call=other)
        await self.until(calls=[])
        self.switch.device_hangs_up(self.call, "1068")
        self.assertEqual(await self.told(), f"{ARA} declined the call. Your phone rings again.")

    async def test_consulted_one_does_not_take_it(self) -> None:
        """Told once, and nothing more when the call is left."""
        await self.answered()
        for phone, why in ((Phone.BUSY, f"{ARA} is busy."), (Phone.GONE, f"{ARA} cannot be reached.")):
            self.switch.phones["1068"] = phone
            await self.do("consult", to={"member": 102})
            self.assertEqual(await self.told(), why)
            self.assertEqual(len(self.commands), 0)
        self.switch.phones["1068"] = Phone.RINGS
        other = (await self.do("consult", to={"member": 102}))["call"]
        self.assertEqual(len(self.commands), 1)
        self.switch.device_answers(other, "1068")
        self.assertEqual(len(self.commands), 0)
        await self.browser.done("dial", to={"member": 102})
        self.assertEqual(len(self.commands), 1, "kept until the own phone is answered, or is not")
        self.switch.device_hangs_up(self.switch.calls()[-1].id, "1175")
        self.assertEqual(len(self.commands), 0)

    async def test_dialled_one_does_not_take_it(self) -> None:
        self.switch.caller_hangs_up(self.call)
        self.switch.phones["1068"] = Phone.DECLINES
        call = (await self.browser.done("dial", to={"member": 102}))["call"]
        self.switch.device_answers(call, "1175")
        self.assertEqual(await self.told(), f"{ARA} declined the call.")
        self.assertEqual(len(self.commands), 0)

    async def test_given_up(self) -> None:
        """Nobody is told of a call that is left before somebody takes it."""
        await self.answered()
        other = (await self.do("consult", to={"member": 102}))["call"]
        await self.browser.done("cancel", call=other, device="1175")
        await self.until(calls=["active"])
        self.assertEqual(len(self.commands), 0)
        self.assertNotIn("notice", [message["type"] for message in self.browser.kept])

    async def test_in_ones_language(self) -> None:
        await self.answered()
        self.current.replace(edits.change_user(self.current.value, self.user(ASSISTANT).id, {"language": "de"}))
        self.switch.set_in_service("1068", False)
        await self.do("blind", to={"number": "1068"})
        self.assertEqual(await self.told(), f"{ARA} ist nicht erreichbar. Sie haben den Anruf wieder.")

    async def test_taken(self) -> None:
        """Nobody is told, and nothing is kept."""
        await self.answered()
        await self.do("blind", to={"member": 102})
        self.assertEqual(len(self.commands), 1)
        self.switch.device_answers(self.call, "1068")
        await self.until(calls=[])
        self.assertEqual(len(self.commands), 0)
        await self.quiet(self.browser)

    async def test_caller_gone(self) -> None:
        await self.do("blind", to={"member": 102})
        self.switch.caller_hangs_up(self.call)
        await self.until(calls=[])
        self.assertEqual(len(self.commands), 0)

    async def test_refused(self) -> None:
        """What was not sent on at all is told at once."""
        await self.answered()
        await self.do("blind", to={"member": 102})
        self.assertEqual(await self.refused("blind", to={"member": 72}), "impossible")
        self.assertEqual(len(self.commands), 1)

    async def test_told_in_another_gadget(self) -> None:
        """The page that asked was loaded again meanwhile."""
        await self.answered()
        await self.do("blind", to={"member": 102})
        again = await self.looks_at(ASSISTANT)
        self.browser.transport.abortConnection()
        while len(self.gadgets) > 1:
            await again.done("search", text="")
        self.switch.device_hangs_up(self.call, "1068")
        self.assertEqual(await self.told(again), f"{ARA} declined the call. You have the call again.")
