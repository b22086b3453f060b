"""Sounds as resources: waves for callers, tones for the gadget; downloaded, uploaded, deleted."""

import unicodedata
from collections.abc import AsyncIterator, Iterator
from enum import StrEnum
from functools import partial
from typing import IO, Annotated, cast
from urllib.parse import quote

from msgspec import UNSET, Meta, Struct, UnsetType
from werkzeug.http import parse_options_header

from magroup.groups.editing import NotSavedError
from magroup.model.audit import Told
from magroup.model.configuration import Configuration
from magroup.model.people import Privilege
from magroup.model.sounds import SoundDetails, sound_key
from magroup.web.admission.to_the_end import to_the_end
from magroup.web.api.call import Call
from magroup.web.api.fields import Id
from magroup.web.api.operation import Answer, Operation
from magroup.web.api.paging import Page, Searched, page_of
from magroup.web.api.problem import ApiError, FieldError, invalid, not_found, unavailable
from magroup.web.api.stream import Pieces, Stream
from magroup.web.sounds import TONES, WAVES, AudioFiles, Received, take_in, told_deleted

PIECE = 64 << 10
MOST_NAMED = 10
_TYPES = {WAVES: "audio/wav", TONES: "audio/mpeg"}
_ANY = "application/octet-stream"
_SENT = {WAVES: ("audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave", _ANY),
         TONES: ("audio/mpeg", "audio/mp3", _ANY)}  # fmt: skip


class Kind(StrEnum):
    """Sounds for callers, or tones for the gadget."""

    WAVES = WAVES
    TONES = TONES


class Use(Struct, frozen=True):
    """Where a group uses a sound."""

    group_id: Id
    group_name: str
    field: Annotated[str, Meta(description="The field of the group, or announcements.")]


class ShownSound(Struct, frozen=True):
    """A file."""

    kind: Kind
    name: str
    size: Annotated[int, Meta(description="Bytes.")]
    seconds: float
    is_own: Annotated[bool, Meta(description="It was uploaded here.")]
    ships: Annotated[bool, Meta(description="One of that name came along; an own one is played instead of it.")]
    used_by: tuple[Use, ...]


class SoundsQuery(Searched, kw_only=True, frozen=True):
    """Which sounds."""

    kind: Kind | UnsetType = UNSET


def _files(call: Call, kind: str) -> AudioFiles:
    return call.parts.waves if kind == WAVES else call.parts.tones


async def list_sounds(call: Call) -> Answer:
    query: SoundsQuery = call.query
    kinds = [kind for kind in Kind if query.kind in (kind, UNSET)]
    text = query.q.casefold()
    found = [(kind, one) for kind in kinds for one in await _details(call, kind) if text in one.name.casefold()]
    keys = [f"{kind} {sound_key(one.name)}" for kind, one in found]
    order = sorted(range(len(found)), key=keys.__getitem__)
    page, after = page_of([keys[at] for at in order], [found[at] for at in order], query, str)
    return Answer(Page([_shown(call, kind, one) for kind, one in page], after))


async def _details(call: Call, kind: str) -> list[SoundDetails]:
    try:
        return await call.parts.in_thread(_files(call, kind).details)
    except OSError as gone:
        raise _away(gone) from None


async def read_sound(call: Call) -> Stream:
    """The file; whoever loads it keeps it, also when it is replaced meanwhile."""
    kind, name = call.path["kind"], call.path["sound"]
    found = await _found(call)
    # The name is ASCII there but for what is quoted (RFC 6266 section 4.3).
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"}
    return Pieces(_TYPES[kind], _pieces(call, _files(call, kind), name), headers)


async def _pieces(call: Call, files: AudioFiles, name: str) -> AsyncIterator[bytes]:
    in_thread = call.parts.in_thread
    try:
        file = await in_thread(lambda: files.open(name))
    except OSError:
        raise not_found("There is no such sound.") from None
    try:
        while piece := await in_thread(partial(file.read, PIECE)):
            yield piece
    finally:
        file.close()


async def put_sound(call: Call) -> Answer:
    kind, name = call.path["kind"], call.path["sound"]
    files = _files(call, kind)
    sent, _ = parse_options_header(call.request.getHeader("content-type") or "")
    if sent not in _SENT[kind]:
        raise invalid("Content-Type", f"must be {_TYPES[kind]} or {_ANY}", 415)
    try:
        if files.name(name) != unicodedata.normalize("NFC", name):
            raise ValueError("a name has letters, digits, spaces and . _ - only")
    except ValueError as wrong:
        raise invalid("sound", f"cannot have this name: {wrong}") from None
    body = cast(IO[bytes], call.request.content)

    def receive(received: list[tuple[str, Received]]) -> None:
        file: Received = files.receive()
        received.append((name, file))
        body.seek(0)
        while piece := body.read(PIECE):
            file.write(piece)

    try:
        await to_the_end(
            take_in(call.parts.editing, call.parts.in_thread, kind, files, receive, call.identity)
        )  # fmt: skip
    except ValueError as wrong:
        raise ApiError(422, f"{wrong}.", (FieldError("body", str(wrong)),)) from None
    except NotSavedError:
        raise unavailable() from None
    except OSError as gone:
        raise _away(gone) from None
    return Answer(_shown(call, kind, await _found(call)))


async def delete_sound(call: Call) -> Answer:
    await to_the_end(_delete(call, call.path["kind"], call.path["sound"]))
    return Answer()


async def _delete(call: Call, kind: str, name: str) -> None:
    files = _files(call, kind)

    def delete(configuration: Configuration) -> list[Told]:
        found = files.details_of(name)
        if found is None:
            raise not_found("There is no such sound.")
        if not found.is_own:
            raise ApiError(409, f"{found.name} came along, it cannot be deleted.")
        if not found.ships and (used := list(_uses(configuration, kind, name))):
            raise _in_use(call, found.name, used)
        return [told_deleted(kind, found.name, files.delete(name))]

    try:
        await call.parts.editing.beside(delete, call.identity.user_name, call.identity.address)
    except NotSavedError:
        raise unavailable() from None
    except OSError as gone:
        raise _away(gone) from None
    await files.changed()


def _in_use(call: Call, name: str, used: list[Use]) -> ApiError:
    """Groups that the user has nothing to do with are counted, not named."""
    known = {use.group_name: None for use in used if call.rights.reaches(call.configuration, use.group_id)}
    others = len({use.group_id for use in used}) - len(known)
    named = [*list(known)[:MOST_NAMED], *(["others"] if len(known) > MOST_NAMED or (known and others) else [])]
    groups = ", ".join(named) or f"{others} of others"
    return ApiError(409, f"{name} is used by groups: {groups}.", (FieldError("sound", f"is used by groups: {groups}"),))


async def _found(call: Call) -> SoundDetails:
    files, name = _files(call, call.path["kind"]), call.path["sound"]
    try:
        found = await call.parts.in_thread(lambda: files.details_of(name))
    except OSError as gone:
        raise _away(gone) from None
    if found is None:
        raise not_found("There is no such sound.")
    return found


def _shown(call: Call, kind: str, one: SoundDetails) -> ShownSound:
    """``used_by`` are the groups that the user has to do with."""
    uses = _uses(call.configuration, kind, one.name)
    known = tuple(use for use in uses if call.rights.reaches(call.configuration, use.group_id))
    return ShownSound(Kind(kind), one.name, one.size, one.seconds, one.is_own, one.ships, known)


def _uses(configuration: Configuration, kind: str, name: str) -> Iterator[Use]:
    key = sound_key(name)
    fields = ("welcome",) if kind == WAVES else ("manager_alarm_gadget", "assistant_alarm_gadget")
    for group in configuration.groups:
        for field in fields:
            if sound_key(getattr(group, field)) == key:
                yield Use(group.id, group.name, field)
        announced = configuration.announcements_of(group.id) if kind == WAVES else ()
        if any(sound_key(one.wave) == key for one in announced):
            yield Use(group.id, group.name, "announcements")


def _away(problem: OSError) -> ApiError:
    return ApiError(503, f"The folder of the sounds cannot be used: {problem.strerror}.", headers={"Retry-After": "60"})


_GROUPS = (Privilege.GROUPS,)
_ONE = "/sounds/{kind}/{sound}"

OPERATIONS = (
    Operation(
        method="GET", path="/sounds", id="listSounds", summary="List the sounds.", tag="sounds", run=list_sounds,
        scope="sounds:read", privileges=_GROUPS, query=SoundsQuery, answer=Page[ShownSound],
    ),
    Operation(
        method="GET", path=_ONE, id="getSound", summary="Download a sound.", tag="sounds", run=read_sound,
        scope="sounds:read", privileges=_GROUPS, streams={kind: "The file." for kind in _TYPES.values()},
    ),
    Operation(
        method="PUT", path=_ONE, id="putSound", tag="sounds", run=put_sound, scope="sounds:write",
        summary="Upload a sound; one of that name is replaced, whoever hears it hears it to its end.",
        privileges=_GROUPS, raw_body=("audio/wav", "audio/mpeg", _ANY), answer=ShownSound, problems=(422,),
    ),
    Operation(
        method="DELETE", path=_ONE, id="deleteSound", tag="sounds", run=delete_sound, scope="sounds:write",
        summary="Delete an own sound that no group uses; one that came along is played again.", privileges=_GROUPS,
        code=204, problems=(409,),
    ),
)  # fmt: skip
