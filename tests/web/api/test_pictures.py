"""Pictures of users and contacts: uploaded and taken away in the API, shown to whoever has logged in."""

import os
from dataclasses import replace
from urllib.parse import quote

from magroup.model.people import Contact, Privilege
from magroup.resources import sound
from tests.peers import until
from tests.web.api.mail import MailCase
from tests.web.api.server import ADMIN, ASSISTANT, company, header
from tests.web.rest.server import Reply
from tests.web.test_picture_content import bomb, picture


class PictureCase(MailCase):
    async def setUp(self) -> None:
        await self.begin(replace(company(), contacts=(Contact(5, "0791234567", "Zoë"),)))
        self.mine = await self.token(ASSISTANT)
        self.jar = await self.log_in(ASSISTANT)

    def files(self) -> list[str]:
        return sorted(os.listdir(self.folder / "pictures"))

    async def page(self, path: str, *arguments: str, jar: bool = True) -> tuple[Reply, bytes]:
        cookies = ("-b", str(self.jar)) if jar else ()
        return await self.loaded(f"http://{self.host}{path}", *cookies, *arguments, bearer="")


class Uploads(PictureCase):
    """``/users/{user_id}/picture`` and ``/contacts/{contact_id}/picture``."""

    async def put(self, path: str, content: bytes, code: int = 200, kind: str = "image/png") -> Reply:
        reply = await self.send("PUT", path, content, Content_Type=kind)
        self.assertEqual(reply.code, code, reply)
        return reply

    async def test_user(self) -> None:
        first = (await self.put("/users/2/picture", picture(size=(1000, 500)))).json
        self.assertRegex(first["picture"], r"^user-2-[0-9a-f]{16}\.jpg$")
        self.assertEqual(self.files(), [first["picture"]])
        self.assertEqual((await self.done("GET", "/users/2"))["picture"], first["picture"])
        reply, content = await self.page(first["url"])
        self.assertEqual((reply.code, reply.content_type, content[:3]), (200, "image/jpeg", b"\xff\xd8\xff"))
        # The next one has another name, the one before goes.
        second = (await self.put("/users/2/picture", picture(mode="RGBA"))).json
        self.assertNotEqual(second["url"], first["url"])
        await until(lambda: self.files() == [second["picture"]], what="the first one gone")
        await self.done("DELETE", "/users/2/picture", code=204)
        await until(lambda: self.files() == [], what="both gone")
        await self.refused(404, "DELETE", "/users/2/picture")
        self.assertEqual((await self.done("GET", "/users/2"))["picture"], "")
        told = [(one.who, one.what, one.key) for one in self.changes]
        self.assertEqual(told, [(ADMIN, "user", "2")] * 3)

    async def test_contact(self) -> None:
        name = (await self.put("/contacts/5/picture", picture("WEBP"), kind="image/webp")).json["picture"]
        self.assertTrue(name.startswith("contact-5-"))
        await self.done("DELETE", "/contacts/5", code=204)
        await until(lambda: self.files() == [], what="gone with the contact")

    async def test_own_files_stay(self) -> None:
        """What somebody has put into the folder is not ours to delete."""
        (self.folder / "pictures" / "Rafael.jpg").write_bytes(picture("JPEG"))
        await self.done("PATCH", "/users/2", {"picture": "Rafael.jpg"})
        await self.put("/users/2/picture", picture())
        await self.done("DELETE", "/users/2/picture", code=204)
        await until(lambda: self.files() == ["Rafael.jpg"], what="only the other one")

    async def test_shared(self) -> None:
        """A picture that somebody else has, too, stays."""
        name = (await self.put("/users/2/picture", picture())).json["picture"]
        await self.done("PATCH", "/users/3", {"picture": name})
        await self.done("DELETE", "/users/2/picture", code=204)
        await self.done("PATCH", "/users/3", {"picture": "other.jpg"})
        await until(lambda: self.files() == [], what="gone with the last one")

    async def test_refused(self) -> None:
        for content, words in (
            (b"", "The picture is no picture that can be read"), (b"GIF89a", "is no picture"),
            (bomb(20_000, 20_000), "is no picture"), (bomb(6000, 6000), "has 6000 x 6000 pixels"),
        ):  # fmt: skip
            reply = await self.put("/users/2/picture", content, 422)
            self.assertIn(words, reply.json["detail"])
        await self.put("/users/2/picture", picture(), 415, "image/gif")
        await self.put("/users/999/picture", picture(), 404)
        await self.put("/contacts/6/picture", picture(), 404)
        await self.put("/users/2/picture", bytes(5 << 20), 413)
        self.assertEqual((self.files(), self.changes), ([], []))

    async def test_who_may(self) -> None:
        for path in ("/users/1/picture", "/contacts/5/picture"):
            reply = await self.send("PUT", path, picture(), self.mine, Content_Type="image/png")
            self.assertEqual(reply.code, 403)
        self.current.replace(
            replace(self.current.value, users=company(Rafael_Hidalgo=[Privilege.USER_ADMINISTRATION]).users)
        )
        # Not the account of somebody with Admin.
        for path, code in (("/users/1/picture", 403), ("/users/3/picture", 200), ("/contacts/5/picture", 200)):
            reply = await self.send("PUT", path, picture(), self.mine, Content_Type="image/png")
            self.assertEqual(reply.code, code, path)
        await self.refused(403, "DELETE", "/users/1/picture", bearer=await self.token(ADMIN, ["users:read"]))

    async def test_not_saved(self) -> None:
        """The database is away: no picture is left behind."""
        await self.database.stop()
        await self.put("/users/2/picture", picture(), 503)
        self.assertEqual(self.files(), [])
        await self.database.start()


    async def test_killed_in_the_middle(self) -> None:
        """The next start takes away what is left of an upload."""
        (self.folder / "pictures" / ".upload-x").write_bytes(b"x")
        await self.api_service._parts.pictures.make()
        self.assertEqual(self.files(), [])


class Shown(PictureCase):
    """``/pictures/<name>`` and ``/tones/<name>``."""

    async def test_picture(self) -> None:
        content = picture("WEBP")
        (self.folder / "pictures" / "Zoë & co.webp").write_bytes(content)
        path = f"/pictures/{quote('Zoë & co.webp')}"
        reply, octets = await self.page(path)
        self.assertEqual((reply.code, reply.content_type, octets), (200, "image/webp", content))
        self.assertEqual(header(reply, "Cache-Control"), "private, no-cache")
        self.assertEqual(header(reply, "X-Content-Type-Options"), "nosniff")
        reply, octets = await self.page(path, "-H", f"If-None-Match: {header(reply, 'ETag')}")
        self.assertEqual((reply.code, octets), (304, b""))
        self.assertEqual((await self.page(path, jar=False))[0].code, 403)

    async def test_no_pictures(self) -> None:
        folder = self.folder / "pictures"
        (folder / "page.png").write_bytes(b"<html><script>alert(1)</script>")
        (folder / "large.jpg").write_bytes(b"\xff\xd8\xff" + bytes(1 << 20))
        (folder / ".hidden.png").write_bytes(picture())
        (folder / "folder.png").mkdir()
        (self.folder / "outside.png").write_bytes(picture())
        (folder / "link.png").symlink_to(self.folder / "outside.png")
        os.mkfifo(folder / "pipe.png")
        for name in ("page.png", "large.jpg", ".hidden.png", "folder.png", "link.png", "pipe.png", "none.png",
                     "..%2Foutside.png", "%2E%2E%2Foutside.png", "..", "x" * 300, "%00", "a%0Ab"):  # fmt: skip
            self.assertIn((await self.page(f"/pictures/{name}", "--path-as-is"))[0].code, (400, 404, 405), name)

    async def test_tone(self) -> None:
        content = sound("gadget", "Chime.mp3").read_bytes()
        for name in ("Analog1.mp3", "ANALOG1.MP3"):
            reply, octets = await self.page(f"/tones/{name}")
            self.assertEqual((reply.code, reply.content_type, octets), (200, "audio/mpeg", content))
        self.assertEqual(header(reply, "Cache-Control"), "private, no-cache")
        tag = header(reply, "ETag")
        reply, octets = await self.page("/tones/Analog1.mp3", "-H", f"If-None-Match: {tag}")
        self.assertEqual((reply.code, octets), (304, b""))
        reply, octets = await self.page("/tones/Analog1.mp3", "-H", "Range: bytes=0-1")
        self.assertEqual((reply.code, octets, header(reply, "Content-Length")), (206, content[:2], "2"))
        reply, _ = await self.page("/tones/Analog1.mp3", "-H", "Range: bytes=99999999-")
        self.assertEqual((reply.code, header(reply, "Content-Range")), (416, f"bytes */{len(content)}"))
        reply, _ = await self.page("/tones/Analog1.mp3", "--head")
        self.assertEqual(reply.code, 200)
        for name in ("Welcome.wav", "none.mp3", "..%2Fmagroup.db", "%2Fetc%2Fpasswd"):
            self.assertEqual((await self.page(f"/tones/{name}"))[0].code, 404, name)
        self.assertEqual((await self.page("/tones/Analog1.mp3", jar=False))[0].code, 403)

    async def test_own_tone(self) -> None:
        """An uploaded one takes the place of the one that shipped, and browsers get it."""
        reply, _ = await self.page("/tones/Analog1.mp3")
        content = sound("gadget", "Chime.mp3").read_bytes() * 2
        (self.folder / "tones" / "analog1.mp3").write_bytes(content)
        reply, octets = await self.page("/tones/Analog1.mp3", "-H", f"If-None-Match: {header(reply, 'ETag')}")
        self.assertEqual((reply.code, octets), (200, content))
