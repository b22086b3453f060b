"""Files that browsers save: their names, and large ones in pieces (Content-Disposition, RFC 6266)."""

from typing import cast
from urllib.parse import quote

from twisted.protocols.basic import FileSender
from twisted.web.http import Request
from twisted.web.iweb import IRequest

from magroup.web.admin.visit import Download


def named(request: IRequest, name: str) -> None:
    """What is answered is saved as ``name``."""
    value = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    cast(Request, request).setHeader("Content-Disposition", value)


async def send(request: IRequest, download: Download) -> bytes:
    """As fast as the browser takes it, 64 KiB in memory at a time; one that goes away gets no more."""
    asked = cast(Request, request)
    gone: list[object] = []
    asked.notifyFinish().addErrback(gone.append)
    with download.file.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        asked.setHeader(b"Content-Type", download.content_type.encode("ascii"))
        asked.setHeader(b"Content-Length", str(size).encode())
        asked.setHeader(b"Cache-Control", b"no-store")
        named(request, download.name)
        sending = FileSender().beginFileTransfer(file, asked)
        sending.addErrback(gone.append)
        await sending
    if not gone:
        download.sent()
    return b""
