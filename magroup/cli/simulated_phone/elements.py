"""Elements held against the grammar of their object: names, order, counts, lengths, numbers."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from magroup.cli.simulated_phone.grammar import Child, Hex, Number, Parts, Text
from magroup.cli.simulated_phone.refusal import Refusal, Rule
from magroup.cli.simulated_phone.xml_tree import Element


@dataclass(frozen=True)
class Values:
    """What an element holds, by name: texts and numbers as they are written, checked."""

    texts: dict[str, str]
    parts: dict[str, list["Values"]]
    attributes: dict[str, str]

    def number(self, name: str, default: int = 0) -> int:
        """The number in the element of that name."""
        return int(self.texts.get(name) or default)


def read_parts(element: Element, grammar: Parts) -> Values:
    """What an element with other elements in it holds. Raises Refusal."""
    attributes = read_attributes(element, grammar.attributes, grammar.optional)
    return read_children(element, element.children, grammar.children, attributes, grammar.any_order)


def read_children(
    element: Element, children: Sequence[Element], grammar: Mapping[str, Child], attributes: dict[str, str],
    any_order: bool,
) -> Values:  # fmt: skip
    """The same with the attributes already read, for some of the children. Raises Refusal."""
    if element.text.strip():
        raise Refusal(Rule.ELEMENT, f"there is text between the elements of {element.name}")
    check_names(element.name, [child.name for child in children], grammar, any_order)
    texts: dict[str, str] = {}
    parts: dict[str, list[Values]] = {}
    for child in children:
        holds = grammar[child.name].holds
        if isinstance(holds, Parts):
            parts.setdefault(child.name, []).append(read_parts(child, holds))
        else:
            if child.children:
                raise Refusal(Rule.ELEMENT, f"{child.name} has elements in it")
            if child.attributes and (element.name, child.name) != ("CiscoIPPhoneInput", "URL"):
                raise Refusal(Rule.ATTRIBUTE, f"{child.name} has the attribute {min(child.attributes)}")
            texts[child.name] = read_value(child.name, child.text, holds)
    return Values(texts, parts, attributes)


def read_attributes(
    element: Element, grammar: Mapping[str, Text | Number], optional: frozenset[str]
) -> dict[str, str]:
    """The attributes, all that are not optional being there. Raises Refusal."""
    for name in element.attributes:
        if name not in grammar:
            raise Refusal(Rule.ATTRIBUTE, f"{element.name} has no attribute {name[:40]!r}")
    for name in grammar:
        if name not in optional and name not in element.attributes:
            raise Refusal(Rule.MISSING, f"{element.name} has no {name}")
    return {name: read_value(name, value, grammar[name]) for name, value in element.attributes.items()}


def check_names(parent: str, names: Sequence[str], grammar: Mapping[str, Child], any_order: bool) -> None:
    """Whether these elements may be there, so often and in this order. Raises Refusal."""
    order = list(grammar)
    for name in names:
        if name not in grammar:
            raise Refusal(Rule.ELEMENT, f"{parent} has no element {name[:40]!r}")
    for name, child in grammar.items():
        count = names.count(name)
        if count > child.most:
            raise Refusal(Rule.COUNT, f"{count} {name} in {parent}, at most {child.most}")
        if count < child.least:
            raise Refusal(Rule.MISSING, f"{parent} has no {name}")
    ranks = [order.index(name) for name in names]
    if not any_order and ranks != sorted(ranks):
        raise Refusal(Rule.ORDER, f"{parent} has {', '.join(dict.fromkeys(names))}, the order is {', '.join(order)}")


def read_value(name: str, text: str, holds: Text | Number | Hex) -> str:
    """A text that is as long, or as large a number, as it may be. Raises Refusal."""
    match holds:
        case Number(least, most):
            digits = text.strip()
            body = digits.removeprefix("-")
            if not (body.isascii() and body.isdigit() and len(body) <= 5 and least <= int(digits) <= most):
                raise Refusal(Rule.NUMBER, f"{name} is {text[:20]!r}, not {least} to {most}")
            return digits
        case Hex(most):
            return _read_hex(name, text.strip(), most)
        case Text():
            _check_text(name, text, holds)
    return text


def _read_hex(name: str, text: str, most: int) -> str:
    try:
        size = len(bytes.fromhex(text))
    except ValueError:
        raise Refusal(Rule.NUMBER, f"{name} is not hexadecimal") from None
    if size > most:
        raise Refusal(Rule.LENGTH, f"{name} is {size} bytes long, at most {most}")
    return text


def _check_text(name: str, text: str, holds: Text) -> None:
    if len(text) > holds.most:
        raise Refusal(Rule.LENGTH, f"{name} is {len(text)} characters long, at most {holds.most}: {text[:70]!r}")
    if len(text.strip()) < holds.least:
        raise Refusal(Rule.MISSING, f"{name} is empty" if holds.least == 1 else f"{name} is {text!r}")
    if text.count("\n") > holds.breaks:
        raise Refusal(Rule.LENGTH, f"{name} has {text.count(chr(10))} line breaks, at most {holds.breaks}")
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Co", "Cn") for letter in text.replace("\n", "")):
        raise Refusal(Rule.WELL_FORMED, f"{name} has characters that no phone can show: {text[:70]!r}")
    if holds.words and text not in holds.words:
        rule = Rule.INPUT_FLAGS if name == "InputFlags" else Rule.ELEMENT if name == "Key" else Rule.ATTRIBUTE
        raise Refusal(rule, f"{name} is {text!r}")
