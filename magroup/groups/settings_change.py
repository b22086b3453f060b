"""What becomes of the settings when some are changed or the file is read again: decided as a whole, or refused."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from magroup.model.audit import Change
from magroup.model.audited import HIDDEN, HIDDEN_NEW
from magroup.model.configuration import Configuration
from magroup.model.fixed import fixed
from magroup.model.settings import Settings
from magroup.model.settings_layers import IS_OVERRIDDEN, Layers, Source, why_not_stored, without_wrong
from magroup.model.settings_numbers import plan_of, services_of
from magroup.model.settings_reading import (
    Entry,
    Path,
    Problem,
    SettingsError,
    Value,
    changes,
    checked,
    entries,
    value_of,
)
from magroup.policy import editing, settings_check
from magroup.policy.editing import EditError
from magroup.store.configuration import with_look_ups
from magroup.store.settings import values_of

MOST_VALUES = 200
_LONGEST_NAME = 80


class SettingsRefusedError(Exception):
    """Nothing is changed; ``errors`` has a reason for each setting that is refused, its name in ``field``."""

    def __init__(self, errors: list[EditError]) -> None:
        super().__init__("; ".join(error.sentence for error in errors))
        self.errors = tuple(errors)


@fixed
class Held:
    """What is said and stored: of ``stored``, JSON by name, ``layers`` has what is not ``left_out`` for a reason."""

    layers: Layers
    stored: Mapping[str, str]
    left_out: Mapping[Path, Problem]


@fixed
class Decided:
    """What is to be held, and what the audit is told; ``configuration`` where that is another one then."""

    held: Held
    configuration: Configuration | None = None
    changes: tuple[Change, ...] = ()


def hold(layers: Layers, stored: Mapping[str, str]) -> Held:
    """The layers with all that is right of what is stored. Raises SettingsError."""
    kept, left_out = without_wrong(layers.storing(values_of(stored)))
    return Held(kept, stored, left_out)


def read_again(layers: Layers, held: Held, configuration: Configuration) -> Decided:
    """The same with what the other sources say now. Raises SettingsError."""
    new = hold(layers, held.stored)
    old, settings = held.layers.settings(), new.layers.settings()
    if problems := list(_clashes(configuration, old, settings)):
        raise SettingsError(
            Problem(new.layers.source(path)[1] or "settings", f"{'.'.join(path)} {why}", (path,))
            for path, why in problems
        )
    return Decided(new, _with_plan(configuration, settings))


def change(
    values: Mapping[str, object], held: Held, configuration: Configuration, by: Callable[..., Change]
) -> Decided:
    """The same with other stored values; None takes one away. Raises SettingsRefusedError with every reason.

    ``by(what, key, old, new)`` makes an entry of the audit.
    """
    if len(values) > MOST_VALUES:
        sentence = f"no more than {MOST_VALUES} settings can be changed at once"
        raise SettingsRefusedError([EditError(editing.Problem.INVALID, "", sentence)])
    errors: list[EditError] = []
    stored = dict(held.stored)
    for name, value in values.items():
        try:
            text = _to_store(name, value, held)
        except EditError as error:
            errors.append(error)
            continue
        stored.pop(name, None)
        if text:
            stored[name] = text
    if errors:
        raise SettingsRefusedError(errors)
    new = hold(held.layers, stored)
    asked = {tuple(name.split(".")) for name in values}
    for path, problem in new.left_out.items():
        if path not in held.left_out or path in asked:
            blamed = next((one for one in problem.paths if one in asked), path)
            errors.append(EditError(editing.Problem.INVALID, ".".join(blamed), problem.message))
    if errors:
        raise SettingsRefusedError(errors)
    old, settings = held.layers.settings(), new.layers.settings()
    if clashes := list(_clashes(configuration, old, settings)):
        raise SettingsRefusedError(
            [EditError(editing.Problem.TAKEN, ".".join(path), f"{'.'.join(path)} {why}") for path, why in clashes]
        )
    entries_of_audit = (_audited(name, held, new, by) for name in values if held.stored.get(name) != stored.get(name))
    return Decided(new, _with_plan(configuration, settings), tuple(entries_of_audit))


def _to_store(name: str, value: object, held: Held) -> str:
    """A value as JSON, "" for none. Raises EditError."""
    path = tuple(name.split("."))
    entry = entries().get(path)
    if value is None and (entry is not None or name in held.stored):
        return ""
    if entry is None:
        raise EditError(editing.Problem.UNKNOWN, name[:_LONGEST_NAME], f"{name[:_LONGEST_NAME]} is not a setting")
    try:
        typed = checked(entry, value)
    except ValueError as error:
        raise EditError(editing.Problem.INVALID, name, f"{name} {error}") from None
    if why := why_not_stored(entry, typed):
        raise EditError(editing.Problem.NOT_HERE, name, f"{name} {why}")
    source, place = held.layers.source(path)
    if source in IS_OVERRIDDEN:
        raise EditError(editing.Problem.OVERRIDDEN, name, f"{name} is set by {place}, which goes before what is stored")
    return json.dumps(typed)


def _clashes(configuration: Configuration, old: Settings, new: Settings) -> Iterator[tuple[Path, str]]:
    """The changed settings that the numbers of the company cannot live with, and why."""
    changed = changes(old, new)
    plan = plan_of(new.numbers)
    in_plan = next((path for path in changed if path[0] == "numbers"), None)
    if in_plan and (why := settings_check.same_number_twice(configuration, plan)):
        yield in_plan, why
        return
    services = next((path for path in changed if path in (("calls", "pickup_code"), ("voicemail", "pilot"))), in_plan)
    if services is None or settings_check.taken_by_service(configuration, services_of(old)):
        return
    if why := settings_check.taken_by_service(configuration.changed(plan=plan), services_of(new)):
        yield services, f"cannot be so: {why}"


def _with_plan(configuration: Configuration, settings: Settings) -> Configuration | None:
    plan = plan_of(settings.numbers)
    return None if plan == configuration.plan else with_look_ups(configuration.changed(plan=plan))


def _audited(name: str, held: Held, new: Held, by: Callable[..., Change]) -> Change:
    entry = entries().get(tuple(name.split(".")))
    if entry is None:
        return by("setting", name, held.stored[name], "")
    before, now = (_shown(entry, one.layers) for one in (held, new))
    if entry.described.secret and now["value"]:
        now["value"] = HIDDEN_NEW
    return by("setting", name, json.dumps(before, ensure_ascii=False), json.dumps(now, ensure_ascii=False))


def _shown(entry: Entry, layers: Layers) -> dict[str, Any]:
    value: Value = value_of(layers.settings(), entry.path)
    source: Source = layers.source(entry.path)[0]
    return {"value": HIDDEN if entry.described.secret and value else value, "source": str(source)}
