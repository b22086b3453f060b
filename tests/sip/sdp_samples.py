"""Session descriptions as phones write them."""


def sdp(text: str) -> bytes:
    """The lines of ``text`` as they go on the wire."""
    return "".join(f"{line.strip()}\r\n" for line in text.strip().splitlines()).encode()


CISCO = sdp("""
    v=0
    o=Cisco-SIPUA 20472 0 IN IP4 10.1.1.21
    s=SIP Call
    b=AS:4064
    t=0 0
    m=audio 28170 RTP/AVP 114 9 124 113 115 0 8 116 18 101
    c=IN IP4 10.1.1.21
    b=TIAS:64000
    a=rtpmap:114 opus/48000/2
    a=fmtp:114 maxplaybackrate=16000;sprop-maxcapturerate=16000;maxaveragebitrate=64000;stereo=0
    a=rtpmap:9 G722/8000
    a=rtpmap:124 ISAC/16000
    a=rtpmap:113 AMR-WB/16000
    a=fmtp:113 octet-align=0;mode-change-capability=2
    a=rtpmap:115 AMR-WB/16000
    a=rtpmap:0 PCMU/8000
    a=rtpmap:8 PCMA/8000
    a=rtpmap:116 iLBC/8000
    a=fmtp:116 mode=20
    a=rtpmap:18 G729/8000
    a=fmtp:18 annexb=yes
    a=rtpmap:101 telephone-event/8000
    a=fmtp:101 0-15
    a=sendrecv
    m=video 28834 RTP/AVP 126 97
    c=IN IP4 10.1.1.21
    b=TIAS:4000000
    a=rtpmap:126 H264/90000
    a=fmtp:126 profile-level-id=64001F;packetization-mode=1
    a=rtpmap:97 H264/90000
    a=imageattr:126 recv [x=800,y=480,q=0.60]
    a=sendrecv
""")
YEALINK = sdp("""
    v=0
    o=- 20083 20083 IN IP4 192.168.1.105
    s=SDP data
    c=IN IP4 192.168.1.105
    t=0 0
    m=audio 11796 RTP/AVP 9 0 8 18 101
    a=rtpmap:9 G722/8000
    a=rtpmap:0 PCMU/8000
    a=rtpmap:8 PCMA/8000
    a=rtpmap:18 G729/8000
    a=fmtp:18 annexb=no
    a=fmtp:101 0-15
    a=rtpmap:101 telephone-event/8000
    a=ptime:20
    a=sendrecv
""")
SNOM = sdp("""
    v=0
    o=root 1846390741 1846390741 IN IP4 192.168.10.40
    s=call
    c=IN IP4 192.168.10.40
    t=0 0
    m=audio 57104 RTP/AVP 9 8 0 99 3 18 101
    a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz
    a=rtpmap:9 G722/8000
    a=rtpmap:8 PCMA/8000
    a=rtpmap:0 PCMU/8000
    a=rtpmap:99 G726-32/8000
    a=rtpmap:3 GSM/8000
    a=rtpmap:18 G729/8000
    a=fmtp:18 annexb=no
    a=rtpmap:101 telephone-event/8000
    a=fmtp:101 0-15
    a=ptime:20
    a=sendrecv
""")
SNOM_HOLD = SNOM.replace(b"1846390741 IN", b"1846390742 IN").replace(b"a=sendrecv", b"a=sendonly")
ZOIPER = sdp("""
    v=0
    o=Z 1698165120373 1 IN IP4 192.168.0.17
    s=Z
    c=IN IP4 192.168.0.17
    t=0 0
    m=audio 8000 RTP/AVP 106 9 98 101 0 8 3
    a=rtpmap:106 opus/48000/2
    a=fmtp:106 sprop-maxcapturerate=16000; minptime=20; useinbandfec=1
    a=rtpmap:98 telephone-event/48000
    a=fmtp:98 0-16
    a=rtpmap:101 telephone-event/8000
    a=fmtp:101 0-16
    a=sendrecv
    a=rtcp-mux
""")
BARESIP = sdp("""
    v=0
    o=- 3870137183 1493294374 IN IP4 127.0.0.11
    s=-
    c=IN IP4 127.0.0.11
    t=0 0
    a=tool:baresip 1.0.0
    m=audio 21004 RTP/AVP 0 8 101
    b=AS:125
    a=rtpmap:0 PCMU/8000
    a=rtpmap:8 PCMA/8000
    a=rtpmap:101 telephone-event/8000
    a=fmtp:101 0-15
    a=rtcp:21005
    a=sendrecv
    a=label:1
    a=rtcp-rsize
    a=ssrc:2284092303 cname:sip:alice@127.0.0.1
    a=ptime:20
""")
LINPHONE = sdp("""
    v=0
    o=alice 2734 1906 IN IP4 127.0.0.21
    s=Talk
    c=IN IP4 127.0.0.21
    t=0 0
    a=rtcp-xr:rcvr-rtt=all:10000 stat-summary=loss,dup,jitt,TTL voip-metrics
    a=record:off
    m=audio 7078 RTP/AVPF 96 97 98 0 8 18 101 99 100
    a=rtpmap:96 opus/48000/2
    a=fmtp:96 useinbandfec=1
    a=rtpmap:97 speex/16000
    a=fmtp:97 vbr=on
    a=rtpmap:98 speex/8000
    a=fmtp:98 vbr=on
    a=fmtp:18 annexb=yes
    a=rtpmap:101 telephone-event/48000
    a=rtpmap:99 telephone-event/16000
    a=rtpmap:100 telephone-event/8000
    a=rtcp:7079
    a=rtcp-fb:* trr-int 1000
    a=rtcp-fb:* ccm tmmbr
""")
BROWSER = sdp("""
    v=0
    o=- 4611731400430051336 2 IN IP4 127.0.0.1
    s=-
    t=0 0
    a=group:BUNDLE 0
    m=audio 9 UDP/TLS/RTP/SAVPF 111 0 8 126
    c=IN IP4 0.0.0.0
    a=rtcp:9 IN IP4 0.0.0.0
    a=ice-ufrag:F7gI
    a=ice-pwd:x9cml/YzichV2+XlhiMu8g
    a=fingerprint:sha-1 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB
    a=setup:actpass
    a=mid:0
    a=sendrecv
    a=rtcp-mux
    a=rtpmap:111 opus/48000/2
    a=rtpmap:0 PCMU/8000
    a=rtpmap:8 PCMA/8000
    a=rtpmap:126 telephone-event/8000
""")
ICE = sdp("""
    v=0
    o=- 3800 3800 IN IP6 2001:db8::10
    s=pjmedia
    b=AS:84
    t=0 0
    a=X-nat:0
    a=group:BUNDLE audio video
    m=audio 4000 RTP/AVP 8 0 96
    c=IN IP6 2001:db8::10
    b=TIAS:64000
    a=rtcp:4001 IN IP6 2001:db8::11
    a=mid:audio
    a=sendrecv
    a=rtpmap:8 PCMA/8000
    a=rtpmap:0 PCMU/8000
    a=rtpmap:96 telephone-event/8000
    a=fmtp:96 0-16
    a=ice-ufrag:1c2d3e4f
    a=ice-pwd:0123456789abcdef01234567
    a=candidate:H1 1 UDP 2130706431 2001:db8::10 4000 typ host
    m=video 4002 RTP/AVP 97
    c=IN IP6 2001:db8::10
    a=mid:video
    a=rtpmap:97 H264/90000
""")
SRTP_OR_PLAIN = sdp("""
    v=0
    o=- 5 5 IN IP4 10.0.0.5
    s=-
    c=IN IP4 10.0.0.5
    t=0 0
    m=audio 5000 RTP/SAVP 0
    a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj
    m=audio 5002 RTP/AVP 0
""")
OLD_HOLD = sdp("""
    v=0
    o=HuaweiIAD 7 8 IN IP4 10.0.0.9
    s=Sip Call
    c=IN IP4 0.0.0.0
    t=0 0
    m=audio 9000 RTP/AVP 8 0
""")
FAX = sdp("""
    v=0
    o=gw 1 2 IN IP4 10.0.0.8
    s=-
    c=IN IP4 10.0.0.8
    t=0 0
    m=image 6000 udptl t38
    a=T38FaxVersion:0
""")
ALL = {
    "Cisco": CISCO, "Yealink": YEALINK, "Snom": SNOM, "Snom hold": SNOM_HOLD, "Zoiper": ZOIPER, "baresip": BARESIP,
    "linphone": LINPHONE, "browser": BROWSER, "ICE": ICE, "SRTP or plain": SRTP_OR_PLAIN, "old hold": OLD_HOLD,
    "fax": FAX,
}  # fmt: skip
