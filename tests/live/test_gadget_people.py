"""What people say of themselves, VIPs, tones, voicemail and a lost connection, in real browsers with real phones."""

from tests.live.gadgets import ASSISTANT, CALLER, MANAGER, NUMBER, OPTIONS, OTHER, GadgetCase
from tests.live.voicemail import BOX, PILOT, own_greeting, recording, short_prompts
from tests.peers import until


class PeopleOnPages(GadgetCase):
    """Presence and forwarding, seen by the other at once, and by the calls."""

    async def test_presence_with_message(self) -> None:
        """The manager is away: the assistant sees it, and the call goes to the assistant."""
        manager = self.manager

        def say() -> None:
            manager.row(MANAGER).locator(".presence").click()
            manager.page.click('.menu [data-act="message"]')
            manager.page.keyboard.type("Back <soon>")
            manager.page.check('[value="away"]')
            manager.page.click("dialog >> text=Save")

        await self.browse(
            say, lambda: self.assistant.row(MANAGER).locator('.message:has-text("Back <soon>")').wait_for(),
        )  # fmt: skip
        await self.phones[CALLER].dial(f"sip:{NUMBER}@{self.whole.address}")
        await self.phones[ASSISTANT].wait("CALL_INCOMING")
        await self.browse(lambda: manager.call(ASSISTANT, "ringing"))
        await self.phones[CALLER].hangup()
        await self.over()

    async def test_both_forwardings(self) -> None:
        """Line forwarding by the assistant, application forwarding by the manager; calls follow them."""

        def line() -> None:
            page = self.assistant.page
            self.assistant.row(ASSISTANT).locator(".handset").click()
            page.locator(f'dialog .target:has-text("First{OTHER}")').first.click()
            page.wait_for_selector("dialog", state="detached")

        def application() -> None:
            page = self.manager.page
            self.manager.row(MANAGER).locator(".handset").click()
            page.get_by_role("tab", name="Application").click()
            page.locator('dialog .target[data-key="group"]').click()
            page.wait_for_selector("dialog", state="detached")

        await self.browse(
            line, lambda: self.manager.row(ASSISTANT).locator(f'.about:has-text("First{OTHER}")').wait_for(),
            application, lambda: self.assistant.row(MANAGER).locator('.about:has-text("Group")').wait_for(),
        )  # fmt: skip
        await self.phones[CALLER].dial(f"sip:{NUMBER}@{self.whole.address}")
        await self.phones[OTHER].wait("CALL_INCOMING")
        await self.phones[CALLER].hangup()
        await self.over()

    async def test_lost_connection(self) -> None:
        """The assistant's network is away while the call is answered: the page catches up."""
        await self.phones[CALLER].dial(f"sip:{NUMBER}@{self.whole.address}")
        await self.phones[MANAGER].wait("CALL_INCOMING")
        page = self.assistant.page

        def away() -> None:
            self.assistant.call(MANAGER, "ringing")
            page.context.set_offline(True)
            page.wait_for_selector(".lost:visible")

        def back() -> None:
            page.context.set_offline(False)
            self.assistant.call(MANAGER, "active")
            page.wait_for_selector(".lost", state="hidden")

        await self.browse(away)
        await self.phones[MANAGER].answer()
        await self.browse(lambda: self.manager.call(MANAGER, "active"), back)
        await self.phones[CALLER].hangup()
        await self.over()


class Vips(GadgetCase):
    """The caller is on the manager's list, and only the manager sees such calls."""

    options = f'{OPTIONS}show_vip_calls = "manager"\nmanager_alarm_gadget = "Chime.mp3"\n'
    vips = (CALLER,)

    async def test_star_tone_and_hiding(self) -> None:
        manager = self.manager
        await self.browse(lambda: manager.page.click("h1"))
        await self.phones[CALLER].dial(f"sip:{NUMBER}@{self.whole.address}")
        await self.phones[MANAGER].wait("CALL_INCOMING")

        def rings() -> None:
            self.assertTrue(manager.call(MANAGER, "ringing").locator(".vip").is_visible())
            audio = "audio[data-ringtone]"
            manager.page.wait_for_selector(f'{audio}[src*="Chime.mp3"]', state="attached")
            manager.page.eval_on_selector(audio, "one => one.paused && new Promise(on => { one.onplaying = on })")
            self.assertGreater(manager.page.eval_on_selector(audio, "one => one.duration"), 1.0)

        await self.browse(rings)
        # What was sent to the assistant in the meantime says nothing of the caller.
        text = await self.browse(lambda: self.assistant.page.content())
        self.assertNotIn(f"First{CALLER}", text)
        self.assertNotIn(CALLER, text)
        await self.phones[CALLER].hangup()
        await self.over()


class Voicemail(GadgetCase):
    """An active call is sent to the voicemail of the assistant, who hears and deletes the message in the page."""

    file = f'[voicemail]\npilot = "{PILOT}"\n'

    def user(self, number: str) -> str:
        box = f'\nvoicemail = "{BOX}"' if number == ASSISTANT else ""
        return super().user(number) + box

    def prepare(self) -> None:
        own_greeting(self.whole.folder)
        short_prompts(self.whole.folder)

    async def test_sent_to_voicemail_heard_and_deleted(self) -> None:
        await self.talking()
        manager, page = self.manager, self.assistant.page
        mailboxes = self.server.assembly.mailroom.mailboxes
        await self.browse(
            lambda: manager.menu(manager.call(MANAGER, "active"), "blind"),
            lambda: manager.page.click(f'dialog [aria-label="Voicemail of First{ASSISTANT} Last"]'),
        )  # fmt: skip
        await self.phones[MANAGER].wait("CALL_CLOSED")
        await recording(self.whole.folder)
        await self.phones[CALLER].hangup()
        await until(lambda: mailboxes.messages(BOX), 15.0, what="the message")

        def listen() -> None:
            page.wait_for_selector('[data-name="messages"] .count:text-is("1")')
            page.click('[data-name="messages"]')
            page.click('[data-message-id] [data-act="play"]')
            page.wait_for_selector('[data-message-id][data-heard="true"]')

        def delete() -> None:
            """Asked once more."""
            for _ in range(2):
                page.click('[data-message-id] [data-act="delete"]')
            page.wait_for_selector("[data-message-id]", state="detached")

        await self.browse(listen)
        self.assertTrue(mailboxes.messages(BOX)[0].heard)
        await self.browse(delete)
        await until(lambda: not mailboxes.messages(BOX), 15.0, what="deleted")
        await self.over()
