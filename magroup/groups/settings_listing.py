"""What people are shown of the settings: each with its value, where that comes from, and when a change holds."""

from collections.abc import Iterator

from magroup.model.fixed import fixed
from magroup.model.settings import Settings
from magroup.model.settings_layers import Layers, Source
from magroup.model.settings_reading import Kind, Path, Value, tables, value_of


@fixed
class ListedSetting:
    """``name`` is that of a file (``sip.t1``), ``table`` what stands before the dot.

    ``value`` is in force, ``next_value`` is from the next start on; ``source`` and ``place`` (``magroup.toml, line 5``)
    say where the latter comes from. Of a secret there are no values, only whether it ``is_set``. ``is_stored`` says
    that a value is stored, also when a stronger source goes before it; ``wrong`` is why that value is left out. A
    change holds at once or, ``at_start``, from the next start on.
    """

    name: str
    table: str
    kind: Kind
    default: Value
    value: Value | None
    next_value: Value | None
    source: Source
    place: str
    is_stored: bool
    wrong: str
    unit: str
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    doc: str
    at_start: bool
    storable: bool
    is_secret: bool
    is_set: bool


def listed(
    running: Settings, wanted: Settings, layers: Layers, stored: frozenset[Path], wrong: dict[Path, str]
) -> Iterator[ListedSetting]:
    """All settings in their order; ``wrong`` says why stored values are left out."""
    for table in tables():
        for entry in table.entries:
            path, described = entry.path, entry.described
            value, next_value = value_of(running, path), value_of(wanted, path)
            source, place = layers.source(path)
            is_secret = described.secret
            yield ListedSetting(
                entry.name, table.name, entry.kind, entry.default,
                None if is_secret else value, None if is_secret else next_value,
                source, place, path in stored, wrong.get(path, ""),
                described.unit, described.low, described.high, described.choices, described.doc,
                described.at_start, described.storable, is_secret, bool(next_value),
            )  # fmt: skip
