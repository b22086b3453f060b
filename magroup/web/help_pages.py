"""The help: Markdown files of ``resources/help`` and their pictures, and pages made by the program, as HTML."""

import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path

from magroup.model.fixed import fixed
from magroup.web.static_files import StaticFiles

_TITLE = re.compile(r"# +(.+)")
_NOT_IN_IDS = re.compile(r"[^a-z0-9]+")
"""As GitHub makes them, so that links within a page work here and there."""


@fixed
class HelpPage:
    """A page: its title and its HTML, safe to be put into a page as it is."""

    title: str
    html: str


class HelpPages:
    """The pages by name, each read and rendered when it is first asked for.

    ``made`` holds the pages that are not files: functions that give their Markdown. HTML in the Markdown is shown as
    text, links to anything but http, https, mailto and this site are not made.
    """

    def __init__(self, folder: Path, made: Mapping[str, Callable[[], str]]) -> None:
        self._sources: dict[str, Callable[[], str]] = {
            file.stem: lambda file=file: file.read_text("utf-8")  # type: ignore[misc]
            for file in sorted(folder.glob("*.md"))
        }
        self._sources.update(made)
        self._rendered: dict[str, HelpPage] = {}
        self.pictures = StaticFiles(folder / "pictures")

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all pages."""
        return tuple(self._sources)

    def page(self, name: str) -> HelpPage | None:
        """The page called ``name``, None where there is none."""
        if name not in self._rendered and name in self._sources:
            self._rendered[name] = _render(self._sources[name]())
        return self._rendered.get(name)


def _render(markdown: str) -> HelpPage:
    # Read when the first page is wanted: a start needs no Markdown.
    from markdown_it import MarkdownIt

    title = _TITLE.match(markdown)
    made = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = made.parse(markdown)
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open" and opening.tag != "h1":
            opening.attrSet("id", _NOT_IN_IDS.sub("-", inline.content.lower()).strip("-"))
    html: str = made.renderer.render(tokens, made.options, {})
    # Long lines of code are scrolled to by keyboard too.
    html = html.replace("<pre>", '<pre tabindex="0">')
    return HelpPage(title[1].strip() if title else "Help", html)
