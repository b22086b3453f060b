"""What the menu Groups offers, by privileges and memberships; every page it leads to is a good one."""

import re
from dataclasses import replace
from urllib.parse import urlsplit

from magroup.model.people import Privilege as P
from magroup.web.phone import groups, vips
from tests.web.phone.server import PhoneCase, Shown, joined

MARIA, RAFAEL, GABRIELA = "SEP000000001071", "SEP000000001175", "SEP000000001077"
"""Maria manages Accounting, Rafael is in it, Gabriela manages 1st level support."""

NOT_POSSIBLE = "You may not do this."
EVERYWHERE = ["Overflow", "Greeting", "Edit Announcements", "Team Member Notifications", "Edit Members"]

GROUPS: dict[tuple[P, ...], list[str]] = {
    (P.GROUPS,): ["Create Group", "Edit Group", "Join Group", "Leave Group"],
    (P.MEMBERS_MANAGEMENT,): ["Edit Group", "Join Group", "Leave Group"],
    (P.ADMIN,): ["Edit Group", "Join Group", "Leave Group"],
    (P.GROUPS, P.ADMIN): ["Create Group", "Edit Group", "Join Group", "Leave Group"],
}
EDIT: dict[tuple[str, tuple[P, ...]], list[str]] = {
    (RAFAEL, (P.GROUPS,)): ["Group Name", *EVERYWHERE, "Delete"],
    (MARIA, (P.GROUPS,)): ["Group Name", "Manager Group Options", *EVERYWHERE, "Delete"],
    (MARIA, (P.MEMBERS_MANAGEMENT,)): ["Edit Members"],
    (RAFAEL, (P.ADMIN,)): ["Manager Group Options", *EVERYWHERE],
    (GABRIELA, (P.ADMIN, P.GROUPS)): ["Group Name", "Manager Group Options", *EVERYWHERE, "Delete"],
}
"""Of the group Accounting."""

OF_GROUP = (
    "group-name", "group-options", "group-overflow", "set-overflow", "overflow-number", "group-greeting",
    "set-greeting", "group-announcements", "new-announcement", "add-announcement", "announcement", "other-sound",
    "set-sound", "group-tones", "group-tone", "set-tone", "group-members", "new-member", "find-member", "add-member",
    "delete-group", "edit-group",
)  # fmt: skip
DOING = {"set-overflow", "set-greeting", "add-announcement", "set-sound", "set-tone"}
"""Pages that only do something."""
USERS = {MARIA: "Maria.Rossi", RAFAEL: "Rafael.Hidalgo", GABRIELA: "Gabriela.Kronberger"}


def without_values(shown: Shown) -> list[str]:
    return [name.partition(":")[0] for name in shown.items]


class MenuTests(PhoneCase):
    async def test_nothing_without_a_privilege(self) -> None:
        for privileges in ((), (P.TEAMMATE_STATUS, P.VIP_LIST, P.SETTINGS, P.REPORTS)):
            self.grant("Rafael.Hidalgo", *privileges)
            for page in ("groups", "edit-groups", "new-group", "join-groups", "leave-groups"):
                self.assertEqual((await self.page(page)).text, NOT_POSSIBLE, page)
            for page in OF_GROUP:
                self.assertEqual((await self.page(page, group=45)).text, NOT_POSSIBLE, page)

    async def test_entries_by_privilege(self) -> None:
        for privileges, entries in GROUPS.items():
            self.grant("Rafael.Hidalgo", *privileges)
            for model in ("CP-7945G", "CP-8845", "CP-7841"):
                self.assertEqual(list((await self.page("groups", model=model)).items), entries, privileges)

    async def test_nothing_to_edit_or_to_leave(self) -> None:
        self.current.value = self.current.value.changed(members=())
        self.grant("Rafael.Hidalgo", P.GROUPS)
        self.assertEqual(list((await self.page("groups")).items), ["Create Group", "Join Group"])
        self.assertEqual((await self.page("leave-groups")).text, "You are in no group.")

    async def test_entries_for_a_group(self) -> None:
        for (device, privileges), entries in EDIT.items():
            self.grant(USERS[device], *privileges)
            shown = await self.page("edit-group", device, group=45)
            self.assertEqual((shown.title, without_values(shown)), ("Accounting", entries), (device, privileges))

    async def test_the_only_group_at_once_else_a_list(self) -> None:
        self.grant("Rafael.Hidalgo", P.GROUPS)
        self.assertEqual((await self.page("edit-groups")).title, "Accounting")
        self.grant("Rafael.Hidalgo", P.ADMIN)
        shown = await self.page("edit-groups")
        self.assertEqual((shown.title, len(shown.items)), ("Edit Group", 6))

    async def test_what_is_not_offered_is_refused(self) -> None:
        for (device, privileges), entries in EDIT.items():
            self.grant(USERS[device], *privileges)
            for entry, page in (
                ("Group Name", "group-name"),
                ("Manager Group Options", "group-options"),
                ("Overflow", "set-overflow"),
                ("Greeting", "set-greeting"),
                ("Edit Announcements", "add-announcement"),
                ("Team Member Notifications", "set-tone"),
                ("Delete", "delete-group"),
            ):
                if entry not in entries:
                    self.assertEqual((await self.page(page, device, group=45)).text, NOT_POSSIBLE, page)

    async def test_groups_that_one_has_nothing_to_do_with(self) -> None:
        self.grant("Rafael.Hidalgo", P.GROUPS, P.MEMBERS_MANAGEMENT)
        for page in OF_GROUP:
            for group in (64, 999, 0):
                self.assertEqual((await self.page(page, group=group)).text, "There is no such group.", page)
        for page in ("group-member", "edit-member", "remove-member"):
            for member in (278, 9999):
                shown = await self.page(page, member=member, sure=1)
                self.assertEqual(shown.text, "There is no such member.", page)
        self.assertEqual(self.changes, [])

    async def test_bad_parameters(self) -> None:
        self.grant("Rafael.Hidalgo", *P)
        wrong = ("x" * 10_000, "a\x07b", "\u0661", "-1", "45 45", "99999999999")
        for page in OF_GROUP:
            for value in wrong:
                shown = await self.page(page, group=value)
                self.assertEqual(shown.title, "Not possible", (page, value))
            shown = await self.load(f"http://{self.host}/phone/{page}?device={RAFAEL}&group=45&group=45")
            self.assertEqual(shown.text, "What was entered cannot be used.", page)
        long = "x" * 10_000
        fields = ("from", "was", "as", "sound", "of", "to", "other", "do", "id", "user", "find", "line", "sure")
        for page in (*OF_GROUP, "new-group", "join-group", "leave-group"):
            for field in fields:
                shown = await self.page(page, group=45, **{field: long})
                self.assertNotIn("went wrong", shown.text, (page, field))
        self.assertEqual(self.changes, [])
        self.assertEqual(self.lines, [])


class WalkTests(PhoneCase):
    """Everything that can be reached without an edit, with a long name of the server and a token in each URL."""

    SITE = "https://" + "telephony." * 6 + "example.com:8443"
    DOES = re.compile("/set-|/add-announcement|sure=1|/join-group\\?.*(as|group=26)|do=")

    async def walk(self, start: Shown, model: str) -> set[str]:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            shown = waiting.pop()
            urls = [*shown.items.values(), *shown.keys.values()]
            urls += [joined(url, key.removeprefix("QueryStringParam:")) for key in shown.keys.values()
                     for url in shown.items.values() if key.startswith("QueryStringParam:")]  # fmt: skip
            form = shown.root.findtext("URL")
            urls += [form] if form else []
            for url in urls:
                self.assertLessEqual(len(url), 256)
                if not url.startswith("http"):
                    continue
                self.assertTrue(url.startswith(self.SITE), url)
                parts = urlsplit(url)
                key = re.sub("(id|user|member|vip|sound|other|from)=[^&]*", r"\1", parts.query) + parts.path
                if key in seen or self.DOES.search(url):
                    continue
                seen.add(key)
                next = await self.load(f"http://{self.host}{parts.path}?{parts.query}", model)
                self.assertNotEqual(next.title, "Not possible", (url, next.text))
                waiting.append(next)
        return {key.partition("/phone/")[2] for key in seen}

    async def test_all_pages(self) -> None:
        token = "t" * 32
        name = "SEP" + "A" * 29
        configuration = self.current.value
        ids = {user.id: 2_000_000_000 + user.id for user in configuration.users}
        users = tuple(replace(user, id=ids[user.id]) for user in configuration.users)
        phones = (replace(configuration.phones[0], token=token, device_name=name, lines=("1071",)),)
        self.current.value = configuration.changed(users=users, phones=phones)
        self.settings = replace(self.settings, public_url=self.SITE)
        self.grant("Maria.Rossi", P.GROUPS, P.ADMIN, P.VIP_LIST)
        for model in ("CP-7945G", "CP-8845", "CP-7841"):
            pages = {"groups", "vips"}
            for page in ("groups", "vips"):
                start = await self.load(f"http://{self.host}/phone/{page}?device={name}&token={token}", model)
                self.assertNotEqual(start.title, "Not possible", start.text)
                pages |= await self.walk(start, model)
            self.assertEqual({*groups.PAGES, *vips.PAGES} - pages, DOING)
        self.assertEqual(self.changes, [])
