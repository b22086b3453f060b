"""Secrets encrypted before they are stored: AES-256-GCM (NIST SP 800-38D), each under a key that is known by its id."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from hashlib import sha256
from os import urandom
from typing import Final, Self
from weakref import WeakKeyDictionary

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Dialect, Text
from sqlalchemy.types import TypeDecorator

from magroup.store.errors import StoreError

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
ID_DIGITS: Final = 16

_SEALED: Final = re.compile(rf"sealed1:([0-9a-f]{{{ID_DIGITS}}}):([A-Za-z0-9_=-]+)\Z")


def key_id(key: bytes) -> str:
    """What a key is called; it tells nothing of the key."""
    return sha256(b"magroup key " + key).hexdigest()[:ID_DIGITS]


class Keyring:
    """Keys of 32 bytes: the first seals, all of them open."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self.keys = tuple(keys)
        self.id = key_id(self.keys[0])
        self._ciphers = {key_id(key): AESGCM(key) for key in self.keys}

    @classmethod
    def new(cls) -> Self:
        """With one key that nobody else has."""
        return cls((urandom(KEY_BYTES),))

    def turned(self) -> Self:
        """With a new key before the others."""
        return type(self)((urandom(KEY_BYTES), *self.keys))

    def __contains__(self, id: str) -> bool:
        return id in self._ciphers

    def seal(self, place: str, text: str) -> str:
        """``text`` as it is stored at ``place``, such as ``lines.secret``: at another it cannot be opened."""
        nonce = urandom(NONCE_BYTES)
        sealed = self._ciphers[self.id].encrypt(nonce, text.encode("utf-8", "surrogatepass"), place.encode())
        return f"sealed1:{self.id}:{urlsafe_b64encode(nonce + sealed).decode('ascii')}"

    def open(self, place: str, stored: str) -> str:
        """What was sealed. Raises StoreError for another key, and for what was changed or is of another place."""
        id, sealed = _parts(place, stored)
        cipher = self._ciphers.get(id)
        if cipher is None:
            raise StoreError(f"{place} is encrypted with the key {id}, which is not in the key file")
        try:
            opened = cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())
            return opened.decode("utf-8", "surrogatepass")
        except (InvalidTag, UnicodeDecodeError):
            raise StoreError(f"{place} is damaged: it is not what was encrypted") from None


def id_of(stored: str) -> str:
    """The id of the key that a stored text is sealed with, "" for one that is not sealed."""
    found = _SEALED.match(stored)
    return found[1] if found else ""


def _parts(place: str, stored: str) -> tuple[str, bytes]:
    found = _SEALED.match(stored)
    try:
        sealed = urlsafe_b64decode(found[2]) if found else b""
    except Base64Error:
        sealed = b""
    if found is None or len(sealed) <= NONCE_BYTES or urlsafe_b64encode(sealed).decode("ascii") != found[2]:
        raise StoreError(f"{place} is damaged: it is not encrypted as it was")
    return found[1], sealed


_keyrings: WeakKeyDictionary[Dialect, Keyring] = WeakKeyDictionary()


def use_keys(connection: Connection, keyring: Keyring) -> None:
    """All connections of this one's engine seal and open with the keyring from now on."""
    _keyrings[connection.dialect] = keyring


def keys_in_use(connection: Connection) -> Keyring | None:
    """Those that ``use_keys`` was told."""
    return _keyrings.get(connection.dialect)


class SealedText(TypeDecorator[str]):
    """A column whose texts are sealed where the engine has keys; where it has none they are stored as they are.

    "" stays "". What is not sealed is read as it is: it is sealed when a server with keys starts.
    """

    impl = Text
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        keyring = _keyrings.get(dialect)
        return keyring.seal(self.place, value) if value and keyring is not None else value

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if not value or not id_of(value):
            return value
        keyring = _keyrings.get(dialect)
        if keyring is None:
            raise StoreError(f"{self.place} is encrypted: the key file is needed")
        return keyring.open(self.place, value)
