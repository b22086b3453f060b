"""The OpenAPI 3.1 document, made from the table of operations."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from msgspec import NODEFAULT, UNSET

from magroup.web.api.operation import JSON, Operation
from magroup.web.api.paths import PARAMETERS
from magroup.web.api.problem import ProblemDocument

PROBLEM = "application/problem+json"
_REF = "#/components/schemas/{name}"
_ALWAYS = (400, 401, 403, 429, 503)
_WITH_BODY = (413, 415)

_HEADERS = {
    201: {"Location": ("Where the new thing is.", {"type": "string"})},
    206: {"Content-Range": ("Which octets of how many.", {"type": "string"})},
    401: {"WWW-Authenticate": ("How to authenticate.", {"type": "string"})},
    416: {"Content-Range": ("How many octets there are.", {"type": "string"})},
    429: {"Retry-After": ("Seconds to wait.", {"type": "string"})},
    503: {"Retry-After": ("Seconds to wait.", {"type": "string"})},
}

Document = dict[str, Any]


def openapi(operations: Iterable[Operation], title: str, version: str, tags: Mapping[str, str], cookie: str) -> bytes:
    """The document as JSON; ``tags`` are the groups of operations with their descriptions, in order."""
    table = tuple(operations)
    schemas = _Schemas(table)
    paths: dict[str, Document] = {}
    for operation in table:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, schemas)
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {"title": title, "version": version, "license": {"name": "MIT", "identifier": "MIT"}},
            "servers": [{"url": "/api/v1"}],
            "tags": [{"name": name, "description": text} for name, text in tags.items()],
            "paths": paths,
            "components": {
                "schemas": schemas.components,
                "securitySchemes": {
                    "token": {"type": "http", "scheme": "bearer", "description": "A token with the scope."},
                    "session": {
                        "type": "apiKey", "in": "cookie", "name": cookie,
                        "description": "A login on the web; what changes something needs X-CSRF-Token, see `GET /me`.",
                    },
                },
            },
        }
    )  # fmt: skip


class _Schemas:
    """The JSON schemas of all types that are in the table."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        kinds: list[Any] = [ProblemDocument]
        for operation in operations:
            kinds += [kind for kind in (operation.body, operation.answer) if kind is not None and kind not in kinds]
        found, self.components = msgspec.json.schema_components(kinds, ref_template=_REF)
        self._found = list(zip(kinds, found, strict=True))

    def of(self, kind: Any) -> Document:
        return next(schema for known, schema in self._found if known is kind or known == kind)


def _operation(operation: Operation, schemas: _Schemas) -> Document:
    shown: Document = {
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [operation.tag],
        "security": _security(operation),
        "parameters": [*_path(operation), *_query(operation), *_conditions(operation)],
        "responses": _responses(operation, schemas),
    }
    if operation.privileges:
        names = " or ".join(privilege.value for privilege in operation.privileges)
        shown["description"] = f"Takes the privilege {names}."
    if operation.body is not None:
        shown["requestBody"] = {"required": True, "content": {JSON: {"schema": schemas.of(operation.body)}}}
    elif operation.raw_body:
        binary = {"schema": {"type": "string", "format": "binary"}}
        shown["requestBody"] = {"required": True, "content": {kind: binary for kind in operation.raw_body}}
    return shown


def _security(operation: Operation) -> list[Document]:
    session: Document = {"session": []}
    return [session] if operation.sessions_only else [{"token": [operation.scope] if operation.scope else []}, session]


def _path(operation: Operation) -> list[Document]:
    names = [segment.strip("{}") for segment in operation.path.split("/") if segment.startswith("{")]
    return [
        {"name": name, "in": "path", "required": True, "description": found.doc, "schema": dict(found.schema)}
        for name in names
        for found in (PARAMETERS[name],)
    ]


def _query(operation: Operation) -> list[Document]:
    if operation.query is None:
        return []
    return [_parameter(field) for field in msgspec.structs.fields(operation.query)]


def _parameter(field: Any) -> Document:
    schema = msgspec.json.schema(field.type, ref_template="#/$defs/{name}")
    if "$ref" in schema:
        schema = dict(schema["$defs"][schema["$ref"].rpartition("/")[2]])
    text = schema.pop("description", "")
    if field.default is not NODEFAULT and field.default is not UNSET:
        schema["default"] = msgspec.to_builtins(field.default)
    required = field.default is NODEFAULT and field.default_factory is NODEFAULT
    shown = {"name": field.encode_name, "in": "query", "required": required, "schema": schema}
    return shown | ({"description": text} if text else {})


def _conditions(operation: Operation) -> list[Document]:
    if not operation.is_tagged or operation.method == "POST":
        return []
    name = "If-None-Match" if operation.method == "GET" else "If-Match"
    text = (
        "The ETag of what the client has: 304 where that is still so."
        if operation.method == "GET"
        else "The ETag of what the client has read: 412 where somebody else has changed it since."
    )
    schema = {"type": "string", "pattern": '^(W/)?"[!#-~]*"$|^\\*$'}
    return [{"name": name, "in": "header", "required": False, "description": text, "schema": schema}]


def _responses(operation: Operation, schemas: _Schemas) -> Document:
    shown: Document = {str(operation.code): _success(operation, schemas, operation.code)}
    if operation.is_tagged and operation.method == "GET":
        shown["304"] = {"description": "It is as the client has it.", "headers": _headers({"ETag": _ETAG})}
    if operation.is_ranged:
        shown["206"] = _success(operation, schemas, 206)
    has_body = operation.body is not None or operation.raw_body
    found_by_path = (404,) if "{" in operation.path else ()
    statuses = {*_ALWAYS, *operation.problems, *found_by_path, *(_WITH_BODY if has_body else ())}
    statuses |= {422} if operation.body is not None else set()
    statuses |= {416} if operation.is_ranged else set()
    for status in sorted(statuses):
        content = {PROBLEM: {"schema": schemas.of(ProblemDocument)}}
        problem: Document = {"description": HTTPStatus(status).phrase, "content": content}
        headers = _headers(_HEADERS.get(status, {}))
        shown[str(status)] = problem | ({"headers": headers} if headers else {})
    return shown


_ETAG = ("What tells this version of it from others.", {"type": "string"})


def _success(operation: Operation, schemas: _Schemas, code: int) -> Document:
    content: Document = {kind: {"schema": {"type": "string"}} for kind in operation.streams}
    if operation.answer is not None:
        content = {JSON: {"schema": schemas.of(operation.answer)}} | content
    headers = dict(_HEADERS.get(code, {}))
    if operation.is_tagged and operation.method != "DELETE":
        headers["ETag"] = _ETAG
    shown: Document = {"description": HTTPStatus(code).phrase}
    return shown | ({"content": content} if content else {}) | ({"headers": _headers(headers)} if headers else {})


def _headers(named: Mapping[str, tuple[str, Document]]) -> Document:
    return {name: {"description": text, "required": True, "schema": schema} for name, (text, schema) in named.items()}
