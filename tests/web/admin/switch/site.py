"""The tab Switch over a whole switch in memory."""

from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from twisted.internet.defer import Deferred

from magroup.groups import Application, ForwardingBook, GroupSettings, PresenceBook
from magroup.groups.explaining import Explainer
from magroup.model.configuration import Configuration
from magroup.model.lines import Registration, Trunk
from magroup.model.people import Privilege
from magroup.model.settings import Settings
from magroup.standing import Standing, versions
from magroup.web.admin.switch.switching import Switching
from tests.groups.world import Records
from tests.switch.bench import Bench
from tests.web.admin.site import AdminCase, AdminWeb, company

PBX = Trunk(1, "PBX", "127.0.0.99", is_default=True, ping_interval=60)
START = 1_700_000_000
"""14.11.2023 23:13:20 in Zürich."""


def office(**privileges: Any) -> Configuration:
    """The company, whose lines have secrets, with a trunk; Maria has all privileges unless others are given."""
    found = company(**(privileges or {"Maria_Rossi": Privilege}))
    return found.changed(lines=tuple(replace(line, secret="secret") for line in found.lines), trunks=(PBX,))


async def _at_once() -> None:
    """Nobody else has anything to do."""


@dataclass
class SwitchWeb(AdminWeb):
    """The site, and ``bench`` with the same configuration."""

    workers = None
    """Not a field: those beside this process, where a test says so."""

    def __post_init__(self) -> None:
        self.settings = replace(self.settings, time_zone="Europe/Zurich")
        super().__post_init__()
        # What forms change is what the switch has.
        self.current.subscribe(self._configured)

    def _configured(self, old: Configuration | None, new: Configuration) -> None:
        self.bench.configuration = new
        self.bench.telephony.configure(old, new)
        self.application.configure(new)

    def more(self) -> dict[str, Any]:
        more = super().more()
        sip = replace(Settings().sip, options_ping_interval=60, session_expires=0)
        self.bench = Bench(self.current.value, replace(Settings(), sip=sip))
        self.presence = PresenceBook(self.bench.clock, lambda name, state: None)
        self.forwarding = ForwardingBook(
            self.bench.clock, self.current.value, lambda *change: None, lambda *change: None
        )  # fmt: skip
        self.application = Application(
            self.bench.switch, self.bench.clock, self.presence, self.forwarding, Records(), self.current.value,
            GroupSettings(),
        )  # fmt: skip
        self.application.start()
        self.standing = Standing(self.bench.telephony, lambda: self.current.value)
        seconds = self.bench.clock.seconds
        explainer = Explainer(self.application, self.standing, seconds, _at_once)
        self.switching = Switching(self.standing, explainer.explain, seconds, versions, self.workers)
        return {**more, "admin": replace(more["admin"], switching=self.switching)}

    def reconfigure(self, **changes: Any) -> None:
        """Put it in force with these changes."""
        self.current.replace(self.current.value.changed(**changes))

    def register(self, *registrations: Registration) -> None:
        """They were there before a restart."""
        self.bench.telephony.bindings.restore(registrations)

    def end(self) -> None:
        self.application.stop()
        Deferred.fromCoroutine(self.bench.telephony.stop())
        self.bench.run(2.0)
        for phone in self.bench.phones:
            phone.layer.stop()


def registration(number: str, contact: str = "", **more: Any) -> Registration:
    """One that lasts an hour."""
    return Registration(
        number, contact or f"sip:{number}@192.0.2.1:5060", "c", 1, START + 3600.0,
        **{"received": ("192.0.2.1", 5060), **more},
    )  # fmt: skip


class SwitchCase(AdminCase):
    """``browser`` is Maria's."""

    def setUp(self) -> None:
        self.begin(office())

    def begin(self, configuration: Configuration) -> None:
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.web: SwitchWeb = SwitchWeb(begin=configuration, folder=Path(folder.name))
        self.addCleanup(self.web.database.engine.dispose)
        self.addCleanup(self.web.end)
        self.bench = self.web.bench
        self.browser = self.logged_in("Maria.Rossi")
