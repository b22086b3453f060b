"""Fields of a query and of an urlencoded form: so many, each once, UTF-8."""

from collections.abc import Mapping
from typing import cast
from urllib.parse import parse_qsl

from twisted.web.http import Request
from twisted.web.iweb import IRequest
from werkzeug.exceptions import BadRequest
from werkzeug.http import parse_options_header

MOST_FIELDS = 100
LARGEST = 64 << 10
"""Bytes of a form."""

Fields = Mapping[bytes, list[bytes]]


def form_fields(request: IRequest) -> Fields:
    """All fields, those of the query first. Raises BadRequest for more than so many."""
    asked = cast(Request, request)
    fields: dict[bytes, list[bytes]] = {name: list(values) for name, values in (asked.args or {}).items()}
    kind, _ = parse_options_header((asked.getHeader(b"content-type") or b"").decode("ascii", "replace"))
    if asked.method == b"POST" and kind == "application/x-www-form-urlencoded" and asked.content is not None:
        asked.content.seek(0)
        body = asked.content.read(LARGEST + 1)
        asked.content.seek(0)
        if len(body) > LARGEST or body.count(b"&") >= MOST_FIELDS:
            raise BadRequest("The form has too many fields, or too long ones.")
        # As bytes, each in the place of a character: what is UTF-8 and what is not is seen later.
        for name, value in parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1"):
            fields.setdefault(name.encode("latin-1"), []).append(value.encode("latin-1"))
    return fields


def form_field(request: IRequest, name: str, longest: int) -> str:
    """The field's text, "" where there is none. Raises BadRequest: sent twice, too long, no UTF-8 or with NUL."""
    values = form_fields(request).get(name.encode(), [])
    if len(values) > 1:
        raise BadRequest(f"{name} is sent more than once.")
    try:
        text = values[0].decode() if values else ""
    except UnicodeDecodeError:
        raise BadRequest(f"{name} is not UTF-8.") from None
    if len(text) > longest or "\0" in text:
        raise BadRequest(f"{name} is too long or has characters that are not allowed.")
    return text
