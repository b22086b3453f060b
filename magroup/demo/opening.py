"""The demo company's phones, and what a newcomer needs to put two of the own beside them."""

from random import Random
from typing import Any

from magroup.announcement import Announcement
from magroup.demo.company import DemoCompany
from magroup.demo.office import DemoOffice
from magroup.lifecycle import AtStop
from magroup.model.configuration import Configuration
from magroup.model.settings import Settings
from magroup.rtp.library import SoundLibrary


async def start_demo(
    reactor: Any, settings: Settings, library: SoundLibrary, configuration: Configuration,
    listening: list[tuple[str, str, int]], at_stop: AtStop, announcement: Announcement,
) -> None:  # fmt: skip
    """They register where the server is ``listening``, and call each other now and then."""
    office = DemoOffice(reactor, settings, library)
    phones = await office.open(configuration, listening)
    company = DemoCompany(
        office.timers, phones, [group.number for group in configuration.groups if group.number], Random(),
    )  # fmt: skip
    company.start()
    at_stop("demo phones", office.stop)
    at_stop("demo company", company.stop)
    announcement.notes += office.notes(configuration)
