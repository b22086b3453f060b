"""Empty SQLite databases with the schema, copied from one that is made once: Alembic takes 0.2 s of CPU for each."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from magroup.store import migrate, once

NAME = "magroup.db"


def put(folder: Path) -> Path:
    """One with the name that the server looks for, unless there is one; its file."""
    file = folder / NAME
    if not file.exists():
        file.touch(0o600)
        file.write_bytes(_made())
    return file


@cache
def _made() -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder, NAME)
        once(f"sqlite:///{file}", migrate)
        return file.read_bytes()
