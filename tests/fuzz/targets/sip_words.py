"""Messages and words of SIP that several targets begin with."""

from magroup.sip.message import COMPACT, METHODS

OPTIONS = (
    b"OPTIONS sip:bob@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKa1;rport\r\nMax-Forwards: 70"
    b"\r\n"
    b"From: \"Ann\" <sip:ann@192.0.2.1>;tag=1\r\nTo: <sip:bob@192.0.2.2>\r\nCall-ID: c1@192.0.2.1\r\nCSeq: 7 OPTIONS\r"
    b"\n"
    b"Contact: <sip:ann@192.0.2.1:5060>\r\nAccept: application/sdp\r\nContent-Length: 0\r\n\r\n"
)  # fmt: skip
SDP = (
    b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0 8 101\r\n"
    b"a=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n"
)  # fmt: skip
INVITE = (
    b"INVITE sip:bob@192.0.2.2;user=phone SIP/2.0\r\nv: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKi1;rport;x=\";received=y\""
    b"\r\n"
    b"f: sip:ann@192.0.2.1;tag=i\r\nt: sip:bob@192.0.2.2\r\ni: i1\r\nCSeq: 1 INVITE\r\nm: <sip:ann@192.0.2.1>\r\n"
    b"Supported: 100rel, timer,replaces\r\nSession-Expires: 1800;refresher=uac\r\nMin-SE: 90\r\n"
    b"P-Asserted-Identity: \"A, B\" <sip:1047@192.0.2.1>, <tel:+41123>\r\nDiversion: <sip:1@192.0.2.1>;reason=no-answe"
    b"r\r\n"
    b"c: application/sdp\r\nl: %d\r\n\r\n%b" % (len(SDP), SDP)
)  # fmt: skip
REGISTER = (
    b"REGISTER sip:192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bKr1\r\nFrom: <sip:1047@192.0.2.2>"
    b";tag=r\r\n"
    b"To: <sip:1047@192.0.2.2>\r\nCall-ID: r1\r\nCSeq: 2 REGISTER\r\nExpires: 3600\r\n"
    b"Contact: <sip:1047@192.0.2.1:5060;transport=tcp>;expires=60;q=0.5;+sip.instance=\"<urn:uuid:1>\";reg-id=1\r\n"
    b"Path: <sip:192.0.2.3;lr>\r\nAuthorization: Digest username=\"1047\", realm=\"magroup\", nonce=\"n\", uri=\"sip:1"
    b"92.0.2.2\", "
    b"response=\"0123456789abcdef0123456789abcdef\", algorithm=SHA-256, qop=auth, nc=00000001, cnonce=\"c\"\r\n"
    b"Content-Length: 0\r\n\r\n"
)  # fmt: skip
FOLDED = OPTIONS.replace(b"Accept: application/sdp", b"Subject: a\r\n  folded\r\n\tvalue\r\nEvent: presence;id=1")
REFER = (
    b"REFER sip:bob@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP [2001:db8::1]:5060;branch=z9hG4bKf1, SIP/2.0/UDP 192.0.2.9;b"
    b"ranch=x\r\n"
    b"From: <sip:ann@192.0.2.1>;tag=1\r\nTo: <sip:bob@192.0.2.2>;tag=2\r\nCall-ID: f1\r\nCSeq: 3 REFER\r\n"
    b"Refer-To: <sip:c@192.0.2.3?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2&x=y>\r\nReferred-By: <sip:ann@192.0.2.1>\r\n"
    b"Route: <sip:192.0.2.4;lr>, <sip:n1-0123456789abcdef0123@192.0.2.5;lr>\r\nRequire: norefersub\r\nRefer-Sub: false"
    b"\r\n"
    b"Replaces: a;to-tag=1;from-tag=2;early-only\r\nContent-Length: 0\r\n\r\n"
)  # fmt: skip
RESPONSE = (
    b"SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa1;received=192.0.2.1;rport=5060\r\n"
    b"From: <sip:ann@192.0.2.1>;tag=1\r\nTo: <sip:bob@192.0.2.2>;tag=2\r\nCall-ID: c1@192.0.2.1\r\nCSeq: 7 OPTIONS\r\n"
    b"WWW-Authenticate: Digest realm=\"a\\\"b\", nonce=\"n\", algorithm=MD5, qop=\"auth,auth-int\", opaque=\"o\", stal"
    b"e=TRUE\r\n"
    b"Retry-After: 5 (busy);duration=60\r\nContent-Length: 0\r\n\r\n"
)  # fmt: skip
PLAIN_LINES = OPTIONS.replace(b"\r\n", b"\n")
USUAL_REGISTER = REGISTER.replace(b"Path: <sip:192.0.2.3;lr>\r\n", b"User-Agent: Phone/1\r\n")
MESSAGES = (OPTIONS, INVITE, REGISTER, USUAL_REGISTER, FOLDED, REFER, RESPONSE, PLAIN_LINES)

TOKENS = (
    *(method.encode() for method in sorted(METHODS)), *(f"\r\n{name}: ".encode() for name in sorted(COMPACT)),
    *(f"\r\n{name}: ".encode() for name in sorted(COMPACT.values())),
    b"SIP/2.0", b"SIP/1.0", b"sip:", b"sips:", b"tel:+1", b"Via: ", b"\r\nCSeq: ", b"\r\nMax-Forwards: ",
    b"\r\nRoute: ", b"\r\nExpires: ",
    b"\r\nRequire: 100rel", b"\r\nPath: <sip:a;lr>", b"\r\nRecord-Route: <sip:a;lr>", b"\r\nRAck: 1 1 INVITE",
    b"\r\nRSeq: 1",
    b"\r\nSubscription-State: active", b"\r\nWarning: 399 a \"b\"", b"\r\nReason: Q.850;cause=16", b"\r\n ",
    b"\r\n\t", b"*",
    b";branch=z9hG4bK", b";rport", b";rport=", b";received=", b";tag=", b";lr", b";transport=tls", b";maddr=1.2.3.4",
    b";ttl=1", b";q=0.1",
    b";expires=", b";x=\";rport  \"", b"<sip:", b">", b"\"", b"\\\"", b"[::1]", b"[", b"%3B", b"%00",
    b"application/sdp", b"multipart/mixed",
    b", ", b"?a=b", b"@", b"SIP / 2.0 / UDP ",
)  # fmt: skip
