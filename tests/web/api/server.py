"""The API on a real port with a real database; curl, with a bearer token, is the client."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from magroup.model.configuration import Configuration
from magroup.model.people import Privilege
from magroup.web.admission.scopes import SCOPES
from tests.web.admission.kit import HASHES
from tests.web.rest.company import COMPANY, SOUNDS
from tests.web.rest.server import Reply, RestCase

ADMIN = "Maria.Rossi"
"""Of the company of the manual's examples: has all privileges here, and manages the group 45."""

ASSISTANT = "Rafael.Hidalgo"
"""Has none, and is in the group 45."""


def company(**privileges: Iterable[Privilege]) -> Configuration:
    """The company; ``privileges`` by user name with _ for the dot."""
    given = {name.replace("_", "."): frozenset(some) for name, some in privileges.items()}
    return replace(
        COMPANY,
        users=tuple(
            replace(
                user, password_hash=HASHES["secret"],
                privileges=given.get(user.name, frozenset(Privilege) if user.name == ADMIN else frozenset()),
            )
            for user in COMPANY.users
        ),
    )  # fmt: skip


class ApiCase(RestCase):
    """``ask`` speaks for ADMIN with all scopes, unless a test says otherwise."""

    async def setUp(self) -> None:
        await self.begin(company())

    async def begin(self, configuration: Configuration) -> None:
        await self.serve(configuration)
        self.ship(*SOUNDS)
        self.bearer = await self.token(ADMIN)

    async def token(self, user_name: str, scopes: Iterable[str] = SCOPES) -> str:
        """A new token of the user."""
        user_key = user_name.casefold()
        _, secret = await self.web_admission.tokens.create(user_key, "test", scopes, 0.0, user_name, "here")
        return secret

    async def send(
        self, method: str, path: str, body: Any = None, bearer: str | None = None, **headers: str
    ) -> Reply:  # fmt: skip
        """The answer to a request below /api/v1; ``headers`` with _ for -, "" is a header without a value."""
        arguments = ["--head"] if method == "HEAD" else ["-X", method]
        bearer = self.bearer if bearer is None else bearer
        if bearer:
            headers = {"Authorization": f"Bearer {bearer}", **headers}
        if body is not None:
            file = self.folder / "body"
            file.write_bytes(body if isinstance(body, bytes) else json.dumps(body).encode())
            arguments += ["--data-binary", f"@{file}"]
            headers = {"Content_Type": "application/json", **headers}
        for name, value in headers.items():
            arguments += ["-H", f"{name.replace('_', '-')}: {value}" if value else f"{name.replace('_', '-')};"]
        return await self.curl(*arguments, f"http://{self.host}/api/v1{path}")

    async def done(self, method: str, path: str, body: Any = None, code: int = 200, **headers: str) -> Any:
        """What a request that succeeds is answered with."""
        reply = await self.send(method, path, body, **headers)
        self.assertEqual(reply.code, code, reply)
        if not reply.body:
            return None
        self.assertEqual(reply.content_type, "application/json")
        return reply.json

    async def refused(
        self, code: int, method: str, path: str, body: Any = None, field: str | None = None, **headers: str
    ) -> Reply:  # fmt: skip
        """The problem of a request that is refused, changes nothing, and names ``field``."""
        before = self.current.value
        reply = await self.send(method, path, body, **headers)
        self.assertEqual((reply.code, reply.content_type), (code, "application/problem+json"), (path, reply))
        self.assertEqual(reply.json["status"], code)
        self.assertIs(self.current.value, before)
        if field is not None:
            self.assertEqual([error["field"] for error in reply.json["errors"]], [field], reply.json)
        return reply


def header(reply: Reply, name: str) -> str:
    """The value of a header field of the answer, "" where there is none."""
    for line in reply.headers.splitlines():
        field, _, value = line.partition(": ")
        if field.lower() == name.lower():
            return value.strip()
    return ""
