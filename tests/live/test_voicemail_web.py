"""A message left by a real phone is listed, heard and deleted over the API; the owner's lamp follows (RFC 3842)."""

import json
import shutil
from pathlib import Path
from typing import Any

from twisted.internet.utils import getProcessOutputAndValue
from twisted.trial.unittest import TestCase

from magroup.service import Server
from tests.live.server import SECRET
from tests.live.voicemail import BOX, PILOT, mailbox, office, own_greeting, part_of, recording, short_prompts, speech
from tests.live.whole_server import WholeServer
from tests.peers import Baresip, audio, until

CURL = shutil.which("curl") or "/usr/bin/curl"
OWNER = "u1047"
PASSWORD = "secret words"


class VoicemailOnTheWeb(TestCase):
    """Real phones at a whole server, curl with the owner's session."""

    timeout = 120

    async def setUp(self) -> None:
        self.whole = WholeServer(self, f'[voicemail]\npilot = "{PILOT}"\n')
        own_greeting(self.whole.folder)
        short_prompts(self.whole.folder)
        text = mailbox(office(pin="", people=("1047",)), "1047", f'password = "{PASSWORD}"')
        self.server: Server = await self.whole.start(text)
        self.jar = self.whole.folder / "jar"
        await self.curl(
            "-c", str(self.jar), "-d", f"user={OWNER}", "--data-urlencode", f"pwd={PASSWORD}",
            f"{self.whole.web}/LogonPage.asp",
        )  # fmt: skip
        self.csrf = (await self.api("/me"))["csrf_token"]
        self.source = speech(self)

    async def curl(self, *arguments: str) -> str:
        command = ("--silent", "--show-error", "--max-time", "30", "--noproxy", "*", *arguments)
        out, err, code = await getProcessOutputAndValue(CURL, command, env={"PATH": "/usr/bin:/bin"})
        self.assertEqual(code, 0, err)
        return out.decode()

    async def api(self, path: str, method: str = "GET", body: Any = None, *arguments: str) -> Any:
        """What the API answers, as the owner's browser asks."""
        more = ["-b", str(self.jar), "-X", method, "--fail-with-body", *arguments]
        if method != "GET":
            more += ["-H", f"X-CSRF-Token: {self.csrf}"]
        if body is not None:
            more += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
        answer = await self.curl(*more, f"{self.whole.web}/api/v1{path}")
        return json.loads(answer) if answer else None

    async def loaded(self, path: str, *arguments: str) -> Path:
        file = self.whole.folder / "loaded.wav"
        await self.api(path, "GET", None, "-o", str(file), *arguments)
        return file

    async def phone(self, number: str, **options: Any) -> Baresip:
        """A registered baresip."""
        phone = Baresip(self, number, registrar=f"{self.whole.address}:5060", secret=SECRET, **options)
        await phone.start()
        self.addCleanup(phone.stop)
        await phone.registered()
        return phone

    async def told(self, phone: Baresip, *lines: str) -> None:
        """Wait for a NOTIFY with these lines."""
        event = await phone.wait("MWI_NOTIFY", timeout=40.0)
        while not all(line in event["param"] for line in lines):
            event = await phone.wait("MWI_NOTIFY", timeout=40.0)

    async def leave(self, phone: Baresip) -> str:
        """The phone leaves a message; its id."""
        await phone.dial(f"sip:{BOX}@{self.whole.address}")
        await recording(self.whole.folder)
        await phone.dtmf("*")
        await phone.wait("CALL_CLOSED", timeout=20.0)
        mailboxes = self.server.assembly.mailroom.mailboxes
        await until(lambda: mailboxes.messages(BOX), 15.0, what="the message")
        return str(mailboxes.messages(BOX)[-1].id)

    async def quiet(self) -> None:
        """Nothing is left of the calls."""
        assembly = self.server.assembly
        await until(lambda: not len(assembly.voicemail) and not assembly.telephony.switch.calls_by_id, 20.0,
                    what="no call")  # fmt: skip

    async def test_heard_and_deleted(self) -> None:
        owner = await self.phone("1047", mwi=True)
        notifier = self.server.assembly.telephony.notifier
        await until(lambda: len(notifier) == 1, 20.0, what="a watch", seen=owner.report)
        caller = await self.phone("1201", source=self.source)
        id = await self.leave(caller)
        await self.told(owner, "Messages-Waiting: yes", "Voice-Message: 1/0")
        (box,) = (await self.api("/voicemail"))["items"]
        self.assertEqual((box["box"], box["new"], box["is_own"], box["has_greeting"]), (BOX, 1, True, True))
        (message,) = (await self.api(f"/voicemail/{BOX}/messages"))["items"]
        self.assertEqual((message["id"], message["caller_number"], message["heard"]), (id, "1201", False))
        path = f"/voicemail/{BOX}/messages/{id}"
        part_of(self, await self.loaded(f"{path}/audio"), self.source)
        whole = (await self.loaded(f"{path}/audio")).read_bytes()
        self.assertEqual((await self.loaded(f"{path}/audio", "-r", "1000-1999")).read_bytes(), whole[1000:2000])
        await self.api(path, "PATCH", {"heard": True})
        await self.told(owner, "Messages-Waiting: no", "Voice-Message: 0/1")
        await self.api(path, "PATCH", {"heard": False})
        await self.told(owner, "Messages-Waiting: yes", "Voice-Message: 1/0")
        # The owner's phone is at this message while it is deleted.
        await owner.dial(f"sip:{PILOT}@{self.whole.address}")
        await owner.wait("CALL_ESTABLISHED")
        await owner.hears_file(self.server.assembly.mailroom.folder / BOX / f"{id}.wav", timeout=30.0)
        await self.api(path, "DELETE")
        await self.told(owner, "Messages-Waiting: no", "Voice-Message: 0/0")
        await owner.dtmf("2")
        await owner.dtmf("#")
        await owner.wait("CALL_CLOSED", timeout=20.0)
        await self.quiet()
        self.assertEqual(list((self.whole.folder / "mailboxes" / BOX).glob("*-*.wav")), [])

    async def test_own_greeting(self) -> None:
        """Sent by the browser, heard by the next caller, and gone again."""
        greeting = Path(self.mktemp()).absolute().with_suffix(".wav")
        audio.write_wav(greeting, audio.babble(1.6, seed=31))
        path = f"/voicemail/{BOX}/greeting"
        await self.api(path, "PUT", None, "-H", "Content-Type: audio/wav", "--data-binary", f"@{greeting}")
        caller = await self.phone("1201", source=self.source)
        await caller.dial(f"sip:{BOX}@{self.whole.address}")
        await caller.hears_file(greeting, timeout=20.0)
        await caller.hangup()
        await self.quiet()
        self.assertEqual((await self.loaded(path)).read_bytes(), greeting.read_bytes())
        await self.api(path, "DELETE")
        self.assertFalse((await self.api(f"/voicemail/{BOX}"))["has_greeting"])
