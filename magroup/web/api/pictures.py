"""Pictures of users and contacts as resources: a small one is made of what is uploaded."""

from collections.abc import Callable
from typing import IO, Annotated, Any, cast

from msgspec import Meta, Struct
from werkzeug.http import parse_options_header

from magroup.groups.editing import edits
from magroup.model.configuration import Configuration
from magroup.web.admission.to_the_end import to_the_end
from magroup.web.api.call import Call
from magroup.web.api.collection import Collection
from magroup.web.api.operation import Answer, Operation
from magroup.web.api.people import CONTACTS, USERS
from magroup.web.api.problem import ApiError, FieldError, forbidden, invalid, not_found
from magroup.web.file_urls import picture_url

_TYPES = ("image/png", "image/jpeg", "image/webp", "application/octet-stream")

Change = Callable[[Configuration, int, dict[str, Any]], Configuration]


class ShownPicture(Struct, frozen=True):
    """A picture that was made."""

    picture: Annotated[str, Meta(description="The name of the file, as in the field of that name.")]
    url: Annotated[str, Meta(description="Where a browser that has logged in finds it.")]


class _Resource:
    """The picture of one kind of thing."""

    def __init__(self, collection: Collection, change: Change) -> None:
        self._of = collection
        self._change = change

    def operations(self) -> tuple[Operation, ...]:
        of = self._of
        path, name = f"{of.path}/{{{of.key}}}/picture", of.name.capitalize()
        common: dict[str, Any] = {
            "path": path, "tag": of.tag, "scope": f"{of.scope}:write", "privileges": of.writers,
        }  # fmt: skip
        return (
            Operation(
                method="PUT", id=f"put{name}Picture", run=self.put, raw_body=_TYPES, answer=ShownPicture,
                summary=f"Send a picture of a {of.name}: PNG, JPEG or WebP.", problems=(422,), **common,
            ),
            Operation(
                method="DELETE", id=f"delete{name}Picture", summary=f"Take the picture of a {of.name} away.",
                run=self.delete, code=204, **common,
            ),
        )  # fmt: skip

    async def put(self, call: Call) -> Answer:
        sent, _ = parse_options_header(call.request.getHeader("content-type") or "")
        if sent not in _TYPES:
            raise invalid("Content-Type", f"must be one of {', '.join(_TYPES)}", 415)
        self._found(call, call.configuration)
        return Answer(await to_the_end(self._put(call)))

    async def _put(self, call: Call) -> ShownPicture:
        pictures, whose = call.parts.pictures, f"{self._of.name}-{call.path[self._of.key]}"
        try:
            name = await pictures.take(whose, cast(IO[bytes], call.request.content))
        except ValueError as wrong:
            raise ApiError(422, f"The picture {wrong}.", (FieldError("body", str(wrong)),)) from None
        except OSError as gone:
            sentence = f"The picture cannot be stored: {gone.strerror}."
            raise ApiError(503, sentence, headers={"Retry-After": "60"}) from None
        try:
            await self._edit(call, name)
        except BaseException:
            await pictures.discard([name])
            raise
        return ShownPicture(name, picture_url(name))

    async def delete(self, call: Call) -> Answer:
        if not self._found(call, call.configuration).picture:
            raise not_found(f"This {self._of.name} has no picture.")
        await self._edit(call, "")
        return Answer()

    async def _edit(self, call: Call, name: str) -> None:
        def edit(configuration: Configuration) -> Configuration:
            return self._change(configuration, self._found(call, configuration).id, {"picture": name})

        await call.edit(edit)

    def _found(self, call: Call, configuration: Configuration) -> Any:
        of = self._of
        thing = of.found(configuration, call.path)
        if thing is None or not of.may_read(call, thing):
            raise not_found(f"There is no such {of.name}.")
        if not of.may_change(call, thing, {}):
            raise forbidden(f"This user may not change this {of.name} so.")
        return thing


OPERATIONS = (
    *_Resource(USERS, edits.change_user).operations(),
    *_Resource(CONTACTS, edits.change_contact).operations(),
)
