"""What commands that work on the data of a server are told: where the data is."""

import argparse
import os
from pathlib import Path

from magroup.cli.arguments import Parser
from magroup.model.settings import Settings
from magroup.model.settings_layers import Layers
from magroup.model.settings_reading import Given
from magroup.model.settings_reading import Path as SettingPath
from magroup.settings_file import CONFIG_VARIABLE, Sources
from magroup.store import database_url
from magroup.store.key_file import key_path


def parser(command: str, what: str) -> argparse.ArgumentParser:
    """A parser with the options that say where the data is, as those of the server do."""
    made = Parser(prog=f"python -m magroup {command}", description=what, allow_abbrev=False)
    made.add_argument("--data", metavar="DIR", help="data folder [default: ./magroup-data]")
    made.add_argument("--database", metavar="URL", help="database [default: SQLite in the data folder]")
    made.add_argument("--key-file", metavar="FILE", help="key of the passwords in it [default: in the data folder]")
    made.add_argument("--config", metavar="FILE", help="configuration file of the server")
    return made


def settings_of(arguments: argparse.Namespace) -> Settings:
    """The server's settings with what the arguments say, but not what is stored. Raises SettingsError."""
    return layers_of(arguments).settings()


def layers_of(arguments: argparse.Namespace) -> Layers:
    """The same, each source by itself."""
    config = arguments.config or os.environ.get(CONFIG_VARIABLE)
    given: dict[SettingPath, Given] = {
        (name,): Given(value, f"--{name.replace('_', '-')}")
        for name in ("data", "database", "key_file")
        if (value := getattr(arguments, name)) is not None
    }
    return Sources(Path(config) if config else None, dict(os.environ), given).layers()


def data_folder(settings: Settings) -> Path:
    return Path(settings.data).expanduser().absolute()


def key_file_of(settings: Settings) -> Path:
    """Where the server's keys are."""
    return key_path(settings.key_file, data_folder(settings))


def url_of(settings: Settings) -> str:
    """The URL of the server's database."""
    return database_url(settings.database, data_folder(settings))
