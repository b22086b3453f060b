"""Messages read and written a second: ``python -m tests.bench.sip_parse [--messages 1000] [--passes 20]``.

The same real messages, captured while SIPp and baresip call through magroup (that needs root), for magroup, sippy and
sipmessage (from PyPI, in environments of their own). All three read most headers when they are asked for, so two
figures are told: read and written again; and with From, To, CSeq, the topmost Via and the Contact looked at in
between, as every server must. In each pass the messages are those of other calls, so that nobody has seen them before.
"""

import argparse
import pickle
import subprocess
import sys
from collections.abc import Callable
from statistics import median
from time import process_time
from typing import Any

Work = Callable[[bytes], bytes]


def of_magroup() -> tuple[Work, Work]:
    from magroup.sip.message import parse_message

    def plain(data: bytes) -> bytes:
        return parse_message(data).encode()

    def looked(data: bytes) -> bytes:
        message = parse_message(data)
        found = (message.from_.uri.number, message.from_.tag, message.to.uri.number, message.to.tag, message.cseq,
                 message.via.params, message.contact)  # fmt: skip
        assert found
        return message.encode()

    return plain, looked


def of_sippy() -> tuple[Work, Work]:
    from sippy.SipRequest import SipRequest
    from sippy.SipResponse import SipResponse

    def parse(data: bytes) -> Any:
        text = data.decode()
        message = SipResponse(text) if text.startswith("SIP/2.0") else SipRequest(text)
        message.init_body()
        return message

    def plain(data: bytes) -> bytes:
        return str(parse(data)).encode()

    def looked(data: bytes) -> bytes:
        message = parse(data)
        from_, to = message.getHFBody("from"), message.getHFBody("to")
        via, contact = message.getHFBody("via"), message.countHFs("contact") and message.getHFBody("contact")
        found = (from_.getUrl().username, from_.getTag(), to.getUrl().username, to.getTag(),
                 message.getHFBody("cseq").cseq, via.getBranch(), contact and contact.getUrl())  # fmt: skip
        assert found
        return str(message).encode()

    return plain, looked


def of_sipmessage() -> tuple[Work, Work]:
    from sipmessage import Message

    def plain(data: bytes) -> bytes:
        return bytes(Message.parse(data))

    def looked(data: bytes) -> bytes:
        message = Message.parse(data)
        from_, to = message.from_address, message.to_address
        found = (from_.uri.user, from_.parameters.get("tag"), to.uri.user, to.parameters.get("tag"), message.cseq,
                 message.via[0].parameters.get("branch"), message.contact)  # fmt: skip
        assert found
        return bytes(message)

    return plain, looked


PARSERS = {"magroup": of_magroup, "sipmessage": of_sipmessage, "sippy": of_sippy}


def child(name: str) -> None:
    """Time the passes that come in, the first one as a warm-up; the medians of both works, in messages a second."""
    passes: list[list[bytes]] = pickle.load(sys.stdin.buffer)
    for work in PARSERS[name]():
        spent = []
        for messages in passes:
            begun = process_time()
            for message in messages:
                work(message)
            spent.append((process_time() - begun) / len(messages))
        print(1 / median(spent[1:]))


def main() -> None:
    from tests.bench.sip_captured import captured, renewed
    from tests.bench.sip_servers import TREE, pinned, python_with

    parser = argparse.ArgumentParser(prog="python -m tests.bench.sip_parse", description=__doc__)
    parser.add_argument("--messages", type=int, default=1000)
    parser.add_argument("--passes", type=int, default=20)
    options = parser.parse_args()
    messages = captured(options.messages)
    size = sum(map(len, messages)) / len(messages)
    print(f"{len(messages)} messages of {size:.0f} bytes on average; messages a second:")
    data = pickle.dumps([renewed(messages, number) for number in range(options.passes + 1)])
    first: list[float] = []
    for name in PARSERS:
        python = sys.executable if name == "magroup" else python_with(name)
        done = subprocess.run([*pinned(0), python, __file__, name], input=data, capture_output=True, check=True,
                              env={"PYTHONPATH": str(TREE)})  # fmt: skip
        plain, looked = map(float, done.stdout.split())
        first = first or [plain, looked]
        print(f"{name:10} read, written {plain:8.0f} ({first[0] / plain:.1f} x), looked at, too {looked:8.0f} "
              f"({first[1] / looked:.1f} x)", flush=True)  # fmt: skip


if __name__ == "__main__":
    child(sys.argv[1]) if len(sys.argv) == 2 and sys.argv[1] in PARSERS else main()
