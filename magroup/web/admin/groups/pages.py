"""A group with its sections, and saving of its options so that two people do not overwrite each other."""

from collections.abc import Iterable, Mapping

from magroup.groups.editing import edits
from magroup.model.configuration import Configuration
from magroup.model.groups import Group
from magroup.web.admin.groups import options
from magroup.web.admin.groups.chosen import NO_MORE, around, chosen, number_in, page_of, saved
from magroup.web.admin.groups.members_shown import members_shown
from magroup.web.admin.groups.seen import choosable, seen
from magroup.web.admin.pages import not_there
from magroup.web.admin.reading import Reader
from magroup.web.admin.visit import AdminVisit, Gone, Outcome, Shown

WAS = "was_"
"""Before the name of an option: what it was when the form was shown."""

MEANWHILE = "Somebody else has changed this group meanwhile: nothing was saved."
_FIELDS = {"overflow": "overflow_number"}
_WAVE_FIELDS = ("welcome",)


class _ChangedMeanwhile(Exception):
    """With the options as they are now."""

    def __init__(self, now: Mapping[str, str]) -> None:
        super().__init__()
        self.now = now


async def show(visit: AdminVisit) -> Outcome:
    if not visit.text("of"):
        return Shown("admin/groups/group.html", {**around(visit, None), "none": not choosable(
            visit.rights, visit.configuration
        )})  # fmt: skip
    return await group_page(visit, chosen(visit))


async def save(visit: AdminVisit) -> Outcome:
    group = chosen(visit)
    names = seen(visit.rights, visit.configuration, group.id).options
    if not names:
        raise not_there()
    reader = Reader(visit.fields)
    values = options.read(reader, names)
    was = {name: visit.text(WAS + name) for name in names}

    def work(configuration: Configuration) -> Configuration:
        if seen(visit.rights, configuration, group.id).options != names:
            raise NO_MORE
        now = options.shown(edits.group_of(configuration, group.id))
        if any(now[name] != was[name] for name in names):
            raise _ChangedMeanwhile(now)
        return edits.change_group(configuration, visit.parts.editing.rules, group.id, values)

    told: list[str] = []
    if not reader.wrong:
        try:
            new, refused, reason = await saved(visit, work)
        except _ChangedMeanwhile as changed:
            told = _merge(reader, was, changed.now)
        else:
            if new is not None:
                return Gone(page_of(visit, group.id), "saved")
            if refused is not None:
                reader.refused(refused, _FIELDS)
            else:
                reader.wrong[""] = reason
    return await group_page(visit, group, reader, was if not told else None, told)


def _merge(reader: Reader, was: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """What was not touched here becomes what it is now; what was touched is kept and marked. What was changed."""
    theirs, both = options.merged(was, dict(reader.typed), now)
    reader.typed.update(theirs)
    for name, value in both.items():
        reader.wrong[name] = f"Somebody else has set this to “{value or 'none'}” meanwhile; here is what you typed."
    reader.wrong[""] = f"{MEANWHILE} What you typed is kept below: look at it, and save again."
    return [f"{options.LABELS[name]}: {now[name] or 'none'}" for name in was if name in theirs or name in both]


async def group_page(
    visit: AdminVisit, group: Group, reader: Reader | None = None, was: Mapping[str, str] | None = None,
    told: Iterable[str] = (), wrong: Mapping[str, str] | None = None, member: int = 0,
) -> Shown:  # fmt: skip
    """The group as it is now, with what was typed; ``wrong`` is said of the member's row or, with 0, of a new one."""
    configuration = visit.parts.editing.configuration
    group = configuration.group_by_id.get(group.id, group)
    sections = seen(visit.rights, configuration, group.id)
    now = options.shown(group)
    is_options = reader is not None and wrong is None
    typed = reader.typed if reader is not None and is_options else {}
    form = {**now, **typed}
    return Shown("admin/groups/group.html", {
        **around(visit, group), "seen": sections, "form": form, "was": {**now, **(was or {})}, "told": list(told),
        "manager": configuration.manager_of(group.id), "choices": await _choices(visit, sections.options, form, group),
        "announced": len(configuration.announcements_of(group.id)),
        **members_shown(visit, configuration, group, reader if not is_options else None, member),
    }, (wrong if wrong is not None else reader.wrong if reader is not None else {}))  # fmt: skip


async def _choices(
    visit: AdminVisit, names: Iterable[str], form: Mapping[str, str], group: Group
) -> dict[str, list[tuple[str, str]]]:
    """Those of the options that have a list, with what is chosen though it is not there."""
    found: dict[str, list[tuple[str, str]]] = {
        "overflow_to": _overflows(visit, group, form), "show_vip_calls": list(options.SHOW_VIPS),
        "vip_routing": list(options.ROUTINGS), "vip_threshold": list(options.STARS),
    }  # fmt: skip
    phone = visit.parts.settings().phones.tones
    waves = await visit.parts.in_thread(visit.parts.waves.names) if "welcome" in names else []
    tones = await visit.parts.in_thread(visit.parts.tones.names) if "assistant_alarm_gadget" in names else []
    for name in names:
        sounds: Iterable[str] | None = None
        if name in _WAVE_FIELDS:
            sounds = waves
        elif name.endswith("_alarm_gadget"):
            sounds = tones
        elif name.endswith("_alarm"):
            sounds = phone
        if sounds is not None:
            found[name] = _sounds(sounds, form.get(name, ""))
    return found


def _sounds(names: Iterable[str], chosen: str) -> list[tuple[str, str]]:
    listed = list(names)
    missing = [chosen] if chosen and chosen not in listed else []
    return [("", "None"), *((name, name) for name in (*missing, *listed))]


def _overflows(visit: AdminVisit, group: Group, form: Mapping[str, str]) -> list[tuple[str, str]]:
    """No Overflow, To Number, Busy, Voicemail, and the groups that the user has to do with."""
    groups = [one for one in choosable(visit.rights, visit.configuration) if one.id != group.id]
    chosen = visit.configuration.group_by_id.get(number_in(form["overflow_to"].removeprefix("group:")))
    if chosen is not None and chosen not in groups:
        groups.append(chosen)
    return [
        ("none", "<No Overflow>"), ("number", "To Number"), ("busy", "Busy"), ("voicemail", "Voicemail"),
        *((f"group:{one.id}", one.name) for one in groups),
    ]  # fmt: skip
