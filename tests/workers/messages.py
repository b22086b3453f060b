"""SIP messages as phones send them, in the forms that the grammar allows."""


def request(method: str = "INVITE", call_id: str = "abc@192.0.2.5", caller: str = "1201", tag: str = "",
            more: str = "") -> bytes:  # fmt: skip
    """``tag`` is that in To; ``more`` are whole header lines."""
    to = f";tag={tag}" if tag else ""
    return (
        f"{method} sip:1047@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.5:5060;branch=z9hG4bK7;rport\r\n"
        f"Max-Forwards: 70\r\nFrom: <sip:{caller}@192.0.2.1>;tag=f\r\nTo: <sip:1047@192.0.2.1>{to}\r\n"
        f"Call-ID: {call_id}\r\nCSeq: 1 {method}\r\n{more}Content-Length: 0\r\n\r\n"
    ).encode()


def response(branch: str, status: str = "200 OK") -> bytes:
    """To a request with this branch."""
    return (
        f"SIP/2.0 {status}\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch={branch};rport\r\nFrom: <sip:1201@192.0.2.1>;tag=f"
        f"\r\nTo: <sip:1047@192.0.2.5>;tag=w9.other\r\nCall-ID: abc\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"
    ).encode()
