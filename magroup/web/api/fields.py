"""The types that fields of the API have in common, and types derived from others."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from magroup.model.checks import LARGEST_ID, LONGEST_TEXT, MOST_STARS

SHOWN = r"^[^\x00-\x1f\x7f-\x9f]*$"
"""One line of text: no control characters."""

Text = Annotated[str, Meta(max_length=LONGEST_TEXT, pattern=SHOWN)]
Name = Annotated[str, Meta(min_length=1, max_length=LONGEST_TEXT, pattern=SHOWN)]
Id = Annotated[int, Meta(ge=1, le=LARGEST_ID)]
OptionalId = Annotated[int, Meta(ge=0, le=LARGEST_ID, description="0: none.")]
Stars = Annotated[int, Meta(ge=0, le=MOST_STARS)]
PhoneNumber = Annotated[
    str,
    Meta(min_length=1, max_length=LONGEST_TEXT, pattern=SHOWN, description="Digits, * and #, maybe a + before."),
]
OptionalPhoneNumber = Annotated[
    str, Meta(max_length=LONGEST_TEXT, pattern=SHOWN, description="A phone number; empty: none.")
]
Seconds = Annotated[float, Meta(description="UTC, seconds since 1970.")]

_READ_ONLY = Meta(extra_json_schema={"readOnly": True})
_WRITE_ONLY = Meta(extra_json_schema={"writeOnly": True})

Named = Mapping[str, Any]
"""Types by the names of fields."""


def output_of(kind: type[Struct], name: str, read_only: Named) -> type[Struct]:
    """What is shown of a thing: the ``read_only`` fields and those of ``kind``, all of them always there."""
    fields = [(field, Annotated[given, _READ_ONLY]) for field, given in read_only.items()]
    fields += [(field.encode_name, field.type) for field in msgspec.structs.fields(kind)]
    return msgspec.defstruct(name, fields, namespace={"__doc__": kind.__doc__}, kw_only=True, frozen=True)


def replacement_of(kind: type[Struct], name: str, read_only: Named, write_only: Named) -> type[Struct]:
    """A new thing, or what takes a thing's place: as ``kind``; ``read_only`` fields are allowed as they are."""
    return msgspec.defstruct(
        name, _optional(read_only, write_only), bases=(kind,), namespace={"__doc__": kind.__doc__}, kw_only=True,
        forbid_unknown_fields=True,
    )  # fmt: skip


def patch_of(kind: type[Struct], name: str, read_only: Named, write_only: Named) -> type[Struct]:
    """Some fields of a thing; what is left out stays as it is."""
    fields = _optional(read_only, write_only)
    fields += [(field.encode_name, field.type | UnsetType, UNSET) for field in msgspec.structs.fields(kind)]
    return msgspec.defstruct(
        name, fields, namespace={"__doc__": kind.__doc__}, kw_only=True, forbid_unknown_fields=True
    )  # fmt: skip


def _optional(read_only: Named, write_only: Named) -> list[Any]:
    marked = [(name, Annotated[given, _READ_ONLY]) for name, given in read_only.items()]
    marked += [(name, Annotated[given, _WRITE_ONLY]) for name, given in write_only.items()]
    return [(name, given | UnsetType, UNSET) for name, given in marked]


def sent(body: Struct) -> dict[str, Any]:
    """The fields that were sent, or have a default."""
    return {name: value for name in body.__struct_fields__ if (value := getattr(body, name)) is not UNSET}
