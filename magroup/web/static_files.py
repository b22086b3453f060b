"""The files below ``resources/static``, kept in memory once they have been asked for."""

import hashlib
from pathlib import Path

from magroup.model.fixed import fixed

_TYPES = {
    ".css": b"text/css; charset=utf-8",
    ".js": b"text/javascript; charset=utf-8",
    ".svg": b"image/svg+xml",
    ".png": b"image/png",
    ".jpg": b"image/jpeg",
    ".webp": b"image/webp",
    ".ico": b"image/x-icon",
    ".woff2": b"font/woff2",
    ".mp3": b"audio/mpeg",
    ".wav": b"audio/wav",
}


@fixed
class StaticFile:
    """A file: content, Content-Type, and the ETag that changes with the content."""

    content: bytes
    content_type: bytes
    etag: bytes


class StaticFiles:
    """Files by their path below ``folder``: those that are there at the start, and no others."""

    def __init__(self, folder: Path) -> None:
        found = (path for path in folder.rglob("*") if path.is_file())
        self._paths = {path.relative_to(folder).as_posix(): path for path in found}
        self._read: dict[str, StaticFile] = {}

    def file(self, name: str) -> StaticFile | None:
        """The file ``name``, None where there is none."""
        if name not in self._read and name in self._paths:
            path = self._paths[name]
            content = path.read_bytes()
            etag = b'"%s"' % hashlib.sha256(content).hexdigest()[:32].encode()
            self._read[name] = StaticFile(content, _TYPES.get(path.suffix, b"application/octet-stream"), etag)
        return self._read.get(name)
