"""What nobody should send: a clear 4xx, nothing changed, one line in the log."""

import os

from magroup.model.people import Privilege
from tests.web.rest.company import COMPANY, SOUNDS
from tests.web.rest.server import Reply, RestCase

FORM = "Content-Type: multipart/form-data; boundary=b"


class Refused(RestCase):
    """Requests that get no status word."""

    async def setUp(self) -> None:
        await self.serve(COMPANY)
        self.ship(*SOUNDS)

    async def refused(self, code: int, *arguments: str, path: str = "groups/editGroup.asp", lines: int = 1) -> Reply:
        """The answer; nothing was changed by the request."""
        before, self.lines = self.current.value, []
        reply = await self.curl(*arguments, self.url(path))
        self.assertEqual(reply.code, code, (arguments, reply))
        self.assertIs(self.current.value, before)
        self.assertEqual(len(self.lines), lines, self.lines)
        for line in self.lines:
            self.assertNotIn("\n", line)
            self.assertLess(len(line), 500)
        self.assertEqual(self.flushLoggedErrors(), [])
        return reply

    def body(self, content: bytes) -> str:
        """A file with a body, for curl."""
        path = self.folder / "body"
        path.write_bytes(content)
        return f"@{path}"

    async def test_methods(self) -> None:
        for method, path, allow in (
            ("GET", "groups/addGroup.asp", "POST"),
            ("GET", "groups/editGroup.asp", "POST"),
            ("GET", "files/uploadMP3.asp", "POST"),
            ("GET", "files/uploadWAV.asp", "POST"),
            ("POST", "files/getMP3s.asp", "GET"),
            ("POST", "files/getWAVs.asp", "GET"),
            ("PUT", "members/getMembers.asp", "GET, POST"),
            ("DELETE", "groups/deleteGroup.asp", "GET, POST"),
        ):
            reply = await self.refused(405, "-X", method, path=path)
            self.assertIn(f"Allow: {allow}", reply.headers)
            self.assertEqual(reply.content_type, "text/xml; charset=utf-8")
        await self.refused(405, "--head", path="groups/deleteGroup.asp?gr_id=45")

    async def test_no_such_function(self) -> None:
        for path in ("groups/getGroup.asp", "groups/getGroups.asp.bak", "no/getGroups.asp", "groups", "groups/a/b"):
            await self.refused(404, path=path, lines=0)
        other = self.url("groups/getGroups.asp").replace("/MAGroup/", "/Other/")
        self.assertEqual((await self.curl(other)).code, 404)

    async def test_not_admitted(self) -> None:
        reply = await self.refused(401, "-H", "X-Forwarded-For: 127.0.0.1", path="groups/getGroups.asp")
        self.assertIn('WWW-Authenticate: Basic realm=magroup', reply.headers)
        self.assertEqual(reply.xml.findtext("Request"), "getGroups")

    async def test_privileges(self) -> None:
        p = Privilege
        for path, method, privileges in (
            ("announcements/getAnnouncements.asp", "GET", (p.GROUPS,)),
            ("announcements/addAnnouncement.asp", "GET", (p.GROUPS,)),
            ("files/getWAVs.asp", "GET", (p.GROUPS,)),
            ("files/uploadMP3.asp", "POST", (p.GROUPS,)),
            ("groups/addGroup.asp", "POST", (p.GROUPS,)),
            ("groups/getGroups.asp", "GET", (p.GROUPS,)),
            ("members/addMember.asp", "GET", (p.MEMBERS_MANAGEMENT, p.GROUPS)),
            ("members/getMembers.asp", "GET", (p.MEMBERS_MANAGEMENT, p.GROUPS)),
            ("vip/addVIPNumber.asp", "GET", (p.VIP_LIST, p.ADMIN)),
            ("services/getIntegrationURLs.asp", "GET", tuple(p)),
            ("members/setPresence.asp", "GET", tuple(p)),
        ):
            for privilege in Privilege:
                self.admission.as_user = ("somebody", frozenset({privilege.value}))
                reply = await self.curl("-X", method, self.url(path))
                allowed = privilege in privileges
                self.assertEqual(reply.code != 403, allowed, (path, privilege, reply))

    async def test_large_bodies(self) -> None:
        ten = self.body(os.urandom(10_000_000))
        await self.refused(413, "--data-binary", ten, lines=0)

    async def test_many_parameters(self) -> None:
        many = b"&".join(b"gr_%d=%d" % (number, number) for number in range(10_000))
        await self.refused(400, "--data-binary", self.body(b"gr_id=45&gr_name=x&" + many))
        parts = b"".join(
            b'--b\r\nContent-Disposition: form-data; name="p%d"\r\n\r\n1\r\n' % number for number in range(10_000)
        )
        await self.refused(413, "-H", FORM, "--data-binary", self.body(parts + b"--b--\r\n"))
        query = "?" + "&".join(f"a{number}=1" for number in range(300))
        await self.refused(400, "-X", "POST", path="groups/editGroup.asp" + query)

    async def test_long_values(self) -> None:
        await self.refused(400, "--data-binary", self.body(b"gr_id=45&gr_name=" + b"x" * 100_000))
        await self.refused(413, "--data-binary", self.body(b"gr_id=45&gr_name=" + b"%41" * 60_000))
        part = b'--b\r\nContent-Disposition: form-data; name="gr_name"\r\n\r\n' + b"x" * 600_000 + b"\r\n--b--\r\n"
        await self.refused(413, "-H", FORM, "--data-binary", self.body(part))

    async def test_not_utf8(self) -> None:
        for text in (b"gr_id=45&gr_name=%FF%FE", b"gr_id=45&gr_name=\xff", b"gr_id=45&gr_n\xe4me=x", b"%ff=1"):
            await self.refused(400, "--data-binary", self.body(text))
        await self.refused(400, path="groups/getGroups.asp?gr_name=%C3%28")
        part = b'--b\r\nContent-Disposition: form-data; name="gr_name"\r\n\r\n\xff\r\n--b--\r\n'
        await self.refused(400, "-H", FORM, "--data-binary", self.body(part))
        head = b'--b\r\nContent-Disposition: form-data; name="gr_\xff"\r\n\r\nx\r\n--b--\r\n'
        await self.refused(400, "-H", FORM, "--data-binary", self.body(head))

    async def test_broken_multipart(self) -> None:
        field = b'--b\r\nContent-Disposition: form-data; name="gr_id"\r\n\r\n45\r\n'
        inner = b'--b\r\nContent-Disposition: form-data; name="f"\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n'
        for content in (
            field,
            field + inner + b"--c\r\nContent-Disposition: file\r\n\r\nx\r\n--c--\r\n--b--\r\n",
            b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n",
            b"nothing",
            b"",
        ):
            await self.refused(400, "-H", FORM, "--data-binary", self.body(content))
        for kind in ("multipart/form-data", f"multipart/form-data; boundary={'b' * 300}"):
            await self.refused(400, "-H", f"Content-Type: {kind}", "--data-binary", self.body(field))

    async def test_other_bodies(self) -> None:
        for kind in ("application/json", "text/xml", "multipart/mixed; boundary=b"):
            await self.refused(415, "-H", f"Content-Type: {kind}", "--data-binary", '{"gr_id": 45}')

    async def test_strange_hosts(self) -> None:
        for host in ("a b", "evil.example/x", "a<script>", "a@b"):
            await self.refused(400, "-H", f"Host: {host}", path="services/getIntegrationURLs.asp", lines=0)


class Accepted(RestCase):
    """What looks strange and is right."""

    async def setUp(self) -> None:
        await self.serve(COMPANY)

    async def test_multipart(self) -> None:
        fields = ("-F", "GR_ID=45", "--form-string", 'gr_callerName=Zoë; "x"')
        reply = await self.curl(*fields, self.url("groups/editGroup.asp"))
        self.assertEqual(reply.word, "OK")
        self.assertEqual(self.current.value.group_by_id[45].caller_name, 'Zoë; "x"')

    async def test_the_first_counts(self) -> None:
        url = self.url("groups/editGroup.asp?gr_name=Query&gr_id=45")
        self.assertEqual((await self.curl("--data", "gr_name=Body&GR_NAME=Other", url)).word, "OK")
        self.assertEqual(self.current.value.group_by_id[45].name, "Query")

    async def test_with_or_without_the_end(self) -> None:
        for path in ("GROUPS/getgroups.ASP", "groups/getGroups", "Groups/GetGroups.asp"):
            self.assertEqual(len((await self.ask(path)).xml.findall("Response/group")), 6)

    async def test_characters_that_xml_cannot_hold(self) -> None:
        name = "a\ufffe\uffff]]>&#0;"
        self.assertEqual(await self.word("groups/editGroup.asp", gr_id="45", gr_name=name), "OK")
        reply = await self.ask("groups/getGroups.asp", gr_id="45")
        self.assertEqual(reply.xml.findtext("Response/group/name"), "a\ufffd\ufffd]]>&#0;")

    async def test_the_audit_is_told(self) -> None:
        self.admission.as_user = ("Integrator", frozenset({Privilege.GROUPS.value}))
        await self.ask("groups/editGroup.asp", gr_id="45", gr_managerTimeout="12")
        (change,) = self.changes
        self.assertEqual((change.who, change.where), ("Integrator", "127.0.0.1"))
        self.assertEqual((change.what, change.key), ("group", "45"))
        self.assertIn('"manager_timeout": 12', change.new)

    async def test_the_database_is_away(self) -> None:
        await self.database.stop()
        before = self.current.value
        self.assertEqual(await self.word("groups/editGroup.asp", gr_id="45", gr_name="x"), "ERROR")
        self.assertIs(self.current.value, before)
        self.assertEqual(len((await self.ask("groups/getGroups.asp")).xml.findall("Response/group")), 6)
