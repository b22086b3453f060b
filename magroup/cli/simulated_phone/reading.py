"""An object that a phone is sent, read into a page or refused (Development Notes, "XML Objects")."""

from dataclasses import replace

from magroup.cli.simulated_phone.elements import Values, read_attributes, read_children
from magroup.cli.simulated_phone.grammar import (
    ACTIONS,
    ATTRIBUTES,
    BARE,
    BODIES,
    HEAD,
    IN_A_WINDOW,
    KEY_ITEMS,
    METHODS,
    PUSHED,
    WINDOW,
    Number,
)  # fmt: skip
from magroup.cli.simulated_phone.keypad import can_type
from magroup.cli.simulated_phone.models import PhoneModel
from magroup.cli.simulated_phone.pages import Execution, Field, Item, Page, SoftKey
from magroup.cli.simulated_phone.refusal import Refusal, Rule
from magroup.cli.simulated_phone.uris import Place, check_action, check_uri
from magroup.cli.simulated_phone.xml_tree import Element, charset_of, read_xml

LARGEST = 196608
"""Bytes of an object, above which phones say "Data too large!"."""

PREFIX = "CiscoIPPhone"
_BITMAPS = frozenset(("Image", "GraphicMenu", "Status"))


def read_page(content: bytes, content_type: str, model: PhoneModel) -> Page:
    """The page in an answer to the phone. Raises Refusal."""
    return page_of(read_xml(_limited(content), charset_of(content_type), model), model, False)


def read_pushed(content: bytes, model: PhoneModel) -> Page:
    """The page in the form field of a push. Raises Refusal."""
    return page_of(read_xml(_limited(content), None, model), model, True)


def _limited(content: bytes) -> bytes:
    if len(content) > LARGEST:
        raise Refusal(Rule.SIZE, f"Data too large! {len(content)} bytes, at most {LARGEST}")
    return content


def page_of(root: Element, model: PhoneModel, is_pushed: bool) -> Page:
    """The page in an XML tree. Raises Refusal."""
    kind = root.name.removeprefix(PREFIX)
    if not root.name.startswith(PREFIX) or kind not in BODIES:
        raise Refusal(Rule.OBJECT, f"{root.name[:60]} is nothing to be shown")
    if kind not in model.objects:
        raise Refusal(Rule.OBJECT, f"a {model.name} has no {root.name}")
    if kind in PUSHED and not is_pushed:
        raise Refusal(Rule.PUSH_ONLY, f"{root.name} can be pushed only")
    if kind == "Error":
        number = read_attributes(root, {"Number": Number(0, 65535)}, frozenset())["Number"]
        if root.children:
            raise Refusal(Rule.ELEMENT, "CiscoIPPhoneError has elements in it")
        return Page(kind, text=root.text.strip(), error=int(number))
    values = _values(root, kind)
    page = replace(_page(kind, values), method=_method(root, model))
    _check_fields(page)
    _check_uris(page, model)
    _check_positions(page)
    _check_bitmaps(page, values)
    _check_icons(page)
    _check_touch_areas(page, model)
    return page


def _values(root: Element, kind: str) -> Values:
    """Title and prompt come first; keys come all before the rest, as in the XSD, or behind it, as is usual."""
    grammar = BODIES[kind]
    attributes = {} if kind in BARE else {**ATTRIBUTES, **(WINDOW if kind in IN_A_WINDOW else {})}
    read = read_attributes(root, attributes, frozenset(attributes))
    if kind in BARE:
        return read_children(root, root.children, grammar, read, False)
    keys = [child for child in root.children if child.name in KEY_ITEMS]
    rest = [child for child in root.children if child.name not in KEY_ITEMS]
    _check_order_of_keys(root)
    values = read_children(root, rest, {**HEAD, **grammar}, read, False)
    more = read_children(root, keys, KEY_ITEMS, {}, False)
    return Values(values.texts, {**values.parts, **more.parts}, read)


def _check_order_of_keys(root: Element) -> None:
    """Icons may follow the keys: Cisco's own examples have them there."""
    told = [_rank(child.name) for child in root.children if child.name != "IconItem"]
    changes = [rank for place, rank in enumerate(told) if place == 0 or told[place - 1] != rank]
    if changes.count("key") > 1 or changes.count("body") > 1 or "head" in changes[1:]:
        raise Refusal(Rule.ORDER, f"the keys of {root.name} are neither before nor behind all that it shows")


def _rank(name: str) -> str:
    return "head" if name in HEAD else "key" if name in KEY_ITEMS else "body"


def _page(kind: str, values: Values) -> Page:
    texts, parts = values.texts, values.parts
    url = texts.get("URL", "")
    return Page(
        kind=kind,
        title=texts.get("Title", ""),
        prompt=texts.get("Prompt", ""),
        softkeys=tuple(
            SoftKey(key.texts["Name"], key.number("Position"), key.texts.get("URL", ""), key.texts.get("URLDown", ""))
            for key in parts.get("SoftKeyItem", ())
        ),
        keys=tuple(
            (key.texts["Key"], key.texts.get("URL", ""), key.texts.get("URLDown", ""))
            for key in parts.get("KeyItem", ())
        ),
        items=tuple(_item(item) for item in parts.get("MenuItem", ())),
        text=texts.get("Text", ""),
        fields=tuple(
            Field(
                field.texts["DisplayName"], field.texts["QueryStringParam"], field.texts["InputFlags"],
                field.texts.get("DefaultValue", ""),
            )
            for field in parts.get("InputItem", ())
        ),
        url=url if kind == "Input" else "",
        entries=tuple(
            (entry.texts["Name"], entry.texts.get("Telephone", "")) for entry in parts.get("DirectoryEntry", ())
        ),
        icons={icon.number("Index"): icon.texts.get("URL", "") for icon in parts.get("IconItem", ())},
        picture=url if kind.endswith("File") else "",
        location=(values.number("LocationX"), values.number("LocationY")),
        is_wide=values.attributes.get("WindowMode") == "Wide",
        executions=tuple(
            Execution(item.attributes["URL"], int(item.attributes.get("Priority", "0")))
            for item in parts.get("ExecuteItem", ())
        ),
        app_id=values.attributes.get("appId", ""),
        actions={name: value for name, value in values.attributes.items() if name in ACTIONS},
    )  # fmt: skip


def _item(item: Values) -> Item:
    icon = item.number("IconIndex") if item.texts.get("IconIndex") else None
    areas = item.parts.get("TouchArea")
    touch = None
    if areas:
        x1, y1, x2, y2 = (int(areas[0].attributes[name]) for name in ("X1", "Y1", "X2", "Y2"))
        touch = (x1, y1, x2, y2)
    return Item(item.texts["Name"], item.texts.get("URL", ""), icon, touch)


def _method(root: Element, model: PhoneModel) -> str:
    method = "get"
    for url in root.children if root.name == "CiscoIPPhoneInput" else ():
        for name, value in url.attributes.items():
            if name != "method" or not model.can_post:
                raise Refusal(Rule.ATTRIBUTE, f"the URL of an Input has no attribute {name[:40]!r} on a {model.name}")
            if value not in METHODS:
                raise Refusal(Rule.ATTRIBUTE, f"method is {value[:40]!r}")
            method = value
    return method


def _check_fields(page: Page) -> None:
    names = [field.parameter for field in page.fields]
    for field in page.fields:
        if not field.parameter.isascii() or not field.parameter.replace("_", "").replace("-", "").isalnum():
            raise Refusal(Rule.QUERY_PARAMETER, f"QueryStringParam is {field.parameter!r}")
        if names.count(field.parameter) > 1:
            raise Refusal(Rule.QUERY_PARAMETER, f"two fields are sent as {field.parameter}")
        if not can_type(field.default, field.kind):
            raise Refusal(Rule.DEFAULT_VALUE, f"{field.default!r} cannot be typed into a field with {field.flags}")


def _check_uris(page: Page, model: PhoneModel) -> None:
    for name, value in page.actions.items():
        check_action(name, value, model)
    for key in page.softkeys:
        if not key.url and not key.url_down:
            raise Refusal(Rule.MISSING, f"the softkey {key.name} has no URL")
        _check_key(key.url, key.url_down, page, model)
    for _, url, down in page.keys:
        _check_key(url, down, page, model)
    for item in page.items:
        if item.url:
            check_uri(item.url, Place.ITEM, model, page.kind)
    if page.url:
        check_uri(page.url, Place.FORM, model)
    if page.picture:
        check_uri(page.picture, Place.PICTURE, model)
    if page.kind == "IconFileMenu":
        for icon in page.icons.values():
            check_uri(icon, Place.ICON, model)
    for execution in page.executions:
        check_uri(execution.url, Place.EXECUTE, model)
    if len([one for one in page.executions if one.url.lower().startswith(("http:", "https:"))]) > 1:
        raise Refusal(Rule.COUNT, "an Execute has more than one http URL")


def _check_key(url: str, down: str, page: Page, model: PhoneModel) -> None:
    if url:
        check_uri(url, Place.SOFTKEY, model, page.kind)
        if url.startswith("QueryStringParam:") and not page.is_menu:
            raise Refusal(Rule.URI, f"{page.kind} has no items to which {url} could be joined")
    if down:
        check_uri(down, Place.DOWN, model, page.kind)


def _check_positions(page: Page) -> None:
    positions = [key.position for key in page.softkeys]
    if len(set(positions)) < len(positions):
        raise Refusal(Rule.POSITION, f"two softkeys have the same position: {positions}")


def _check_bitmaps(page: Page, values: Values) -> None:
    bitmaps = values.parts.get("IconItem", []) if page.kind == "IconMenu" else []
    for bitmap in [*bitmaps, *([values] if page.kind in _BITMAPS else [])]:
        data = bitmap.texts.get("Data", "")
        pixels = bitmap.number("Width") * bitmap.number("Height")
        size = -(-pixels * bitmap.number("Depth") // 8)
        if data and len(data) // 2 != size:
            raise Refusal(Rule.PICTURE_SIZE, f"Data has {len(data) // 2} bytes, {pixels} pixels are {size}")


def _check_icons(page: Page) -> None:
    for item in page.items:
        if item.icon is not None and item.icon not in page.icons:
            raise Refusal(Rule.MISSING, f"{item.name!r} has the icon {item.icon}, which is not there")


def _check_touch_areas(page: Page, model: PhoneModel) -> None:
    area = model.wide if page.is_wide and model.wide else model.picture
    for item in page.items:
        if item.touch is None or area is None:
            continue
        x1, y1, x2, y2 = item.touch
        if x1 >= x2 or y1 >= y2 or x2 >= area.width or y2 >= area.height:
            raise Refusal(
                Rule.TOUCH_AREA, f"{item.name!r} is touched at {item.touch}, the display is {area.width}x{area.height}"
            )
