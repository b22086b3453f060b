"""From what a company file calls a thing to the thing: lines by number, users by name, groups by name or id."""

from magroup.cli.company.form import Form
from magroup.model.configuration import Configuration
from magroup.model.groups import Group


def line_number(form: Form, name: str, number: str, configuration: Configuration, *place: int) -> str:
    """The number of a line as that line has it, "" with a complaint where there is none."""
    line = configuration.line(number)
    if line is None:
        form.complain(f"there is no line {number}", name, *place)
        return ""
    return line.number


def line_numbers(form: Form, name: str, configuration: Configuration) -> tuple[str, ...]:
    """A list of lines, each once."""
    found: list[str] = []
    for place, written in form.listed_texts(name):
        number = line_number(form, name, written, configuration, place)
        if number in found:
            form.complain("is in the list twice", name, place)
        elif number:
            found.append(number)
    return tuple(found)


def group(form: Form, name: str, wanted: str | int, configuration: Configuration) -> Group | None:
    """The group with this name or id, None with a complaint where there is none."""
    for found in configuration.groups:
        if found.id == wanted or (isinstance(wanted, str) and found.name.casefold() == wanted.casefold()):
            return found
    form.complain(f"there is no group {wanted}", name)
    return None
