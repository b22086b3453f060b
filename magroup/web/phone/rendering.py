"""Objects written as a model of phone reads them: its order of softkeys, icons only where it has them.

Softkeys come last, as in Cisco's own examples and all that is known to work.
"""

from collections.abc import Iterator

from lxml import etree

from magroup.web.phone import objects as o
from magroup.web.phone.models import Model

_ACTION_FIRST = (o.Place.ACT, o.Place.MORE, o.Place.EXIT, o.Place.BACK)
_EXIT_FIRST = (o.Place.EXIT, o.Place.ACT, o.Place.MORE, o.Place.BACK)
_POSITIONS = {o.Place.ACT: 1, o.Place.MORE: 2, o.Place.EXIT: 3, o.Place.BACK: 4}
"""On 79xx, where all four have their place at hand."""


def rendered(thing: o.PhoneObject, model: Model) -> bytes:
    """The document in UTF-8, which it declares."""
    match thing:
        case o.Menu():
            root = _menu(thing, model)
        case o.Text():
            root = _begun("Text", thing, model)
            _add(root, "Text", o.fitted_lines(thing.text, o.TEXT))
        case o.Input():
            root = _input(thing, model)
        case o.Picture():
            root = _picture(thing, model)
        case o.StatusStrip():
            root = _strip(thing)
        case o.Execute():
            root = _execute(thing)
    if isinstance(thing, o.Displayable):
        _add_keys(root, thing, model)
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True))


def arranged(keys: "tuple[o.SoftKey, ...] | list[o.SoftKey]", model: Model) -> Iterator[tuple[int, o.SoftKey]]:
    """The softkeys with their positions, from 1 on."""
    order = _ACTION_FIRST if model.action_first else _EXIT_FIRST
    ordered = sorted(keys, key=lambda key: order.index(key.place))
    fixed = model.action_first and len({key.place for key in ordered}) == len(ordered)
    for number, key in enumerate(ordered, 1):
        yield (_POSITIONS[key.place] if fixed else number), key


def _menu(menu: o.Menu, model: Model) -> etree._Element:
    icons = menu.icons if model.has_icons else ()
    root = _begun("IconFileMenu" if icons else "Menu", menu, model)
    for item in menu.items:
        element = etree.SubElement(root, "MenuItem")
        _add(element, "Name", o.fitted(item.name, o.ITEM_NAME))
        _add(element, "URL", item.url)
        if icons and item.icon >= 0:
            _add(element, "IconIndex", str(item.icon))
    for index, url in enumerate(icons):
        element = etree.SubElement(root, "IconItem")
        _add(element, "Index", str(index))
        _add(element, "URL", url)
    return root


def _input(form: o.Input, model: Model) -> etree._Element:
    root = _begun("Input", form, model)
    _add(root, "URL", form.url)
    for item in form.items:
        element = etree.SubElement(root, "InputItem")
        _add(element, "DisplayName", o.fitted(item.label, o.DISPLAY_NAME))
        _add(element, "QueryStringParam", item.name)
        _add(element, "InputFlags", item.flags)
        _add(element, "DefaultValue", o.fitted(item.value, o.DEFAULT_VALUE))
    return root


def _picture(picture: o.Picture, model: Model) -> etree._Element:
    kind = "GraphicFileMenu" if picture.areas and model.is_touched else "ImageFile"
    root = _begun(kind, picture, model)
    if picture.wide:
        root.set("WindowMode", "Wide")
    at = "0" if kind == "GraphicFileMenu" else "-1"
    _add(root, "LocationX", at)
    _add(root, "LocationY", at)
    _add(root, "URL", picture.url)
    if kind == "GraphicFileMenu":
        for area in picture.areas:
            element = etree.SubElement(root, "MenuItem")
            _add(element, "Name", o.fitted(area.name, o.TOUCH_NAME))
            _add(element, "URL", area.url)
            corners = {"X1": area.left, "Y1": area.top, "X2": area.right, "Y2": area.bottom}
            etree.SubElement(element, "TouchArea", {name: str(value) for name, value in corners.items()})
    return root


def _strip(strip: o.StatusStrip) -> etree._Element:
    root = etree.Element("CiscoIPPhoneStatusFile")
    if strip.text:
        _add(root, "Text", o.fitted(strip.text, o.TITLE))
    _add(root, "LocationX", "-1")
    _add(root, "LocationY", "-1")
    _add(root, "URL", strip.url)
    return root


def _execute(execute: o.Execute) -> etree._Element:
    root = etree.Element("CiscoIPPhoneExecute")
    for url, priority in execute.items:
        etree.SubElement(root, "ExecuteItem", Priority=str(priority), URL=url)
    return root


def _begun(kind: str, thing: o.Displayable, model: Model) -> etree._Element:
    root = etree.Element(f"CiscoIPPhone{kind}")
    _add(root, "Title", o.fitted(thing.title, o.TITLE))
    if thing.prompt and model.action_first:
        _add(root, "Prompt", o.fitted(thing.prompt, o.PROMPT))
    return root


def _add_keys(root: etree._Element, thing: o.Displayable, model: Model) -> None:
    for position, key in arranged(list(thing.keys), model):
        element = etree.SubElement(root, "SoftKeyItem")
        _add(element, "Name", o.fitted(key.name, o.KEY_NAME))
        _add(element, "URL", key.url)
        _add(element, "Position", str(position))


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = text
