"""The key file: a line for each key that secrets in the database are, or were, encrypted with, the newest first."""

import os
import stat
import tempfile
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from pathlib import Path
from typing import Final

from magroup.store.errors import StoreError
from magroup.store.keyring import KEY_BYTES, Keyring, key_id

NAME: Final = "secrets.key"
"""In the data folder, unless settings say another place."""

LARGEST: Final = 64 << 10
_TOO_OPEN: Final = stat.S_IWGRP | stat.S_IRWXO
_HEAD: Final = """\
# Keys of magroup, the newest first: passwords of lines, trunks and phones in its database are encrypted with them.
# Keep a copy, not beside the backups: without this file nobody can read those passwords again.
"""


def key_path(setting: str, data: Path) -> Path:
    """``setting`` as set by the administrator, or the file in the data folder when empty."""
    return Path(setting).expanduser().absolute() if setting else data.absolute() / NAME


def read_keys(path: Path) -> Keyring | None:
    """The keys, None where there is no file. Raises StoreError."""
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise StoreError(f"key file {path} is no file")
            if status.st_mode & _TOO_OPEN:
                raise StoreError(f"key file {path} can be read or changed by others: chmod 0600 {path}")
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"key file {path} cannot be read: {error.strerror}") from None
    if len(content) > LARGEST:
        raise StoreError(f"key file {path} is too long")
    keys = []
    for number, line in enumerate(content.splitlines(), 1):
        if line.strip() and not line.startswith(b"#"):
            keys.append(_key(path, number, line))
    if not keys:
        raise StoreError(f"key file {path} has no key in it")
    return Keyring(keys)


def write_keys(path: Path, keyring: Keyring, over: bool = False) -> None:
    """Put the file there as a whole, for its owner only, on the disk when this returns. Raises StoreError.

    One that is there is left as it is, and StoreError raised, unless it is to be written ``over``.
    """
    lines = [f"{key_id(key)} {b64encode(key).decode('ascii')}\n" for key in keyring.keys]
    try:
        file, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with open(file, "w", encoding="ascii") as stream:
                stream.write(_HEAD + "".join(lines))
                stream.flush()
                os.fsync(file)
            os.replace(name, path) if over else os.link(name, path)
        finally:
            Path(name).unlink(missing_ok=True)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise StoreError(f"key file {path} cannot be written: {error.strerror}") from None


def _key(path: Path, number: int, line: bytes) -> bytes:
    try:
        id, text = line.decode("ascii").split()
        key = b64decode(text, validate=True)
    except (UnicodeDecodeError, Base64Error, ValueError):
        raise StoreError(f"key file {path}: line {number} is no key") from None
    if len(key) != KEY_BYTES or key_id(key) != id:
        raise StoreError(f"key file {path}: line {number} is damaged")
    return key
