"""Each kind of thing of the configuration: made, read, listed, replaced, changed, deleted."""

from typing import Any

from tests.web.api.server import ApiCase, header

NEW: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "/users": (
        {"name": "New.Person", "first_name": "New", "lines": ["1071"], "password": "correct horse"},
        {"last_name": "Person", "stars": 3},
        {"lines": ["9999"]},
    ),
    "/lines": (
        {"number": "1999", "display_name": "Lobby", "secret": "s3cret"},
        {"no_records": True, "displayed_group": 45},
        {"displayed_group": 999},
    ),
    "/phones": (
        {"device_name": "SEP001122334455", "model": "8845", "lines": ["1071", "1175"], "push_password": "x"},
        {"address": "192.0.2.7", "lines": []},
        {"lines": ["1071", "1071"]},
    ),
    "/contacts": (
        {"number": "+41315550100", "name": "O'Brien & <Söhne>", "stars": 5},
        {"name": "=HYPERLINK(1)"},
        {"number": "no number"},
    ),
    "/trunks": (
        {"name": "Provider", "address": "sip.example.com;transport=tcp", "registers": True, "user_name": "u"},
        {"is_default": True, "inbound_addresses": ["192.0.2.0/24"]},
        {"inbound_addresses": ["here"]},
    ),
    "/groups": (
        {"name": "Research", "number": "5600", "overflow": {"to": "group", "target": "45"}, "welcome": "welcome.wav"},
        {"ring_parallel": True, "vip_routing": "manager_only", "show_vip_calls": "manager", "overflow": {"to": "busy"}},
        {"overflow": {"to": "group", "target": "999"}},
    ),
    "/groups/45/members": (
        {"user_name": "Romeo.Girard", "position": 2},
        {"short_name": "Gir", "position": 4},
        {"number": "9999"},
    ),
    "/groups/45/announcements": (
        {"wave": "welcome.wav", "priority": 1},
        {"priority": 3},
        {"wave": "missing.wav"},
    ),
    "/groups/45/vips": (
        {"number": "0800XXX!", "description": "Hotline"},
        {"description": ""},
        {"number": "abc"},
    ),
}
"""A new thing, a change of it, and a change that is refused."""

SECRET = ("password", "secret", "push_password", "token", "voicemail_pin")


class Collections(ApiCase):
    """Every list."""

    async def test_life_of_each(self) -> None:
        for path, (new, change, wrong) in NEW.items():
            before = {self.key(thing) for thing in (await self.done("GET", path))["items"]}
            reply = await self.send("POST", path, new)
            self.assertEqual(reply.code, 201, (path, reply))
            made = reply.json
            self.assertTrue(set(SECRET).isdisjoint(made), made)
            self.assertEqual(header(reply, "Location"), f"/api/v1{path}/{str(self.key(made)).replace('+', '%2B')}")
            one = f"{path}/{str(self.key(made)).replace('+', '%2B')}"
            read = await self.send("GET", one)
            self.assertEqual(read.json, made)
            self.assertEqual(header(read, "ETag"), header(reply, "ETag"))
            listed = (await self.done("GET", path))["items"]
            self.assertEqual({self.key(thing) for thing in listed}, before | {self.key(made)})
            self.assertIn(made, listed)

            changed = await self.done("PATCH", one, change)
            self.assertEqual(changed, await self.done("GET", one))
            self.assertNotEqual(changed, made)
            for name, value in change.items():
                if name != "overflow":
                    self.assertEqual(changed[name], value, path)
            self.assertEqual(await self.done("PATCH", one, {}), changed)

            problem = await self.refused(422, "PATCH", one, wrong)
            self.assertEqual(len(problem.json["errors"]), 1, path)
            self.assertEqual(await self.done("GET", one), changed)

            # What was read can be sent back; and what is left out gets its default.
            self.assertEqual(await self.done("PUT", one, changed), changed)
            least = {name: made[name] for name in ("number", "name", "device_name", "user_name", "address", "wave")
                     if name in made and (name != "number" or path != "/groups")}  # fmt: skip
            least |= {"registers": False} if path == "/trunks" else {}
            replaced = await self.done("PUT", one, least)
            self.assertEqual(replaced, await self.done("GET", one))

            self.assertEqual((await self.send("DELETE", one)).code, 204, path)
            await self.refused(404, "GET", one)
            await self.refused(404, "PATCH", one, {})
            await self.refused(404, "DELETE", one)
            await self.stored()

    def key(self, thing: dict[str, Any]) -> Any:
        return thing.get("id") or thing.get("device_name") or thing["number"]

    async def test_read_only_fields(self) -> None:
        for path, field in (("/groups/45", "member_count"), ("/users/1", "has_password"), ("/groups/45/vips/253", "id"),
                            ("/lines/1071", "has_secret")):  # fmt: skip
            thing = await self.done("GET", path)
            self.assertEqual(await self.done("PATCH", path, {field: thing[field]}), thing)
            other = not thing[field] if isinstance(thing[field], bool) else thing[field] + 1
            await self.refused(422, "PATCH", path, {field: other}, field)

    async def test_secrets_stay_when_they_are_not_sent(self) -> None:
        await self.done("POST", "/lines", {"number": "1999", "secret": "s3cret"}, 201)
        await self.done("PUT", "/lines/1999", {"number": "1999"})
        line = self.current.value.line("1999")
        assert line is not None
        self.assertEqual(line.secret, "s3cret")
        self.assertFalse((await self.done("PATCH", "/lines/1999", {"secret": ""}))["has_secret"])
        for change in self.changes:
            self.assertNotIn("s3cret", change.old + change.new)

    async def test_new_keys(self) -> None:
        """A line, a phone or a user may get another name; what belongs to them follows."""
        await self.done("PATCH", "/lines/1071", {"number": "1070"})
        await self.refused(404, "GET", "/lines/1071")
        self.assertEqual((await self.done("GET", "/groups/45/members/72"))["number"], "1070")
        self.assertEqual((await self.done("GET", "/users/1"))["lines"], ["1070"])
        await self.done("POST", "/phones", {"device_name": "Desk"}, 201)
        await self.done("PATCH", "/phones/desk", {"device_name": "Table/1"})
        self.assertEqual((await self.done("GET", "/phones/table%2F1"))["device_name"], "Table/1")
        await self.done("PATCH", "/users/2", {"name": "Raf"})
        self.assertEqual((await self.done("GET", "/groups/45/members/198"))["user_name"], "Raf")

    async def test_values_in_use(self) -> None:
        for method, path, body, field in (
            ("POST", "/users", {"name": "maria.ROSSI"}, "name"),
            ("POST", "/groups", {"name": "ACCOUNTING"}, "name"),
            ("POST", "/groups", {"name": "x", "number": "1071"}, "number"),
            ("POST", "/lines", {"number": "5555"}, "number"),
            ("POST", "/lines", {"number": "*8"}, "number"),
            ("DELETE", "/lines/1071", None, "number"),
            ("POST", "/groups/45/members", {"user_name": "Romeo.Girard", "is_manager": True}, "is_manager"),
            ("POST", "/groups/45/members", {"user_name": "Rafael.Hidalgo"}, "number"),
            ("POST", "/groups/64/vips", {"number": "1"}, "group_id"),
        ):
            await self.refused(409, method, path, body, field)

    async def test_wrong_values(self) -> None:
        for path, body, field in (
            ("/groups/45", {"manager_timeout": "10"}, "manager_timeout"),
            ("/groups/45", {"manager_timeout": 10.5}, "manager_timeout"),
            ("/groups/45", {"manager_timeout": -1}, "manager_timeout"),
            ("/groups/45", {"manager_timeout": 2**63}, "manager_timeout"),
            ("/groups/45", {"name": ""}, "name"),
            ("/groups/45", {"name": None}, "name"),
            ("/groups/45", {"name": "x" * 256}, "name"),
            ("/groups/45", {"name": " x"}, "name"),
            ("/groups/45", {"name": "a\nb"}, "name"),
            ("/groups/45", {"name": "a\0b"}, "name"),
            ("/groups/45", {"overflow": {"to": "nowhere"}}, "overflow.to"),
            ("/groups/45", {"overflow": {"to": "number", "target": "x", "more": 1}}, "overflow.more"),
            ("/groups/45", {"overflow": {"to": "group", "target": "x"}}, "overflow"),
            ("/groups/45", {"welcome": "../../etc/passwd"}, "welcome"),
            ("/groups/45/announcements/633", {"wave": "missing.wav"}, "wave"),
            ("/groups/45", {"nothing": 1}, "nothing"),
            ("/users/1", {"privileges": ["Root"]}, "privileges[0]"),
            ("/users/1", {"lines": ["1071", 5]}, "lines[1]"),
            ("/users/1", {"password": "short"}, "password"),
            ("/users/1", {"voicemail_pin": "12"}, "voicemail_pin"),
            ("/groups/45/members/198", {"user_name": "Maria.Rossi"}, "user_name"),
            ("/groups/45/members/198", {"position": 501}, "position"),
        ):
            await self.refused(422, "PATCH", path, body, field)
        await self.refused(422, "POST", "/users", {"first_name": "x"}, "name")

    async def test_passwords(self) -> None:
        new = {"name": "x", "password": "correct horse", "voicemail_pin": "4711"}
        made = await self.done("POST", "/users", new, 201)
        self.assertTrue(made["has_password"] and made["has_voicemail_pin"])
        user = self.current.value.user("x")
        assert user is not None
        self.assertTrue(await self.web_admission.passwords.fits(user.password_hash, "correct horse"))
        self.assertNotIn("4711", user.voicemail_pin_hash)
        self.assertFalse((await self.done("PATCH", f"/users/{made['id']}", {"password": ""}))["has_password"])

    async def test_lists(self) -> None:
        names = [user["name"] for user in (await self.done("GET", "/users"))["items"]]
        self.assertEqual(len(names), 9)
        found, cursor = [], ""
        for _ in range(5):
            page = await self.done("GET", f"/users?limit=2&cursor={cursor}")
            found += [user["name"] for user in page["items"]]
            cursor = page["next"]
        self.assertEqual((found, cursor), (names, ""))
        searched = await self.done("GET", "/users?q=MARIA")
        self.assertEqual([user["name"] for user in searched["items"]], ["Maria.Rossi", "Maria.Santos"])
        page = await self.done("GET", "/users?q=maria&limit=1")
        rest = await self.done("GET", f"/users?q=maria&limit=1&cursor={page['next']}")
        self.assertEqual([user["name"] for user in page["items"] + rest["items"]], ["Maria.Rossi", "Maria.Santos"])
        self.assertEqual(rest["next"], "")
        order = [one["wave"] for one in (await self.done("GET", "/groups/2504/announcements"))["items"]]
        self.assertEqual(order, ["welcome.wav", "busy.wav", "music_synth.wav", "music_folk.wav"])
        for query, field in (
            ("limit=0", "limit"), ("limit=1001", "limit"), ("limit=x", "limit"), ("cursor=x", "cursor"),
            ("cursor=WyJhIl0", "cursor"), ("nothing=1", "nothing"), ("limit=1&limit=2", "limit"),
        ):  # fmt: skip
            await self.refused(400, "GET", f"/users?{query}", None, field)

    async def test_things_added_and_deleted_between_two_pages(self) -> None:
        page = await self.done("GET", "/users?limit=4")
        await self.done("POST", "/users", {"name": "new"}, 201)
        await self.send("DELETE", f"/users/{page['items'][-1]['id']}")
        rest = await self.done("GET", f"/users?cursor={page['next']}")
        self.assertEqual([user["id"] for user in rest["items"]], [5, 6, 7, 8, 9, 10])
