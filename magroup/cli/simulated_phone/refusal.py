"""What a phone does not take, and the rule that says so (Services Application Development Notes, "Object Behavior")."""

from enum import StrEnum


class Rule(StrEnum):
    """The rules, by what they are about."""

    ATTRIBUTE = "attribute"
    CONTENT_TYPE = "content type"
    COOKIE = "cookie"
    COUNT = "count"
    DEFAULT_VALUE = "default value"
    DEVICE_NAME = "device name"
    ELEMENT = "element"
    ENCODING = "encoding"
    EXPIRES = "expires"
    HTTP = "http"
    INPUT_FLAGS = "input flags"
    KEY = "key"
    LENGTH = "length"
    MISSING = "missing"
    NUMBER = "number"
    OBJECT = "object"
    ORDER = "order"
    PICTURE_DEPTH = "picture depth"
    PICTURE_FORMAT = "picture format"
    PICTURE_SIZE = "picture size"
    POSITION = "position"
    PUSH_ONLY = "push only"
    QUERY_PARAMETER = "query parameter"
    REFRESH = "refresh"
    SCHEMA = "schema"
    SIZE = "size"
    SOFTKEY_URI = "softkey uri"
    STATUS = "status"
    TOUCH_AREA = "touch area"
    TYPED = "typed"
    URI = "uri"
    URL = "url"
    WELL_FORMED = "well-formed"


class Shown(StrEnum):
    """What the user of the phone sees of it."""

    PARSE_ERROR = "XML Error[4]"
    NOT_SUPPORTED = "XML Error[5]"
    HTTP_ERROR = "HTTP Error[8]"
    NO_CONNECTION = "HTTP Error[10]"
    NOTHING = "nothing"
    """A phone would drop it, cut it, or draw it badly."""


_SHOWN = {
    Rule.OBJECT: Shown.NOT_SUPPORTED,
    Rule.PUSH_ONLY: Shown.NOT_SUPPORTED,
    Rule.HTTP: Shown.HTTP_ERROR,
    Rule.STATUS: Shown.HTTP_ERROR,
    Rule.SIZE: Shown.HTTP_ERROR,
    Rule.URL: Shown.HTTP_ERROR,
    **dict.fromkeys(
        (
            Rule.CONTENT_TYPE, Rule.COOKIE, Rule.DEFAULT_VALUE, Rule.DEVICE_NAME, Rule.EXPIRES, Rule.KEY,
            Rule.PICTURE_DEPTH, Rule.PICTURE_FORMAT, Rule.PICTURE_SIZE, Rule.REFRESH, Rule.SCHEMA, Rule.TOUCH_AREA,
            Rule.TYPED,
        ),
        Shown.NOTHING,
    ),
}  # fmt: skip


class Refusal(Exception):
    """``rule`` is broken, ``reason`` says how; ``shown`` is what the phone shows, by the rule unless it is told."""

    def __init__(self, rule: Rule, reason: str, shown: Shown | None = None) -> None:
        self.rule = rule
        self.reason = reason
        self.shown = shown or _SHOWN.get(rule, Shown.PARSE_ERROR)
        super().__init__(f"{self.shown}: {reason} ({rule})")
