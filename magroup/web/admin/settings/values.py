"""Values of settings as the text of a form's field, and back."""

from magroup.groups.settings_book import ListedSetting
from magroup.model.settings_reading import Kind, Value

LONGEST = 20_000


def as_text(setting: ListedSetting, value: Value | None) -> str:
    """A secret has none; a list has a line for each."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case tuple():
            return "\n".join(map(str, value))
    return str(value)


def of_text(setting: ListedSetting, text: str) -> object:
    """The value that was typed; text where it is none of the kind, which the book refuses then."""
    text = text.replace("\r\n", "\n").strip()
    match setting.kind:
        case Kind.SWITCH:
            return {"true": True, "false": False}.get(text, text)
        case Kind.LIST:
            return [line.strip() for line in text.split("\n") if line.strip()]
        case Kind.WHOLE_NUMBER | Kind.NUMBER:
            try:
                return int(text) if setting.kind is Kind.WHOLE_NUMBER or text.isdigit() else float(text)
            except ValueError:
                return text
    return text


def in_words(setting: ListedSetting) -> str:
    """What a value can be: its range, unit, default."""
    parts = []
    if setting.low is not None and setting.high is not None:
        parts.append(f"{setting.low} to {setting.high}")
    elif setting.low is not None:
        parts.append(f"from {setting.low}")
    elif setting.high is not None:
        parts.append(f"up to {setting.high}")
    if setting.unit:
        parts.append(setting.unit)
    if setting.kind is Kind.LIST:
        parts.append("one a line")
    if not setting.is_secret:
        parts.append(f"default {as_text(setting, setting.default) or 'empty'}")
    if setting.at_start:
        parts.append("holds from the next start on")
    return "; ".join(parts)
