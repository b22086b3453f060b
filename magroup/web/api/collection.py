"""Things of the configuration as resources: listed, made, read, changed and deleted in one way."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from magroup.groups.editing import Rules
from magroup.model.configuration import Configuration
from magroup.model.people import Privilege
from magroup.web.api.call import Call
from magroup.web.api.fields import output_of, patch_of, replacement_of, sent
from magroup.web.api.operation import Answer, Operation
from magroup.web.api.paging import Ordered, Page, Paged, Searched
from magroup.web.api.problem import ApiError, FieldError, forbidden, invalid, not_found
from magroup.web.api.tags import tag_of

Path = Mapping[str, Any]
Values = dict[str, Any]

_ORDERED = Ordered()

FEW = 200
"""Things of a list that is read at once; longer ones in a thread, so that no call waits for them."""


def _everything(call: Call) -> bool:
    return True


async def _prepared(call: Call, values: Values) -> Values:
    return values


def _as_they_are(values: Values) -> Values:
    return values


def _tag(configuration: Configuration, thing: Any) -> str:
    return tag_of(thing)


@dataclass(frozen=True, kw_only=True)
class Collection:
    """One kind of thing at ``path``, such as ``/groups``; ``key`` is the path parameter of one, ``name`` a word.

    ``fields`` can be written and are shown; ``read_only`` ones are only shown, ``write_only`` ones never, with their
    types. ``listed`` gives all there are at a path, ``found`` the one that a path names, None where there is none; both
    raise ApiError for a path that names nothing above it. ``shown`` gives the values of all fields. ``add``, ``change``
    and ``delete`` are pure edits; the path of a new one is that of the list with ``added``. ``values`` makes values of
    the model of those that were sent; ``prepared`` does before what takes its time.
    """

    name: str
    path: str
    key: str
    tag: str
    scope: str
    fields: type[Struct]
    read_only: Mapping[str, Any]
    listed: Callable[[Configuration, Path], Sequence[Any]]
    found: Callable[[Configuration, Path], Any]
    shown: Callable[[Configuration, Any], Values]
    key_of: Callable[[Any], Any]
    key_type: type
    add: Callable[[Configuration, Rules, Path, Values], Configuration]
    added: Callable[[Configuration, Values], Any]
    change: Callable[[Configuration, Rules, Any, Values], Configuration]
    delete: Callable[[Configuration, Any], Configuration]
    write_only: Mapping[str, Any] = field(default_factory=dict)
    values: Callable[[Values], Values] = _as_they_are
    prepared: Callable[[Call, Values], Awaitable[Values]] = _prepared
    reaches: Callable[[Call], bool] = _everything
    """Whether the user has to do with what is above the list; where not, there is nothing at that address."""
    readers: tuple[Privilege, ...] = ()
    writers: tuple[Privilege, ...] = ()
    may_read: Callable[[Call, Any], bool] = lambda call, thing: True
    may_add: Callable[[Call], bool] = _everything
    may_change: Callable[[Call, Any, Values], bool] = lambda call, thing, values: True
    may_delete: Callable[[Call, Any], bool] = lambda call, thing: True
    text: Callable[[Any], str] | None = None
    """What a search looks at, casefolded; None: it cannot be searched."""
    in_order: bool = False
    """``listed`` gives them in the order in which they are shown, a page holds all of them."""
    tag_of: Callable[[Configuration, Any], str] = _tag
    plural: str = field(default="")

    def operations(self) -> tuple[Operation, ...]:
        """All six."""
        return _Operations(self).all()


class _Operations:
    def __init__(self, collection: Collection) -> None:
        self.of = collection
        self.title = "".join(word.capitalize() for word in collection.name.split())
        of, title = collection, self.title
        self.output = output_of(of.fields, title, of.read_only)
        self.new = replacement_of(of.fields, f"New{title}", {}, of.write_only)
        self.replacement = replacement_of(of.fields, f"{title}Replacement", of.read_only, of.write_only)
        self.patch = patch_of(of.fields, f"{title}Patch", of.read_only, of.write_only)

    def all(self) -> tuple[Operation, ...]:
        of, title = self.of, self.title
        plural = of.plural or f"{of.name}s"
        one = f"{of.path}/{{{of.key}}}"
        reads: dict[str, Any] = {"tag": of.tag, "scope": f"{of.scope}:read", "privileges": of.readers}
        writes: dict[str, Any] = {"tag": of.tag, "scope": f"{of.scope}:write", "privileges": of.writers}
        below = (404,) if "{" in of.path else ()
        query: type[Struct] = Searched if of.text else Paged
        return (
            Operation(
                method="GET", path=of.path, id=f"list{_camel(plural)}", summary=f"List the {plural}.",
                run=self.list, query=query, answer=Page[self.output], problems=below, **reads,  # type: ignore[name-defined]
            ),
            Operation(
                method="POST", path=of.path, id=f"create{title}", summary=f"Make a new {of.name}.", run=self.create,
                body=self.new, answer=self.output, code=201, problems=(409, 422, *below), is_tagged=True, **writes,
            ),
            Operation(
                method="GET", path=one, id=f"get{title}", summary=f"Read a {of.name}.", run=self.read,
                answer=self.output, problems=(404,), is_tagged=True, **reads,
            ),
            Operation(
                method="PUT", path=one, id=f"replace{title}", run=self.replace, body=self.replacement,
                summary=f"Replace a {of.name}: what is left out gets its default.", answer=self.output,
                problems=(404, 409, 412, 422), is_tagged=True, **writes,
            ),
            Operation(
                method="PATCH", path=one, id=f"change{title}", run=self.change, body=self.patch,
                summary=f"Change some fields of a {of.name}.", answer=self.output,
                problems=(404, 409, 412, 422), is_tagged=True, **writes,
            ),
            Operation(
                method="DELETE", path=one, id=f"delete{title}", summary=f"Delete a {of.name}.", run=self.delete,
                code=204, problems=(404, 409, 412), is_tagged=True, **writes,
            ),
        )  # fmt: skip

    async def list(self, call: Call) -> Answer:
        things = self._all(call)
        if len(things) <= FEW:
            return self._listed(call, things)
        return await call.parts.in_thread(lambda: self._listed(call, things))

    def _listed(self, call: Call, things: Sequence[Any]) -> Answer:
        of, configuration = self.of, call.configuration

        def wanted(thing: Any) -> bool:
            return (not text or (of.text is not None and text in of.text(thing))) and of.may_read(call, thing)

        text = getattr(call.query, "q", "").casefold()
        if of.in_order:
            found, after = [thing for thing in things if wanted(thing)], ""
        else:
            found, after = _ORDERED.page(of.path, things, of.key_of, call.query, of.key_type, wanted)
        return Answer(Page([self.output(**of.shown(configuration, thing)) for thing in found], after))

    def read(self, call: Call) -> Answer:
        return self._answer(call.configuration, self._found(call, call.configuration))

    async def create(self, call: Call) -> Answer:
        of = self.of
        self._all(call)
        if not of.may_add(call):
            raise forbidden(f"This user may not make a new {of.name} here.")
        values = of.values(await of.prepared(call, sent(call.body)))
        new = await call.edit(lambda configuration: of.add(configuration, call.rules, call.path, values))
        key = of.added(new, values)
        thing = of.found(new, {**call.path, of.key: key})
        answer = self._answer(new, thing)
        location = f"/api/v1{_filled(of.path, call.path)}/{_quoted(key)}"
        return Answer(answer.content, answer.tag, {"Location": location})

    async def replace(self, call: Call) -> Answer:
        return await self._change(call, sent(call.body))

    async def change(self, call: Call) -> Answer:
        return await self._change(call, sent(call.body))

    async def delete(self, call: Call) -> Answer:
        of = self.of

        def edit(configuration: Configuration) -> Configuration:
            thing = self._found(call, configuration)
            if not of.may_delete(call, thing):
                raise forbidden(f"This user may not delete this {of.name}.")
            call.expect(of.tag_of(configuration, thing), thing)
            return of.delete(configuration, thing)

        await call.edit(edit)
        return Answer()

    async def _change(self, call: Call, given: Values) -> Answer:
        of = self.of
        read_only = {name: given.pop(name) for name in of.read_only if name in given}
        values = of.values(await of.prepared(call, given))
        changed: list[Any] = []

        def edit(configuration: Configuration) -> Configuration:
            thing = self._found(call, configuration)
            if not of.may_change(call, thing, values):
                raise forbidden(f"This user may not change this {of.name} so.")
            call.expect(of.tag_of(configuration, thing), thing)
            shown = of.shown(configuration, thing)
            for name, value in read_only.items():
                if value != shown[name]:
                    raise invalid(name, "is read-only")
            new = of.change(configuration, call.rules, thing, values)
            changed.append(of.key_of(thing))
            return new

        new = await call.edit(edit)
        key = values.get(of.key) or changed[0]
        thing = of.found(new, {**call.path, of.key: key})
        if thing is None:
            raise ApiError(404, "It is there no more.", (FieldError(of.key, "is there no more"),))
        return self._answer(new, thing)

    def _all(self, call: Call) -> Sequence[Any]:
        things = self.of.listed(call.configuration, call.path)
        if not self.of.reaches(call):
            raise not_found(f"There is no such list of {self.of.name}s.")
        return things

    def _found(self, call: Call, configuration: Configuration) -> Any:
        thing = self.of.found(configuration, call.path)
        if thing is None or not self.of.reaches(call) or not self.of.may_read(call, thing):
            raise not_found(f"There is no such {self.of.name}.")
        return thing

    def _answer(self, configuration: Configuration, thing: Any) -> Answer:
        return Answer(self.output(**self.of.shown(configuration, thing)), self.of.tag_of(configuration, thing))


def _camel(words: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in words.split())


def _filled(path: str, values: Path) -> str:
    return "/".join(
        _quoted(values[segment.strip("{}")]) if segment.startswith("{") else segment for segment in path.split("/")
    )


def _quoted(value: Any) -> str:
    return quote(str(value), safe="")
