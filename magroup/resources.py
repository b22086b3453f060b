"""The files that are no code: ``resources/`` and ``sounds/`` of the tree, installed with the package."""

from functools import cache
from importlib.resources import files
from pathlib import Path


@cache
def _folder(installed: str, in_checkout: str) -> Path:
    package = Path(str(files("magroup")))
    for folder in (package / installed, package.parent / in_checkout):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"magroup is not installed completely: {package / installed} is missing")


def resource(*names: str) -> Path:
    """The path of a file or folder under ``resources/``."""
    return _folder("_resources", "resources").joinpath(*names)


def sound(*names: str) -> Path:
    """The path of a file or folder under ``sounds/``."""
    return _folder("_sounds", "sounds").joinpath(*names)
