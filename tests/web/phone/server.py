"""Phones that ask a running server: requests with the headers of a model, answers read and checked against the XSD."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from lxml import etree
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool
from twisted.web.client import Agent, readBody
from twisted.web.http_headers import Headers

from magroup.groups.editing import Editing
from magroup.model.configuration import Configuration
from magroup.model.lines import Phone, Registration
from magroup.model.people import Privilege
from magroup.model.settings import PhonesSettings, Settings
from magroup.store.current import Edit
from magroup.web.phone.opening import phone_pages
from magroup.web.phone.pages import PhonePages
from tests.web.rest.company import COMPANY, SOUNDS
from tests.web.rest.server import INSTANCE, RestCase

reactor: Any = _reactor
SCHEMA = etree.XMLSchema(
    etree.parse(Path(__file__).parents[4] / "shared" / "data" / "cisco-xsd" / "CiscoIPPhone.xsd")
)  # fmt: skip
DISPLAYS = {"CP-7945G": "298,156,16,C", "CP-8845": "559, 265, 24, C", "CP-7841": "", "CP-9971": "498, 289, 24, C"}

DEVICES = {
    "SEP000000001071": "Maria.Rossi",
    "SEP000000001175": "Rafael.Hidalgo",
    "SEP000000001068": "Aradhana.Jaggi",
    "SEP000000001202": "Chiyo.Fujimoto",
    "SEP000000001077": "Gabriela.Kronberger",
}
"""Maria manages the group 45, Rafael and Aradhana are in it; Chiyo is in 64, Gabriela manages 26."""


def company(**privileges: frozenset[Privilege]) -> Configuration:
    """The company of the manual's examples with phones; privileges by user name with _ for the dot."""
    lines = {user.name: user.lines for user in COMPANY.users}
    return COMPANY.changed(
        users=tuple(
            replace(user, privileges=privileges.get(user.name.replace(".", "_"), user.privileges))
            for user in COMPANY.users
        ),
        phones=tuple(Phone(device, "CP-8845", lines[name], "127.0.0.1") for device, name in DEVICES.items()),
    )


@dataclass(frozen=True)
class Shown:
    """What a phone has got."""

    code: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def root(self) -> Any:
        return etree.fromstring(self.body)

    @property
    def kind(self) -> str:
        return str(self.root.tag)

    @property
    def title(self) -> str:
        return self.root.findtext("Title") or ""

    @property
    def text(self) -> str:
        return self.root.findtext("Text") or ""

    @property
    def items(self) -> dict[str, str]:
        """URLs by names."""
        return {item.findtext("Name"): item.findtext("URL") for item in self.root.findall("MenuItem")}

    @property
    def keys(self) -> dict[str, str]:
        """URLs of the softkeys by names, in the order of their positions."""
        found = sorted(self.root.findall("SoftKeyItem"), key=lambda key: int(key.findtext("Position")))
        return {key.findtext("Name"): key.findtext("URL") for key in found}

    @property
    def fields(self) -> list[str]:
        """The names of a form's parameters."""
        return list(self.values)

    @property
    def values(self) -> dict[str, str]:
        """What stands in a form, by the names of its parameters."""
        items = self.root.findall("InputItem")
        return {item.findtext("QueryStringParam"): item.findtext("DefaultValue") or "" for item in items}

    def filled(self, **typed: str) -> str:
        """The URL of the form with what stands in it, and what is typed instead."""
        assert set(typed) <= set(self.values), (typed, self.values)
        return joined(self.root.findtext("URL"), urlencode({**self.values, **typed}))

    def pressed(self, key: str, item: str = "") -> str:
        """The URL behind a softkey, while this item is highlighted."""
        url = self.keys[key]
        added = url.removeprefix("QueryStringParam:")
        return url if added == url else joined(self.items[item], added)


def joined(url: str, query: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}{query}"


def check_schema(body: bytes) -> None:
    """Raises lxml's DocumentInvalid. The XSD wants softkeys before the body, phones get them last."""
    root = etree.fromstring(body)
    root.attrib.pop("WindowMode", None)
    head = [child for child in root if child.tag in ("Title", "Prompt")]
    place = len(head)
    for key in root.findall("SoftKeyItem"):
        root.remove(key)
        url, position = key.find("URL"), key.find("Position")
        key.remove(url)
        key.append(url)
        assert position is not None
        root.insert(place, key)
        place += 1
    SCHEMA.assertValid(root)


class PhoneCase(RestCase):
    """A server with phones. ``privileges`` are those of users, see ``company``."""

    privileges: Mapping[str, frozenset[Privilege]] = {}
    phones = PhonesSettings()

    def setUp(self) -> Any:
        self.registrations: dict[str, list[Registration]] = {}
        self.settings = replace(Settings(), instance=INSTANCE, phones=self.phones)
        self.agent = Agent(reactor)
        return Deferred.fromCoroutine(self.begin(company(**self.privileges)))

    async def begin(self, configuration: Configuration) -> None:
        await self.serve(configuration)
        self.ship(*SOUNDS)

    def phone_pages(self, editing: Editing) -> PhonePages:
        self.editing = editing
        self.pushed: list[tuple[str, str, str]] = []
        return phone_pages(
            self.application, self.switch, self.states, editing, self.waves, lambda: self.settings,
            lambda number: self.registrations.get(number, ()), lambda work: self.in_thread(work), reactor,
            lambda *words: self.pushed.append(words),
        )  # fmt: skip

    def in_thread(self, work: Any) -> Any:
        return deferToThreadPool(reactor, reactor.getThreadPool(), work)

    async def load(self, url: str, model: str = "CP-8845", **headers: str) -> Shown:
        """What a phone of this model gets from a URL of the server; everything must be valid."""
        sent = Headers({
            "x-CiscoIPPhoneModelName": [model], "Accept-Language": ["en-US"],
            "Accept-Charset": ["utf-8,iso-8859-1;q=0.8"],
            **({"x-CiscoIPPhoneDisplay": [DISPLAYS[model]]} if DISPLAYS.get(model) else {}),
            **{name: [value] for name, value in headers.items()},
        })  # fmt: skip
        response = await self.agent.request(b"GET", url.encode(), sent)
        body = await readBody(response)
        answered = {
            name.decode().lower(): values[-1].decode() for name, values in response.headers.getAllRawHeaders()
        }  # fmt: skip
        shown = Shown(response.code, answered, body)
        if answered["content-type"].startswith("text/xml"):
            self.assertEqual(answered["content-type"], "text/xml; charset=utf-8")
            self.assertTrue(body.startswith(b"<?xml version='1.0' encoding='utf-8'?>"), body[:60])
            check_schema(body)
        return shown

    async def meanwhile(self, edit: Edit) -> None:
        """Somebody else changes the configuration."""
        await self.editing.edit(edit, "Somebody.Else", "127.0.0.1")

    def grant(self, user_name: str, *privileges: Privilege) -> None:
        """Let a user have these privileges, and no others, from now on."""
        configuration = self.current.value
        self.current.value = configuration.changed(
            users=tuple(
                replace(user, privileges=frozenset(privileges)) if user.name == user_name else user
                for user in configuration.users
            )
        )

    async def page(self, name: str, device: str = "SEP000000001175", model: str = "CP-8845", **query: object) -> Shown:
        """A page as the phone of Rafael loads it, or another one."""
        shown = "".join(f"&{key}={quote(str(value), safe='')}" for key, value in query.items())
        return await self.load(f"http://{self.host}/phone/{name}?device={quote(device)}{shown}", model)

    async def at(self, file: str, device: str = "SEP000000001175", model: str = "CP-8845") -> Shown:
        """A page by a URL of the manual."""
        mark = "&" if "?" in file else "?"
        home = f"http://{self.host}/Applications/inbound/{INSTANCE}/src"
        return await self.load(f"{home}/{file}{mark}device={device}", model)
