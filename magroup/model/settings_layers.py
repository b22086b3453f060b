"""The sources of settings one above the other: defaults, file, what is stored, environment, command line."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from magroup.model.settings import Settings
from magroup.model.settings_reading import (
    Entry,
    Given,
    Path,
    Problem,
    SettingsError,
    build,
    changes,
    entries,
    value_of,
    with_values,
)


class Source(StrEnum):
    """Where a value comes from, the weakest first."""

    DEFAULT = "default"
    FILE = "file"
    STORED = "stored"
    ENVIRONMENT = "environment"
    COMMAND_LINE = "command line"


STORED_PLACE = "stored"
IS_OVERRIDDEN = (Source.ENVIRONMENT, Source.COMMAND_LINE)
"""What goes before everything stored."""


def as_they_are(settings: Settings) -> Settings:
    return settings


@dataclass(frozen=True)
class Layers:
    """What each source says. ``narrowed`` makes of the settings what may be so, or raises SettingsError: --demo."""

    file: Mapping[Path, Given] = field(default_factory=dict)
    stored: Mapping[Path, Given] = field(default_factory=dict)
    environment: Mapping[Path, Given] = field(default_factory=dict)
    command_line: Mapping[Path, Given] = field(default_factory=dict)
    defaults: Settings = Settings()
    narrowed: Callable[[Settings], Settings] = as_they_are

    @cached_property
    def given(self) -> Mapping[Path, Given]:
        """All values, of each setting that of the strongest source."""
        return {**self.file, **self.stored, **self.environment, **self.command_line}

    def settings(self) -> Settings:
        """What they make together. Raises SettingsError."""
        return self.narrowed(build(self.given, self.defaults))

    def source(self, path: Path) -> tuple[Source, str]:
        """Which source decides about a setting, and the place where it does."""
        for source, layer in (
            (Source.COMMAND_LINE, self.command_line),
            (Source.ENVIRONMENT, self.environment),
            (Source.STORED, self.stored),
            (Source.FILE, self.file),
        ):
            if path in layer:
                return source, layer[path].place
        return Source.DEFAULT, ""

    def storing(self, values: Mapping[Path, object]) -> "Layers":
        """The same with other stored values."""
        return replace(self, stored={path: Given(value, STORED_PLACE) for path, value in values.items()})


def why_not_stored(entry: Entry, value: object) -> str:
    """Why a legal value of a setting cannot be stored, "" where it can."""
    described = entry.described
    if not described.storable:
        return "can be set in the configuration file, the environment or on the command line only"
    texts = value if isinstance(value, list | tuple) else (value,)
    names_file = described.names_file
    if names_file is not None and any(isinstance(text, str) and names_file(text) for text in texts):
        return "names a file of the machine, which only the configuration file, environment and command line may"
    return ""


def without_wrong(layers: Layers) -> tuple[Layers, Mapping[Path, Problem]]:
    """The same without the stored values that cannot be, and why each: another version has stored it, or another
    source says what contradicts it. Raises SettingsError when something else is wrong.
    """
    left_out: dict[Path, Problem] = {}
    stored = dict(layers.stored)
    for path, given in layers.stored.items():
        entry = entries().get(path)
        if entry is not None and (why := _why_wrong(entry, given.value)):
            left_out[path] = Problem(given.place, f"{entry.name} {why}", (path,))
            del stored[path]
    while True:
        kept = replace(layers, stored=dict(stored))
        try:
            kept.settings()
        except SettingsError as error:
            blamed = {path: problem for problem in error.problems for path in _stored_in(stored, problem)}
            if not blamed:
                raise
            left_out |= blamed
            stored = {path: given for path, given in stored.items() if path not in blamed}
        else:
            return kept, left_out


def _stored_in(stored: Mapping[Path, Given], problem: Problem) -> list[Path]:
    """The likeliest setting that a problem blames of those that are stored, if any."""
    return [path for path in problem.paths if path in stored][:1]


def _why_wrong(entry: Entry, value: object) -> str:
    try:
        return why_not_stored(entry, value)
    except ValueError as error:
        return str(error)


def in_force_now(running: Settings, new: Settings) -> Settings:
    """``new``, but what holds from the next start on only as it is in the ``running`` server."""
    later = [path for path in changes(running, new) if entries()[path].described.at_start]
    return with_values(new, {path: value_of(running, path) for path in later})
