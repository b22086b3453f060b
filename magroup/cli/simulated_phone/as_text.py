"""A page as text, for a person at a terminal."""

from collections.abc import Iterator, Mapping

from magroup.cli.simulated_phone.fetching import Fetched
from magroup.cli.simulated_phone.pages import Field
from magroup.cli.simulated_phone.ways import softkeys_of


def page_lines(fetched: Fetched, values: Mapping[str, str]) -> Iterator[str]:
    """Title, what is shown with a number before what can be chosen, the prompt, the softkeys; ``values`` are typed."""
    page = fetched.page
    yield f"=== {page.title or page.kind} ==="
    yield from page.text.splitlines()
    if page.error is not None:
        yield f"error {page.error}"
    if fetched.picture is not None:
        yield f"({fetched.picture.width}x{fetched.picture.height} pixels, {page.picture})"
    for number, item in enumerate(page.items, 1):
        icon = f" ({page.icons[item.icon] or item.icon})" if item.icon is not None else ""
        yield f"{number:3} {item.name}{icon}"
    for number, (name, telephone) in enumerate(page.entries, 1):
        yield f"{number:3} {name}  {telephone}"
    for field in page.fields:
        yield f"    {field.name} ({field.parameter}, {field.flags}): {_as_seen(field, values)}"
    if page.prompt:
        yield f"--- {page.prompt}"
    yield " ".join(f"[{key.name}]" for key in softkeys_of(fetched))


def _as_seen(field: Field, values: Mapping[str, str]) -> str:
    text = values.get(field.parameter, field.default)
    return "*" * len(text) if field.is_hidden else text
