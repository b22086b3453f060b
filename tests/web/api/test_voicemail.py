"""Mailboxes in the API: who sees which, messages heard and deleted, files whole and in parts."""

from dataclasses import replace

from twisted.internet.defer import Deferred

from magroup.model.messages import MessagesWaiting
from magroup.web.mail import Mail
from tests.peers import until
from tests.web.api.mail import BOARDS, FRIEND, MINE, MailCase
from tests.web.api.server import ADMIN, ASSISTANT, header
from tests.web.rest.test_uploads import wav

MESSAGES = "/voicemail/9175/messages"


class Boxes(MailCase):
    """``/voicemail``."""

    async def test_own(self) -> None:
        self.leave(1)
        self.leave(2, heard=True)
        (box,) = (await self.done("GET", "/voicemail", bearer=self.mine))["items"]
        self.assertEqual(box, {
            "box": "9175", "user_names": [ASSISTANT, FRIEND], "is_own": True, "new": 1, "heard": 1,
            "has_greeting": False,
        })  # fmt: skip
        self.assertEqual(await self.done("GET", "/voicemail/9175", bearer=self.mine), box)
        self.assertEqual(await self.done("GET", "/voicemail/91-75", bearer=self.mine), box)
        nobody = await self.token("Chiyo.Fujimoto", ["voicemail:read"])
        self.assertEqual((await self.done("GET", "/voicemail", bearer=nobody))["items"], [])

    async def test_all(self) -> None:
        """Admin sees nobody's boxes, too, and what is left of boxes that are gone."""
        self.leave(1, "7777")
        found = (await self.done("GET", "/voicemail"))["items"]
        self.assertEqual([(box["box"], box["is_own"]) for box in found], [
            ("7777", False), (BOARDS, False), (MINE, True), ("9175", False),
        ])  # fmt: skip
        page = await self.done("GET", "/voicemail?limit=3")
        (last,) = (await self.done("GET", f"/voicemail?limit=3&cursor={page['next']}"))["items"]
        self.assertEqual(last["box"], "9175")
        await self.done("DELETE", "/voicemail/7777/messages/1-a1", code=204)
        await self.refused(404, "GET", "/voicemail/7777")

    async def test_others(self) -> None:
        """There is nothing at others' addresses, whatever is done."""
        self.leave(1, MINE)
        for method, path, body in (
            ("GET", "", None), ("GET", "/messages", None), ("GET", "/messages/1-a1", None),
            ("GET", "/messages/1-a1/audio", None), ("PATCH", "/messages/1-a1", {"heard": True}),
            ("DELETE", "/messages/1-a1", None), ("GET", "/greeting", None), ("DELETE", "/greeting", None),
        ):  # fmt: skip
            for box in (MINE, BOARDS, "1", "x", "..%2Fmagroup"):
                await self.refused(404, method, f"/voicemail/{box}{path}", body, bearer=self.mine)
        self.assertEqual(self.mailboxes.counts(MINE), MessagesWaiting(1, 0))
        reader = await self.token(ASSISTANT, ["voicemail:read"])
        self.leave(2)
        await self.refused(403, "DELETE", f"{MESSAGES}/2-a1", bearer=reader)
        await self.refused(403, "GET", MESSAGES, bearer=await self.token(ASSISTANT, ["calls:write"]))

    async def test_looks_are_told(self) -> None:
        """Whoever looks at others' messages or deletes one is in the audit trail; who looks at the own ones is not."""
        self.leave(1)
        await self.done("GET", MESSAGES, bearer=self.mine)
        await self.done("GET", MESSAGES)
        await self.done("GET", f"{MESSAGES}/1-a1")
        await self.done("DELETE", f"{MESSAGES}/1-a1", code=204)
        self.assertEqual([told for told in self.kept.told if told[1].startswith("voice")], [
            (ADMIN, "voicemail", "9175"), (ADMIN, "voice message", "9175/1-a1"),
        ])  # fmt: skip


class Messages(MailCase):
    """``/voicemail/{box}/messages``."""

    async def test_listed(self) -> None:
        for number in range(1, 6):
            self.leave(number)
        self.leave(6, left_at=1005.0)
        seen, cursor = [], ""
        while cursor is not None:
            page = await self.done("GET", f"{MESSAGES}?limit=2&cursor={cursor}", bearer=self.mine)
            seen += [one["id"] for one in page["items"]]
            cursor = page["next"] or None
        self.assertEqual(seen, ["5-a1", "6-a1", "4-a1", "3-a1", "2-a1", "1-a1"])
        one = await self.done("GET", f"{MESSAGES}/1-a1", bearer=self.mine)
        self.assertEqual(one, {
            "id": "1-a1", "box": "9175", "caller_number": "0791234567", "caller_name": "Zoë <b>", "left_at": 1001.0,
            "seconds": 0.5, "heard": False, "group_id": 45, "call_id": "a1",
        })  # fmt: skip
        await self.refused(400, "GET", f"{MESSAGES}?cursor=x", field="cursor", bearer=self.mine)

    async def test_heard(self) -> None:
        """The lamps of all who share the box hear of it, once."""
        self.leave(1)
        path = f"{MESSAGES}/1-a1"
        for heard, lamps in ((True, ["1175", "1068"]), (True, []), (False, ["1175", "1068"])):
            shown = await self.done("PATCH", path, {"heard": heard}, bearer=self.mine)
            self.assertEqual((shown["heard"], self.lamps), (heard, lamps))
            self.lamps.clear()
        self.assertFalse((await self.done("PATCH", path, {}, bearer=self.mine))["heard"])
        await self.refused(422, "PATCH", path, {"heard": "yes"}, field="heard", bearer=self.mine)
        await self.refused(422, "PATCH", path, {"seconds": 1}, field="seconds", bearer=self.mine)
        await self.refused(404, "PATCH", f"{MESSAGES}/2-a1", {"heard": True}, bearer=self.mine)
        self.assertEqual(self.lamps, [])

    async def test_deleted(self) -> None:
        """With its file; a second time there is none."""
        path = self.mailboxes.path(self.leave(1))
        await self.done("DELETE", f"{MESSAGES}/1-a1", code=204, bearer=self.mine)
        self.assertEqual((path.exists(), self.lamps), (False, ["1175", "1068"]))
        for method in ("GET", "DELETE"):
            await self.refused(404, method, f"{MESSAGES}/1-a1", bearer=self.mine)
        await self.refused(404, "GET", f"{MESSAGES}/1-a1/audio", bearer=self.mine)

    async def test_gadget(self) -> None:
        """What the gadget is given, and does; the URL is for its own session."""
        mail: Mail = self.api_service._parts.mail
        user, stranger = (self.current.value.user(name) for name in (ASSISTANT, "Chiyo.Fujimoto"))
        assert user is not None and stranger is not None
        self.assertEqual(mail.messages_of(stranger), {"box": "", "messages": []})
        self.leave(1)
        self.leave(2)
        shown = mail.messages_of(user)
        self.assertEqual((shown["box"], [one["id"] for one in shown["messages"]]), ("9175", ["2-a1", "1-a1"]))
        self.assertEqual({**shown["messages"][0], "url": ""}, {
            "id": "2-a1", "name": "Zoë <b>", "number": "0791234567", "left_at": 1002.0, "seconds": 0.5,
            "heard": False, "url": "",
        })  # fmt: skip
        jar = await self.log_in(ASSISTANT)
        reply, content = await self.loaded(
            f"http://{self.host}{shown['messages'][0]['url']}", "-b", str(jar), bearer=""
        )  # fmt: skip
        self.assertEqual((reply.code, content), (200, wav(0.5)))
        self.assertTrue(mail.heard(user, "2-a1"))
        self.assertEqual(self.mailboxes.counts("9175"), MessagesWaiting(1, 1))
        self.assertTrue(mail.delete(user, "2-a1"))
        self.assertFalse(mail.delete(user, "2-a1") or mail.heard(user, "2-a1") or mail.delete(stranger, "1-a1"))
        self.assertEqual(self.mailboxes.counts("9175"), MessagesWaiting(1, 0))

    async def test_box_that_is_given_away(self) -> None:
        """Whoever has the box now sees it; who had it does not."""
        self.leave(1)
        users = [replace(one, voicemail="") if one.name == ASSISTANT else one for one in self.current.value.users]
        self.current.replace(replace(self.current.value, users=tuple(users)))
        await self.refused(404, "GET", MESSAGES, bearer=self.mine)
        friend = await self.token(FRIEND, ["voicemail:read"])
        self.assertEqual(len((await self.done("GET", MESSAGES, bearer=friend))["items"]), 1)


class Audio(MailCase):
    """``/voicemail/{box}/messages/{message_id}/audio``."""

    path = f"{MESSAGES}/1-a1/audio"

    async def test_whole(self) -> None:
        content = wav(30.0)
        self.leave(1, content=content)
        reply, octets = await self.loaded(self.path)
        self.assertEqual((reply.code, reply.content_type, octets), (200, "audio/wav", content))
        self.assertEqual((header(reply, "Accept-Ranges"), header(reply, "Cache-Control")), ("bytes", "no-store"))
        self.assertEqual(header(reply, "Content-Disposition"), "")
        reply, _ = await self.loaded(f"{self.path}?download=1")
        self.assertEqual(header(reply, "Content-Disposition"), 'attachment; filename="1-a1.wav"')
        await self.refused(400, "GET", f"{self.path}?download=perhaps", field="download", bearer=self.mine)
        head = await self.send("HEAD", self.path, bearer=self.mine)
        self.assertIn(f"Content-Length: {len(content)}", head.headers + head.body)

    async def test_parts(self) -> None:
        """As players ask for them when somebody seeks."""
        content = bytes(range(256)) * 1000
        self.leave(1, content=content)
        size = len(content)
        for asked, start, stop in (
            ("0-", 0, size), ("0-1", 0, 2), ("1000-200999", 1000, 201_000), ("255990-999999", 255_990, size),
            ("-10", size - 10, size), ("-9999999", 0, size), (f"{size - 1}-", size - 1, size),
        ):  # fmt: skip
            reply, octets = await self.loaded(self.path, "-H", f"Range: bytes={asked}")
            self.assertEqual((reply.code, octets), (206, content[start:stop]), asked)
            self.assertEqual(header(reply, "Content-Range"), f"bytes {start}-{stop - 1}/{size}")
            self.assertEqual(header(reply, "Content-Length"), str(stop - start))
        for asked in ("bytes=5-1", "bytes=0-1,5-6", "octets=0-1", "bytes=-", "bytes=a-b", "bytes 0-1"):
            reply, octets = await self.loaded(self.path, "-H", f"Range: {asked}")
            self.assertEqual((reply.code, len(octets), header(reply, "Content-Range")), (200, size, ""), asked)
        for asked in (f"bytes={size}-", "bytes=-0", f"bytes={10**17}-"):
            reply = await self.send("GET", self.path, bearer=self.mine, Range=asked)
            self.assertEqual((reply.code, reply.content_type), (416, "application/problem+json"), asked)
            self.assertEqual(header(reply, "Content-Range"), f"bytes */{size}")

    async def test_another_version(self) -> None:
        """A part only of the file that the client knows."""
        self.leave(1, content=b"0123456789")
        reply, _ = await self.loaded(self.path)
        tag = header(reply, "ETag")
        for known, code in ((tag, 206), ('"other"', 200), ("Sat, 28 Nov 2026 12:00:00 GMT", 200)):
            reply, octets = await self.loaded(self.path, "-H", "Range: bytes=2-3", "-H", f"If-Range: {known}")
            self.assertEqual((reply.code, octets), (code, b"23" if code == 206 else b"0123456789"))

    async def test_file_is_gone(self) -> None:
        message = self.leave(1)
        self.mailboxes.path(message).unlink()
        reply = await self.refused(404, "GET", self.path, bearer=self.mine)
        self.assertEqual(reply.json["detail"], "The recording of this message is gone.")
        # It can be deleted all the same.
        await self.done("DELETE", f"{MESSAGES}/1-a1", code=204, bearer=self.mine)

    async def test_deleted_while_it_is_loaded(self) -> None:
        """Whoever has begun gets all of it."""
        content = wav(240.0)
        message = self.leave(1, content=content)
        loaded = Deferred.fromCoroutine(self.loaded(self.path, "--limit-rate", "4M"))
        file = self.folder / "loaded"
        await until(lambda: file.exists() and file.stat().st_size > 0, 20.0, what="the first piece")
        self.mailboxes.delete("9175", message.id)
        reply, octets = await loaded
        self.assertEqual((reply.code, octets == content), (200, True))
