"""Which paths, as they were sent, take uploads: of the REST services, and of the API."""

import re
from urllib.parse import unquote_to_bytes

_UPLOAD = re.compile(rb"/+applications/inbound/[^/]+/rest/files/upload(?:mp3|wav)(?:\.asp)?(?:\?.*)?", re.IGNORECASE)
_SOUND = re.compile(rb"/api/v1/sounds/[^/]+/[^/]+(?:\?.*)?")


def is_upload(path: bytes) -> bool:
    """Whether files are uploaded there."""
    return _UPLOAD.fullmatch(unquote_to_bytes(path)) is not None or _SOUND.fullmatch(path) is not None
