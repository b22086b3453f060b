"""Errors as problem documents (RFC 9457), each with the fields that are to blame."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated

from msgspec import Meta, Struct

from magroup.groups.editing import EditError, Problem

CONTENT_TYPE = b"application/problem+json"
LONGEST_DETAIL = 500


class FieldError(Struct, frozen=True):
    """A value that is wrong."""

    field: Annotated[str, Meta(description="Name of the field, parameter or header; parts of a list as name[0].")]
    detail: Annotated[str, Meta(description="What is wrong with it, in one sentence.")]


class ProblemDocument(Struct, frozen=True):
    """Why a request was refused; nothing was changed by it."""

    type: Annotated[str, Meta(description="about:blank: the status says which kind of problem it is.")]
    title: Annotated[str, Meta(description="The status in words.")]
    status: int
    detail: str
    errors: tuple[FieldError, ...] = ()


@dataclass
class ApiError(Exception):
    """A request that is refused: nothing was changed."""

    status: int
    detail: str
    errors: tuple[FieldError, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


_STATUS = {
    Problem.MISSING: 422,
    Problem.INVALID: 422,
    Problem.UNKNOWN: 422,
    Problem.TAKEN: 409,
    Problem.SECOND_MANAGER: 409,
    Problem.IN_USE: 409,
    Problem.FULL: 409,
    Problem.CONFLICT: 412,
    Problem.OVERRIDDEN: 409,
    Problem.NOT_HERE: 422,
}


def document(error: ApiError) -> ProblemDocument:
    """What is sent for an error."""
    title = HTTPStatus(error.status).phrase
    return ProblemDocument("about:blank", title, error.status, error.detail[:LONGEST_DETAIL], error.errors)


def refused_edit(refused: EditError) -> ApiError:
    """The error for an edit that the policy refuses."""
    error = FieldError(refused.field, refused.sentence)
    return ApiError(_STATUS[refused.problem], _sentence(refused.sentence), (error,))


def invalid(field: str, detail: str, status: int = 422) -> ApiError:
    """A value that nothing could have."""
    return ApiError(status, _sentence(f"{field} {detail}"), (FieldError(field, detail),))


def not_found(what: str = "There is nothing at this address.") -> ApiError:
    return ApiError(404, what)


def forbidden(sentence: str) -> ApiError:
    return ApiError(403, sentence)


def unavailable() -> ApiError:
    return ApiError(
        503, "The database cannot be used now, nothing was changed. Try again later.", headers={"Retry-After": "10"}
    )


def changed_meanwhile(fields: Iterable[str]) -> ApiError:
    """The thing is not as it was when the client has read it; ``fields`` are what is known to be another now."""
    errors = tuple(FieldError(name, "was changed by somebody else meanwhile") for name in fields)
    return ApiError(412, "Somebody else has changed it meanwhile.", errors or (FieldError("If-Match", "is too old"),))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith(".") else ".")
