"""The URLs for other programs, the settings that most sites change, and all the others by their tables."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from magroup.groups.editing import EditError, NotSavedError
from magroup.groups.settings_book import ListedSetting, SettingsRefusedError
from magroup.web.admin.pages import not_there
from magroup.web.admin.reading import sentence
from magroup.web.admin.settings.values import LONGEST, as_text, in_words, of_text
from magroup.web.admin.tabs import SETTINGS
from magroup.web.admin.visit import AdminVisit, Gone, Outcome, Route, Shown
from magroup.web.form import field_of
from magroup.web.integration import gadget_urls, jabber_config, phone_service_urls
from magroup.web.site_url import site_url

GENERAL = ("log.level", "public_url", "language")
SERVICES = {
    "MainMenu": "Main menu", "lButtonService": "1 Button Service", "TransferCall": "Transfer Call",
    "PickupCall": "Pickup Calls", "DirectCall": "Direct Call", "ChangeGroup": "Change Group",
    "ChangeStatus": "Change Status", "TeamStatus": "Team Status", "SetForwarding": "Set Forwarding",
}  # fmt: skip
GADGETS = {
    "coc": "URL for COC integration", "manual": "URL for Jabber tab", "auto": "URL for Jabber (auto login)",
}  # fmt: skip
LABELS = {"log.level": "Logs", "public_url": "Public base URL", "language": "Language"}
NOT_SAVED = "It cannot be saved at the moment, try again later: {reason}."
CHANGED = "Somebody else has changed settings meanwhile: nothing was saved. Look at the values, and save again."


async def show(visit: AdminVisit) -> Outcome:
    return _page(visit, {}, {})


async def save(visit: AdminVisit) -> Outcome:
    """The form of those that most sites change."""
    typed, wrong = await _change(visit, [one for one in _listed(visit) if one.name in GENERAL])
    return _page(visit, typed, wrong) if wrong else Gone(visit.url("settings"), "saved")


async def show_one(visit: AdminVisit) -> Outcome:
    return _one_page(visit, _asked(visit), {}, {})


async def save_one(visit: AdminVisit) -> Outcome:
    """A value, or with ``do`` reset that what is stored is taken away."""
    setting = _asked(visit)
    typed, wrong = await _change(visit, [setting])
    return _one_page(visit, setting, typed, wrong) if wrong else Gone(visit.url("settings"), "saved")


async def _change(visit: AdminVisit, settings: Sequence[ListedSetting]) -> tuple[dict[str, str], dict[str, str]]:
    """What was typed, and what is wrong with it, by name; without that it is in force."""
    typed = {one.name: field_of(visit.fields, one.name, LONGEST) for one in settings}
    values: dict[str, object] = {}
    for one in settings:
        text = typed[one.name].replace("\r\n", "\n").strip()
        if visit.text("do") == "reset":
            values[one.name] = None
        elif one.storable and text != _was(visit, one):
            values[one.name] = of_text(one, typed[one.name])
    book = visit.parts.settings_book
    wrong: dict[str, str] = {}
    try:
        await book.change(values, visit.identity.user_name, visit.identity.address, visit.text("tag"))
    except SettingsRefusedError as refused:
        for error in refused.errors:
            name = error.field if error.field in typed else ""
            wrong[name] = sentence(error.sentence.removeprefix(f"{name} "))
    except EditError:
        wrong[""] = CHANGED
        # What was not touched is shown as it is now, so that the next attempt does not undo what the other one did.
        typed = {one.name: typed[one.name] for one in settings if one.name in values}
    except NotSavedError as reason:
        wrong[""] = NOT_SAVED.format(reason=reason)
    return typed, wrong


def _was(visit: AdminVisit, setting: ListedSetting) -> str:
    """The text that the form was shown with."""
    return field_of(visit.fields, f"was_{setting.name}", LONGEST).replace("\r\n", "\n").strip()


def _listed(visit: AdminVisit) -> tuple[ListedSetting, ...]:
    return visit.parts.settings_book.listing()


def _asked(visit: AdminVisit) -> ListedSetting:
    found = next((one for one in _listed(visit) if one.name == visit.text("of")), None)
    if found is None:
        raise not_there()
    return found


def _page(visit: AdminVisit, typed: Mapping[str, str], wrong: Mapping[str, str]) -> Shown:
    settings = visit.parts.settings()
    site, instance = site_url(visit.request, settings.public_url), settings.instance
    gadget, services = gadget_urls(site, instance), phone_service_urls(site, instance)
    listed = _listed(visit)
    return Shown("admin/settings/list.html", {
        "fields": _fields([one for name in GENERAL for one in listed if one.name == name], typed),
        "services": [(SERVICES[name], url) for name, url in services.items()],
        "gadgets": [(title, gadget[name]) for name, title in GADGETS.items()],
        "jabber": jabber_config(site, instance), "tag": visit.parts.settings_book.tag, "here": visit.url("settings"),
        "tables": [
            (name or "General", [_row(visit, one) for one in entries])
            for name, entries in groupby(listed, key=lambda one: one.table)
        ],
    }, wrong)  # fmt: skip


def _one_page(
    visit: AdminVisit, setting: ListedSetting, typed: Mapping[str, str], wrong: Mapping[str, str]
) -> Shown:  # fmt: skip
    return Shown("admin/settings/one.html", {
        "setting": setting, "fields": _fields([setting], typed), "tag": visit.parts.settings_book.tag,
        "here": visit.url("settings/one", of=setting.name), "back": visit.url("settings"),
    }, wrong)  # fmt: skip


def _fields(settings: Iterable[ListedSetting], typed: Mapping[str, str]) -> list[dict[str, object]]:
    return [
        {
            "name": one.name, "label": LABELS.get(one.name, one.name), "kind": str(one.kind), "doc": one.doc,
            "value": "" if one.is_secret else typed.get(one.name, as_text(one, one.next_value)),
            "was": as_text(one, one.next_value), "hint": in_words(one), "storable": one.storable,
            "is_secret": one.is_secret, "choices": [(choice, choice) for choice in one.choices],
        }
        for one in settings
    ]  # fmt: skip


def _row(visit: AdminVisit, one: ListedSetting) -> dict[str, object]:
    value = ("set" if one.is_set else "not set") if one.is_secret else as_text(one, one.value)
    return {
        "name": one.name, "value": value, "next": as_text(one, one.next_value) if one.next_value != one.value else "",
        "source": one.place or str(one.source), "doc": one.doc, "words": in_words(one), "wrong": one.wrong,
        "url": visit.url("settings/one", of=one.name) if one.storable else "",
    }  # fmt: skip


ROUTES = (Route("settings", SETTINGS, show, save), Route("settings/one", SETTINGS, show_one, save_one))
