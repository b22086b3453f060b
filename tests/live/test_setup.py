"""From an empty database to a group whose phones ring, by nothing but the pages."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page
from twisted.trial.unittest import TestCase

from tests.live.hand import Hand
from tests.live.pages import browse
from tests.live.phones import together
from tests.live.twistd import Twistd
from tests.peers import Baresip, audio, until

MANAGER, ASSISTANT, CALLER, NUMBER = "1047", "1175", "1201", "8973"
PEOPLE = ((MANAGER, "Tijana", "Vlahović"), (ASSISTANT, "Rafael", "Hidalgo"), (CALLER, "San", "Zhang"))
LIMIT = 180.0
"""Seconds that an administrator may need."""


class Setup(TestCase):
    """A server of its own process, with nothing but its first administrator."""

    timeout = 120

    async def setUp(self) -> None:
        self.server = await Twistd(self).start()
        self.greeting = audio.write_wav(self.server.folder / "Greeting.wav", audio.tone(700, 1.5))
        self.addCleanup(self.server.terminate)
        self.secrets: dict[str, str] = {}

    async def test_setup(self) -> None:
        """In under three minutes; then phones register, and a call to the group rings until somebody answers."""
        seconds, clicks = await browse(self.set_up, self.server.url)
        self.assertLess(seconds, LIMIT, f"{clicks} clicks")
        manager, assistant, caller = [
            Baresip(self, number, registrar=self.server.sip, secret=self.secrets[number])
            for number in (MANAGER, ASSISTANT, CALLER)
        ]
        await together(*(phone.start() for phone in (manager, assistant, caller)))
        await together(*(phone.registered() for phone in (manager, assistant, caller)))
        await caller.dial(self.server.uri(NUMBER))
        await manager.wait("CALL_INCOMING")
        await caller.hears_file(self.greeting)
        await manager.hangup()
        await assistant.wait("CALL_INCOMING")
        await assistant.answer()
        await together(caller.wait("CALL_ESTABLISHED"), assistant.wait("CALL_ESTABLISHED"))
        await caller.hangup()
        await together(*(phone.idle() for phone in (manager, assistant, caller)))
        (record,) = await until(self.ended, 20.0, what="the record", seen=lambda: self.server.output)
        self.assertEqual((record.called_number, record.legs[-1].number), (NUMBER, ASSISTANT))
        await together(*(phone.stop() for phone in (manager, assistant, caller)))

    def ended(self) -> Any:
        records = self.server.records()
        return records if records and records[0].ended_at else None

    def set_up(self, page: Page) -> tuple[float, int]:
        hand = Hand(page)
        self.log_in(hand)
        for number, first, last in PEOPLE:
            self.person(hand, number, first, last)
        self.group(hand)
        self.vip(hand)
        return hand.seconds, hand.clicks

    def log_in(self, hand: Hand) -> None:
        password = Path(self.server.data, "initial-admin-password").read_text().strip()
        hand.type("input[name=user]", "admin")
        # The password is copied and pasted.
        hand.page.fill("input[name=pwd]", password)
        hand.clicks += 3
        hand.click("button:has-text('Log in')")

    def person(self, hand: Hand, number: str, first: str, last: str) -> None:
        """The account with a line; its secret is what the phone is set up with."""
        if self.secrets:
            hand.click("text=Another person")
        else:
            hand.click("a.button:has-text('New person')")
        hand.type("#first_name", first)
        hand.type("#last_name", last)
        hand.type("#number", number)
        hand.enter()
        hand.sees(f"{first} {last} is ready")
        shown = hand.page.locator(".secret:has(label:text-is('Password')) input").first
        self.secrets[number] = shown.input_value()

    def group(self, hand: Hand) -> None:
        hand.click("nav >> text=Groups")
        hand.click("a:has-text('Add')")
        hand.type("#name", "MA Group")
        hand.enter()
        hand.sees("Added.")
        for number in (MANAGER, ASSISTANT):
            hand.type("#find", number)
            hand.enter()
            hand.page.wait_for_selector("#short-1")
            if number == MANAGER:
                hand.choose("#type-1", label="Manager")
            hand.click("section form button:has-text('Add')")
            hand.page.wait_for_selector(f"tbody select:has-text('{number}')")
        hand.click("text=Upload new audio file")
        hand.file("#file", self.greeting)
        hand.click("button:has-text('Upload')")
        hand.sees("Uploaded.")
        hand.type("#number", NUMBER)
        hand.choose("#welcome", label="Greeting.wav")
        hand.click("form[action*=options] button:has-text('Save')")
        hand.sees("Saved.")

    def vip(self, hand: Hand) -> None:
        hand.click("nav >> text=VIP List")
        hand.type("#number", CALLER)
        hand.type("#description", "Project leader")
        hand.enter()
        hand.sees("Added.")
