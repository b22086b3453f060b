"""Settings from a TOML file, the environment and the command line, each value with the place it was written at."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import field
from importlib.util import find_spec
from pathlib import Path as FilePath

from magroup.model.fixed import fixed
from magroup.model.settings import Settings
from magroup.model.settings_layers import Layers
from magroup.model.settings_reading import Given, Path, Problem, SettingsError, entries, from_text

CONFIG_VARIABLE = "MAGROUP_CONFIG"
_LARGEST_FILE = 1 << 20
_POSITION = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)\Z")
_TABLE = re.compile(r"\s*\[\s*([\w.-]+)\s*\]")
_KEY = re.compile(r"\s*([\w.-]+)\s*=")


@fixed
class Sources:
    """Where settings come from, kept so that they can be read again. ``file`` None: no file."""

    file: FilePath | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    command_line: Mapping[Path, Given] = field(default_factory=dict)

    def layers(self) -> Layers:
        """Read everything; the command line goes before the environment, that before the file.

        Raises SettingsError with every problem of every source; nothing is applied then.
        """
        problems: list[Problem] = []
        file = _collected(_from_file(self.file), problems) if self.file is not None else {}
        environment = _collected(_from_environment(self.environment), problems)
        layers = Layers(file, environment=environment, command_line=self.command_line)
        try:
            settings = layers.settings()
        except SettingsError as error:
            raise SettingsError(problems + list(error.problems)) from None
        problems += _missing_extras(settings, layers.given)
        if problems:
            raise SettingsError(problems)
        return layers

    def load(self) -> Settings:
        """The settings that they make."""
        return self.layers().settings()

    def ignored(self) -> list[str]:
        """The environment variables that begin with MAGROUP_ and mean nothing (some platforms set such)."""
        known = {entry.variable for entry in entries().values()} | {CONFIG_VARIABLE}
        return sorted(name for name in self.environment if name.startswith("MAGROUP_") and name not in known)


def _missing_extras(settings: Settings, given: Mapping[Path, Given]) -> Iterator[Problem]:
    """What the settings ask for and the main install does not bring."""
    if settings.database.startswith("postgresql") and find_spec("psycopg") is None:
        yield Problem(given["database",].place, missing_extra("database: PostgreSQL", "postgresql"))


def missing_extra(what: str, extra: str) -> str:
    """The line for somebody who uses a part of magroup without the packages that it needs."""
    return f"{what} needs more packages: pip install 'magroup[{extra}]'"


def _collected(found: Iterator[tuple[Path, Given] | Problem], problems: list[Problem]) -> dict[Path, Given]:
    given = {}
    for one in found:
        if isinstance(one, Problem):
            problems.append(one)
        else:
            given[one[0]] = one[1]
    return given


def _from_environment(environment: Mapping[str, str]) -> Iterator[tuple[Path, Given] | Problem]:
    for path, entry in entries().items():
        text = environment.get(entry.variable)
        if text is None:
            continue
        try:
            yield path, Given(from_text(entry, text), entry.variable)
        except ValueError:
            yield path, Given(text, entry.variable)


def _from_file(file: FilePath) -> Iterator[tuple[Path, Given] | Problem]:
    try:
        with file.open("rb") as stream:
            content = stream.read(_LARGEST_FILE + 1)
        if len(content) > _LARGEST_FILE:
            raise ValueError(f"is larger than {_LARGEST_FILE} bytes")
        text = content.decode()
        parsed = tomllib.loads(text)
    except OSError as error:
        yield Problem(str(file), f"cannot be read: {error.strerror or error}")
    except UnicodeDecodeError:
        yield Problem(str(file), "is not UTF-8 text")
    except RecursionError:
        yield Problem(str(file), "is nested too deeply")
    except tomllib.TOMLDecodeError as error:
        position = _POSITION.search(str(error))
        line = position[1] or text.rstrip("\n").count("\n") + 1 if position else "?"
        yield Problem(f"{file}, line {line}", _POSITION.sub("", str(error)))
    except ValueError as error:
        yield Problem(str(file), str(error))
    else:
        lines = _lines(text)
        for path, value in _flattened(parsed):
            yield path, Given(value, f"{file}, line {lines[path]}" if path in lines else str(file))


def _flattened(parsed: Mapping[str, object]) -> Iterator[tuple[Path, object]]:
    """Tables of settings are entered; whatever else is a table stays whole, to be refused."""
    known = {path[0] for path in entries() if len(path) > 1}
    for name, value in parsed.items():
        if name in known and isinstance(value, dict):
            for key, inner in value.items():
                yield (name, key), inner
        else:
            yield (name,), value


def _lines(text: str) -> dict[Path, int]:
    """The line of each plain key; keys that only seem to stand in a multi-line text are taken for some too."""
    found: dict[Path, int] = {}
    above: Path = ()
    for number, line in enumerate(text.splitlines(), 1):
        if table := _TABLE.match(line):
            above = tuple(table[1].split("."))
            found.setdefault(above, number)
        elif key := _KEY.match(line):
            found.setdefault((*above, *key[1].split(".")), number)
    return found
