"""Somebody at a page: clicks and types as a test says, and adds up how long a person takes for it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

CLICK = 3.0
"""Seconds to look for a thing on the page, point at it and press: 1.2, 1.1 and 0.2 of Card, Moran and Newell's
keystroke-level model, and half a second for the page that comes."""

KEY = 0.28
"""Seconds for a character, of somebody who does not type all day."""


@dataclass
class Hand:
    """``seconds`` is what a person would have taken so far, in ``clicks`` and ``keys``."""

    page: Page
    clicks: int = 0
    keys: int = 0

    @property
    def seconds(self) -> float:
        return self.clicks * CLICK + self.keys * KEY

    def click(self, what: str) -> None:
        self.clicks += 1
        self.page.click(what)

    def type(self, field: str, text: str) -> None:
        self.clicks += 1
        self.keys += len(text)
        self.page.fill(field, text)

    def choose(self, field: str, **option: Any) -> None:
        """In a list: it is opened, then the entry is pressed."""
        self.clicks += 2
        self.page.select_option(field, **option)

    def file(self, field: str, file: Path) -> None:
        """By the system's dialog, which is opened and closed, with a double click on the file."""
        self.clicks += 4
        self.page.set_input_files(field, file)

    def enter(self) -> None:
        self.keys += 1
        self.page.keyboard.press("Enter")

    def sees(self, words: str) -> None:
        self.page.wait_for_selector(f"text={words}")
