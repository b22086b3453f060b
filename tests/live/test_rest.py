"""What is changed by REST while the server runs is so for the next call, and disturbs none that is there."""

from typing import Any

import numpy as np
from twisted.internet import reactor as _reactor
from twisted.internet.utils import getProcessOutputAndValue

from magroup.model.audit import Change
from magroup.served import served
from magroup.web.site import Surroundings, WebSite
from magroup.web.status import Readiness, Status
from tests.live.case import FIRST, LiveCase
from tests.live.phones import Caller, Desk, desks, finished
from tests.live.server import Live, company
from tests.peers import audio, until
from tests.web.admission.kit import Kept, admission
from tests.web.rest.server import CURL, LoopbackAdmission

reactor: Any = _reactor

SHORT = "manager_timeout = 1\nassistant_timeout = 1\n"


class Rest:
    """The XML services of a running server; ``changes`` is what the audit was told."""

    def __init__(self, server: Live) -> None:
        self.changes: list[Change] = []
        self._test = server.test
        settings = server.settings
        rest, *_ = served(server.assembly, LoopbackAdmission(), lambda connection, change: self.changes.append(change))
        site = WebSite(
            Surroundings(
                settings.instance, "1", Status, Readiness(), reactor.seconds, admission(Kept(), reactor), rest
            )
        )  # fmt: skip
        self._port = reactor.listenTCP(0, site.site(reactor), interface="127.0.0.1")
        server.test.addCleanup(self._port.stopListening)

    async def ok(self, path: str, *arguments: str) -> str:
        """Call a function with curl; it answers OK. Returns the whole answer."""
        url = f"http://127.0.0.1:{self._port.getHost().port}/Applications/inbound/MAGroup/rest/{path}"
        out, err, code = await getProcessOutputAndValue(
            CURL, ("--silent", "--show-error", "--noproxy", "*", "--max-time", "30", *arguments, url),
            env={"PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        self._test.assertEqual((code, err), (0, b""))
        self._test.assertIn(b">OK<", out)
        answer: str = out.decode()
        return answer


class NextCall(LiveCase):
    """Edits while the server runs."""

    async def test_edit_group(self) -> None:
        """A call that finds nobody gets busy; after editGroup the next one goes to another line."""
        server = await self.serve(company('overflow = "busy"\n', people=("1047",), others=("1201", "1202")))
        rest = Rest(server)
        (other,) = await desks(Desk(server, "1202", "uas", ring=0.2))
        first = await Caller(server, "uac_refused").call()
        self.assertEqual((await first.finished()).statuses[-1], 486)
        await rest.ok("groups/editGroup.asp", "--data", "gr_id=1&gr_overflow=1202")
        (change,) = rest.changes
        self.assertEqual((change.what, change.key), ("group", "1"))
        second = await Caller(server, "uac", stay=0.3).call()
        await second.finished()
        await finished(other)
        await server.quiet()
        self.assertEqual(
            await server.stories(),
            ["manager's line out of service; overflow busy", "manager's line out of service; overflow to 1202"],
        )

    async def test_add_member(self) -> None:
        """Who is added by REST rings in the next call."""
        server = await self.serve(company(SHORT, people=("1047",), others=("1201", "1202")))
        rest = Rest(server)
        (added,) = await desks(Desk(server, "1202", "uas", ring=0.2))
        await rest.ok("members/addMember.asp", "--data", "gr_id=1&usr_Name=u1202&mb_number=1202&gm_shortName=New")
        caller = await Caller(server, "uac", stay=0.3).call()
        await caller.finished()
        await finished(added)
        await self.over(server, "manager's line out of service; answered by New")

    async def test_upload(self) -> None:
        """Who hears an announcement hears it on and on in its old form; the next caller hears the new one."""
        server = await self.serve(company(f'manager_timeout = 30\nannouncements = ["{FIRST}"]\n'))
        rest = Rest(server)
        (manager,) = await desks(Desk(server, "1047", "uas_ring"))
        old, new = self.spoken(server, FIRST), audio.babble(0.6, seed=77)
        first = await Caller(server, "uac", stay=4.0).call()
        await manager.invited()
        await until(lambda: len(first.sink.packets) > 10, what="the announcement")
        file = audio.write_wav(server.folder / "new.wav", new)
        await rest.ok("files/uploadWAV.asp", "-F", f"upload=@{file};filename={FIRST.lower()}")
        await first.finished()
        await finished(manager)
        await manager.unregister()
        (manager,) = await desks(Desk(server, "1047", "uas_ring"))
        second = await Caller(server, "uac", stay=1.0).call()
        await second.finished()
        await finished(manager)
        for caller, sound, other, times in ((first, old, new, 5), (second, new, old, 1)):
            heard = caller.sink.heard()
            self.assertGreater(audio.correlate(heard, 8000, np.tile(sound, times), 8000)[1], 0.95)
            self.assertLess(audio.correlate(heard, 8000, other, 8000)[1], 0.5)
        await server.quiet()
