"""Pages from the Jinja templates of ``resources/templates``; everything put into them is escaped."""

from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined


class Templates:
    """The templates below ``folder``; ``common`` is known to all of them."""

    def __init__(self, folder: Path, common: Mapping[str, object]) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(folder),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(common)

    def render(self, name: str, /, **values: object) -> str:
        """The template ``name`` with ``values`` as HTML."""
        return self._environment.get_template(name).render(**values)
