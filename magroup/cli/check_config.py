"""``python -m magroup check-config FILE`` and ``example-config``."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from magroup.model.settings_reading import SettingsError
from magroup.model.settings_text import example_toml, in_force
from magroup.settings_file import Sources


def check_config(arguments: Sequence[str]) -> int:
    """Print what the file and the environment set, or every problem; 0 when there is none, else 1."""
    if len(arguments) != 1:
        print("Usage: python -m magroup check-config FILE", file=sys.stderr)
        return 1
    sources = Sources(Path(arguments[0]), dict(os.environ))
    try:
        settings = sources.load()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    for line in in_force(settings):
        print(line)
    for name in sources.ignored():
        print(f"{name}: means nothing to magroup, ignored", file=sys.stderr)
    print(f"{arguments[0]}: good")
    return 0


def example_config(arguments: Sequence[str]) -> int:
    """Print a file with every setting, its meaning and its default."""
    if arguments:
        print("Usage: python -m magroup example-config", file=sys.stderr)
        return 1
    print(example_toml(), end="")
    return 0
