"""What is wrong with values that were sent, from the words of msgspec."""

import re

import msgspec

from magroup.web.api.problem import ApiError, FieldError

_PLACE = re.compile(r" - at `(?:key in )?\$\.?(.*)`\Z")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`\Z", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(.*)`\Z")
_LONGEST = 200


def validation_error(wrong: msgspec.ValidationError, status: int) -> ApiError:
    """The error, which names the field."""
    text = str(wrong)
    place = _PLACE.search(text)
    field, sentence = "", text
    if place:
        field, sentence = place[1], text[: place.start()]
    for pattern, words in ((_UNKNOWN, "is no field here"), (_MISSING, "is missing")):
        if found := pattern.match(sentence):
            field, sentence = f"{field}.{found[1]}".lstrip("."), words
    field = "".join(c for c in field if c.isprintable())[:_LONGEST]
    sentence = sentence[:1].lower() + sentence[1:_LONGEST].replace("`", "")
    detail = f"{field}: {sentence}." if field else f"The body is wrong: {sentence}."
    return ApiError(status, detail, (FieldError(field, sentence),))
