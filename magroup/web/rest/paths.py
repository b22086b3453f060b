"""Which paths, as they were sent, are those of the REST services."""

import re
from urllib.parse import unquote_to_bytes

_UPLOAD = re.compile(rb"/+applications/inbound/[^/]+/rest/files/upload(?:mp3|wav)(?:\.asp)?(?:\?.*)?", re.IGNORECASE)


def is_upload(path: bytes) -> bool:
    """Whether files are uploaded there."""
    return _UPLOAD.fullmatch(unquote_to_bytes(path)) is not None
