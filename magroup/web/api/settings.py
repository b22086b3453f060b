"""The settings as a resource: read with where each comes from, changed as a whole."""

from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from magroup.groups.settings_book import ListedSetting, SettingsRefusedError
from magroup.model.people import Privilege
from magroup.web.api.call import Call
from magroup.web.api.operation import Answer, Operation
from magroup.web.api.paging import Page
from magroup.web.api.problem import ApiError, FieldError, changed_meanwhile, not_found, refused_edit
from magroup.web.api.tags import tag_of

Value = bool | int | float | str | list[str]
Name = Annotated[str, Meta(max_length=100)]


class Setting(Struct, frozen=True, omit_defaults=False):
    """A setting. Of a secret there are no values, only whether it is set."""

    name: str
    table: str
    kind: Annotated[str, Meta(description="text, whole number, number, true or false, list of texts.")]
    doc: str
    unit: str
    default: Value
    value: Annotated[Value | None, Meta(description="What is in force; null for a secret.")]
    next_value: Annotated[Value | None, Meta(description="What will be from the next start on; null for a secret.")]
    source: Annotated[str, Meta(description="default, file, stored, environment or command line.")]
    place: Annotated[str, Meta(description="Where it was read, such as magroup.toml, line 5.")]
    is_stored: Annotated[bool, Meta(description="A value is stored, also where a stronger source goes before it.")]
    wrong: Annotated[str, Meta(description="Why the stored value is left out; empty: it is not.")]
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    at_start: Annotated[bool, Meta(description="A change holds from the next start on, not at once.")]
    storable: Annotated[bool, Meta(description="Can be changed here.")]
    is_secret: bool
    is_set: bool


class SettingChange(Struct, kw_only=True, forbid_unknown_fields=True):
    """A new value."""

    value: Annotated[Value | None, Meta(description="null: take what is stored away.")]


class SettingsPatch(Struct, kw_only=True, forbid_unknown_fields=True):
    """New values by the names of their settings: all of them are taken, or none."""

    values: Annotated[
        dict[Name, Value | None], Meta(max_length=200, description="null: take what is stored away.")
    ] | UnsetType = UNSET


def _list(call: Call) -> Answer:
    listing = call.parts.settings.listing()
    return Answer(Page([_shown(one) for one in listing]), tag_of(listing))


def _read(call: Call) -> Answer:
    one = _named(call, call.path["setting"])
    return Answer(_shown(one), tag_of(one))


async def _change_some(call: Call) -> Answer:
    values = {} if call.body.values is UNSET else call.body.values
    await _change(call, values, call.parts.settings.listing())
    return _list(call)


async def _change_one(call: Call) -> Answer:
    name = call.path["setting"]
    await _change(call, {name: call.body.value}, _named(call, name))
    return _read(call)


async def _change(call: Call, values: dict[str, Value | None], read: object) -> None:
    book = call.parts.settings
    expected = ""
    if call.if_match and "*" not in call.if_match:
        if tag_of(read) not in call.if_match:
            raise changed_meanwhile(())
        expected = book.tag
    try:
        await call.saved(lambda: book.change(values, call.identity.user_name, call.identity.address, expected))
    except SettingsRefusedError as refused:
        raise _refused(refused) from None


def _refused(refused: SettingsRefusedError) -> ApiError:
    single = [refused_edit(error) for error in refused.errors]
    errors = tuple(error for one in single for error in one.errors)
    status = 409 if all(one.status == 409 for one in single) else 422
    return ApiError(status, _sentence(errors), errors)


def _sentence(errors: Iterable[FieldError]) -> str:
    return "; ".join(error.detail for error in errors) + "."


def _named(call: Call, name: str) -> ListedSetting:
    for one in call.parts.settings.listing():
        if one.name == name:
            return one
    raise not_found("There is no such setting.")


def _shown(one: ListedSetting) -> Setting:
    return Setting(**{name: msgspec.to_builtins(getattr(one, name)) for name in Setting.__struct_fields__})


_PRIVILEGES = (Privilege.SETTINGS,)
_READS = {"tag": "settings", "scope": "settings:read", "privileges": _PRIVILEGES, "is_tagged": True}
_WRITES = {**_READS, "scope": "settings:write", "problems": (409, 412, 422)}

OPERATIONS = (
    Operation(method="GET", path="/settings", id="listSettings", summary="List all settings.", run=_list,
              answer=Page[Setting], **_READS),  # type: ignore[arg-type]
    Operation(method="PATCH", path="/settings", id="changeSettings", summary="Change settings, all or none.",
              run=_change_some, body=SettingsPatch, answer=Page[Setting], **_WRITES),  # type: ignore[arg-type]
    Operation(method="GET", path="/settings/{setting}", id="getSetting", summary="Read a setting.", run=_read,
              answer=Setting, **_READS),  # type: ignore[arg-type]
    Operation(method="PATCH", path="/settings/{setting}", id="changeSetting", summary="Change a setting.",
              run=_change_one, body=SettingChange, answer=Setting, **_WRITES),  # type: ignore[arg-type]
)  # fmt: skip
