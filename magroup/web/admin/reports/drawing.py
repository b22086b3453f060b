"""Bar charts as SVG by pygal, without styles and scripts of their own: the site's style sheet has the colours."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDTH, HEIGHT = 960, 420


@dataclass(frozen=True)
class Bars:
    """``series`` are names with a value for each of ``labels``; ``links`` are addresses for these, "" for none."""

    title: str
    labels: Sequence[str]
    series: Sequence[tuple[str, Sequence[float]]]
    links: Sequence[str] = ()


def draw(bars: Bars) -> Markup:
    """An SVG element. Its first use loads the library, which takes a moment: for a thread."""
    from lxml import etree
    from pygal import Bar

    chart = Bar(
        js=(), css=(), width=WIDTH, height=HEIGHT, no_prefix=True, pretty_print=False, disable_xml_declaration=True,
        show_legend=len(bars.series) > 1, legend_at_bottom=True, legend_at_bottom_columns=3,
        x_label_rotation=30 if _is_wide(bars.labels) else 0,
        truncate_label=24, include_x_axis=True, no_data_text="", print_values=False, classes=("chart",),
        value_formatter=lambda value: f"{value:g}",
    )  # fmt: skip
    chart.x_labels = list(bars.labels)
    for name, values in bars.series:
        chart.add(name, [_value(value, bars, place) for place, value in enumerate(values)])
    tree = chart.render_tree()
    for element in [*tree.iter("{*}defs"), *tree.iter("{*}desc"), *tree.iter(etree.Comment)]:
        element.getparent().remove(element)
    for element in tree.xpath("//*[@style]"):
        del element.attrib["style"]
    for overlay in tree.xpath("//*[contains(@class, 'tooltip-overlay')]"):
        overlay.getparent().remove(overlay)
    for title in tree.xpath("/*/*[local-name()='title']"):
        title.text = bars.title
    tree.attrib.pop("id", None)
    tree.set("role", "img")
    tree.set("aria-label", bars.title)
    return Markup(etree.tostring(tree, encoding="unicode"))


def _value(value: float, bars: Bars, place: int) -> object:
    link = bars.links[place] if bars.links else ""
    return {"value": value, "xlink": {"href": link, "target": "_self"}} if link else value


def _is_wide(labels: Sequence[str]) -> bool:
    return sum(map(len, labels)) * 8 > WIDTH
