"""A company with mailboxes in which messages are, and browsers that have logged in."""

from dataclasses import replace
from pathlib import Path

from magroup.model.configuration import Configuration
from magroup.model.groups import Overflow, OverflowTo
from magroup.model.messages import Message
from magroup.model.settings import HttpSettings
from tests.web.api.server import ADMIN, ASSISTANT, ApiCase, company
from tests.web.rest.server import Reply
from tests.web.rest.test_uploads import wav

MINE, SHARED, BOARDS = "9071", "91 75", "9000"
"""Boxes of ADMIN, of ASSISTANT and a colleague, and of no user."""

FRIEND = "Aradhana.Jaggi"


def mail_company() -> Configuration:
    boxes = {ADMIN: MINE, ASSISTANT: SHARED, FRIEND: "9175"}
    base = company()
    return replace(
        base,
        users=tuple(replace(user, voicemail=boxes.get(user.name, "")) for user in base.users),
        groups=tuple(
            replace(group, overflow=Overflow(OverflowTo.VOICEMAIL, BOARDS)) if group.name == "Board" else group
            for group in base.groups
        ),
    )  # fmt: skip


class MailCase(ApiCase):
    """``leave`` leaves messages; ``mine`` speaks for ASSISTANT."""

    http = HttpSettings(body_limit=1 << 16, upload_limit=4 << 20)

    async def setUp(self) -> None:
        await self.begin(mail_company())
        self.mine = await self.token(ASSISTANT, ["voicemail:write"])
        self.lamps: list[str] = []
        self.mailboxes.subscribe_lines(self.lamps.append)

    def leave(self, number: int, box: str = "9175", content: bytes = b"", **values: object) -> Message:
        """A message with its file."""
        message = Message(
            f"{number}-a1", box, "0791234567", "Zoë <b>", 1000.0 + number, 0.5, 45, f"a{number}",
        )  # fmt: skip
        message = replace(message, **values)  # type: ignore[arg-type]
        path = self.mailboxes.path(message)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content or wav(0.5))
        self.mailboxes.add(message)
        self.lamps.clear()
        return message

    async def loaded(self, path: str, *arguments: str, bearer: str | None = None) -> tuple[Reply, bytes]:
        """The answer, and the octets that came with it."""
        file = self.folder / "loaded"
        file.unlink(missing_ok=True)
        token = self.mine if bearer is None else bearer
        more = ("-H", f"Authorization: Bearer {token}") if token else ()
        url = path if path.startswith("http") else f"http://{self.host}/api/v1{path}"
        reply = await self.curl("-o", str(file), *more, *arguments, url)
        return reply, file.read_bytes() if file.exists() else b""

    async def log_in(self, user_name: str) -> Path:
        """The cookies of a browser in which the user has logged in."""
        jar = self.folder / f"jar-{user_name}"
        reply = await self.curl("-c", str(jar), f"http://{self.host}/LogonPage.asp?user={user_name}&pwd=secret")
        self.assertEqual(reply.code, 302, reply)
        return jar
