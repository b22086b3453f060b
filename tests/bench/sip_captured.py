"""Real SIP messages: what goes over loopback while SIPp calls and baresip calls through a server, kept in memory."""

import re
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from magroup.load.company import company
from magroup.load.reading import read
from tests.bench.sip_servers import COMPANY, TREE, Magroup, pinned
from tests.bench.sipp_load import Phone, call

LINES = company(read('[[phones]]\nnumbers = "2000-2001"\nsecret = "load{number}"\n')).removeprefix("format = 1\n")
BARESIPS = {"2000": "127.0.9.48", "2001": "127.0.9.49"}
CONFIGURATION = """\
sip_listen {host}:5060
audio_player aubridge,x
audio_source aubridge,x
call_local_timeout 120
module_path {modules}
module g711.so
module aubridge.so
module_app account.so
module_app contact.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen {host}:4444
"""
ETH_P_ALL = 3
SHARE = 0.1
"""Of the messages that are asked for, those of the phones; the others are SIPp's."""


class Capture:
    """Takes the UDP datagrams of port 5060 on loopback until the end of the with block; needs root."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32 << 20)
        self._socket.bind(("lo", 0))
        self._socket.settimeout(0.2)
        self._is_over = False
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over = True
        self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        while not self._is_over:
            try:
                frame, (_, _, kind, _, _) = self._socket.recvfrom(65536)
            except TimeoutError:
                continue
            ip = frame[14:]
            # Loopback shows each packet as it goes out and as it comes in.
            if kind == socket.PACKET_OUTGOING or len(ip) < 48 or ip[0] >> 4 != 4 or ip[9] != socket.IPPROTO_UDP:
                continue
            udp = ip[4 * (ip[0] & 15) :]
            if 5060 in (int.from_bytes(udp[:2]), int.from_bytes(udp[2:4])) and b"SIP/2.0" in udp[8:]:
                self.messages.append(bytes(udp[8:]))


class Baresip:
    """A phone that registers and answers by itself; ``command`` is one of its own."""

    def __init__(self, number: str, server: str, modules: str) -> None:
        self._folder = TemporaryDirectory(prefix="bench-")
        folder, self.host = Path(self._folder.name), BARESIPS[number]
        (folder / "config").write_text(CONFIGURATION.format(host=self.host, modules=modules))
        (folder / "accounts").write_text(
            f"<sip:{number}@{server}>;auth_user={number};auth_pass=load{number};answermode=auto;regint=600\n"
        )
        self._process = subprocess.Popen(
            ["baresip", "-4", "-f", str(folder)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def command(self, text: str) -> None:
        name, _, parameters = text.partition(" ")
        line = f'{{"command":"{name}","params":"{parameters}"}}'
        with socket.create_connection((self.host, 4444), 10) as control:
            control.sendall(f"{len(line)}:{line},".encode())
            time.sleep(0.1)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()
        self._folder.cleanup()


def captured(count: int) -> list[bytes]:
    """So many messages, a tenth of them of two baresip phones that register, call, hold and hang up."""
    modules = next((str(path) for path in Path("/usr/lib").glob("**/baresip/modules")), "")
    if not modules or not shutil.which("baresip"):
        raise SystemExit("baresip is needed (Debian's package baresip-core)")
    with Magroup(TREE, COMPANY + LINES) as server:
        with Capture() as phones:
            both = [Baresip(number, server.host, modules) for number in BARESIPS]
            try:
                time.sleep(3)
                while len(phones.messages) < count * SHARE:
                    for command in (f"dial sip:2001@{server.host}", "hold", "resume", "hangup"):
                        both[0].command(command)
                        time.sleep(1)
            finally:
                for one in both:
                    one.stop()
        with Phone(pinned(1)), Capture() as trunks:
            call(server.host, 50, count / 13 / 50 + 1, pinned(1))
    found = phones.messages[: int(count * SHARE)]
    return [*found, *trunks.messages[: count - len(found)]]


def renewed(messages: list[bytes], number: int) -> list[bytes]:
    """The same messages as if they were of other calls: other branches, tags and Call-IDs."""
    mark = b"x%d" % number
    return [_TOKENS.sub(lambda found: found[0] + mark, message) for message in messages]


_TOKENS = re.compile(rb"(?:branch=|tag=)[^;>\s,]+|(?im:^(?:call-id|i)\s*:\s*[^\s@]+)")
