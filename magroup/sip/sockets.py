"""Sockets as the wires need them, and what Linux tells of them: when a datagram came, and how many had no room."""

import socket
import struct
from contextlib import suppress
from socket import AF_INET6, SO_RCVBUF, SO_SNDBUF, SOCK_DGRAM, SOL_SOCKET
from time import time
from typing import Any, Final

from twisted.internet.error import CannotListenError

from magroup.sip.addresses import family

BUFFER: Final = 4 << 20
LONGEST_WAIT: Final = 32.0
"""Seconds after which nobody waits for an answer any more: 64 T1."""

SO_TIMESTAMPNS: Final = 35
STAMP: Final = struct.Struct("@qq")
"""Linux's: when a datagram came, in seconds and nanoseconds of the calendar."""

SO_MEMINFO: Final = 55
MEMINFO: Final = struct.Struct("@9I")
DROPPED: Final = 8
"""Linux's again: how full the socket's buffers are, and the last one what was dropped."""


def bound_socket(kind: socket.SocketKind, host: str, port: int, is_shared: bool = False) -> socket.socket:
    """A non-blocking socket bound to a numeric ``host``; "::" is IPv6 only. Raises CannotListenError.

    ``is_shared``: other processes of this user bind the same port, and the system spreads what comes (SO_REUSEPORT).
    """
    host = host or "0.0.0.0"
    kind_of_address = family(host)
    if kind_of_address is None:
        raise CannotListenError(host, port, OSError(f"{host} is not a numeric address"))
    made = None
    try:
        made = socket.socket(kind_of_address, kind)
        made.setblocking(False)
        if kind_of_address == AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if kind != SOCK_DGRAM:
            made.setsockopt(SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_shared:
            made.setsockopt(SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.bind((host, port))
    except OSError as error:
        if made is not None:
            made.close()
        raise CannotListenError(host, port, error) from None
    return made


def set_up(end: socket.socket) -> bool:
    """Large buffers for datagrams, and the time when they come; whether the buffers are as large as was asked for."""
    for option in (SO_RCVBUF, SO_SNDBUF):
        end.setsockopt(SOL_SOCKET, option, BUFFER)
    with suppress(OSError):
        # Other systems do not tell.
        end.setsockopt(SOL_SOCKET, SO_TIMESTAMPNS, 1)
    return end.getsockopt(SOL_SOCKET, SO_RCVBUF) >= BUFFER


def receive_stamped(end: socket.socket, buffer: bytearray) -> tuple[int, Any, float]:
    """Size and sender of the next datagram, and for how many seconds it has waited, 0.0 where that is not known.

    Raises OSError.
    """
    size, told, _flags, address = end.recvmsg_into([buffer], socket.CMSG_SPACE(STAMP.size))
    for _level, kind, stamp in told:
        if kind == SO_TIMESTAMPNS and len(stamp) == STAMP.size:
            seconds, nanoseconds = STAMP.unpack(stamp)
            waited = time() - seconds - nanoseconds / 1e9
            # Less than nothing, or more than that: the clock was set.
            return size, address, waited if 0.0 < waited < LONGEST_WAIT else 0.0
    return size, address, 0.0


def dropped(end: socket.socket) -> int:
    """Datagrams for which there was no room in the buffer, modulo 2**32; 0 where the system does not tell."""
    try:
        told = end.getsockopt(SOL_SOCKET, SO_MEMINFO, MEMINFO.size)
    except OSError:
        return 0
    return int(MEMINFO.unpack(told)[DROPPED]) if len(told) == MEMINFO.size else 0
