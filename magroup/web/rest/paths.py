"""Which paths, as they were sent, take uploads: of the REST services, and of the API."""

import re
from urllib.parse import unquote_to_bytes

_UPLOAD = re.compile(rb"/+applications/inbound/[^/]+/rest/files/upload(?:mp3|wav)(?:\.asp)?(?:\?.*)?", re.IGNORECASE)
_FILE = re.compile(
    rb"/api/v1/(?:sounds/[^/]+/[^/]+|voicemail/[^/]+/greeting|(?:users|contacts)/[^/]+/picture)(?:\?.*)?"
)


def is_upload(path: bytes) -> bool:
    """Whether files are uploaded there."""
    return _UPLOAD.fullmatch(unquote_to_bytes(path)) is not None or _FILE.fullmatch(path) is not None
