"""Traces of Asterisk, written by hand from its documentation: a line for each event, with what matters of it.

    Event  Channel  Uniqueid  Linkedid  ChannelState  Name=value ...

For the events of two channels the second one's four fields follow ``>``; Linkedid ``=`` is the Uniqueid.
"""

from magroup.ami.message import Message

INTO_A_FOLLOW_ME = """
Newchannel PJSIP/provider-00000010 1.10 = 4 CallerIDNum=0791112233 CallerIDName=Vera Exten=0315311111
NewExten PJSIP/provider-00000010 1.10 = 4 Extension=1175 Application=Dial
Newchannel Local/1175@from-internal-00000003;1 1.11 1.10 0
Newchannel Local/1175@from-internal-00000003;2 1.12 1.10 4 Exten=1175
DialBegin PJSIP/provider-00000010 1.10 = 4 > Local/1175@from-internal-00000003;1 1.11 1.10 0 DialString=1175
NewExten Local/1175@from-internal-00000003;2 1.12 1.10 4 Extension=1175 Application=Dial
Newchannel PJSIP/1175-00000011 1.13 1.10 0 CallerIDNum=1175
DialBegin Local/1175@from-internal-00000003;2 1.12 1.10 4 > PJSIP/1175-00000011 1.13 1.10 0 DialString=1175
Newstate PJSIP/1175-00000011 1.13 1.10 5
Newstate Local/1175@from-internal-00000003;1 1.11 1.10 5
Newstate PJSIP/1175-00000011 1.13 1.10 6
DialEnd Local/1175@from-internal-00000003;2 1.12 1.10 4 > PJSIP/1175-00000011 1.13 1.10 6 DialStatus=ANSWER
Newstate Local/1175@from-internal-00000003;2 1.12 1.10 6
Newstate Local/1175@from-internal-00000003;1 1.11 1.10 6
DialEnd PJSIP/provider-00000010 1.10 = 4 > Local/1175@from-internal-00000003;1 1.11 1.10 6 DialStatus=ANSWER
BridgeEnter PJSIP/1175-00000011 1.13 1.10 6 BridgeUniqueid=b1
BridgeEnter Local/1175@from-internal-00000003;2 1.12 1.10 6 BridgeUniqueid=b1
Newstate PJSIP/provider-00000010 1.10 = 6
BridgeEnter Local/1175@from-internal-00000003;1 1.11 1.10 6 BridgeUniqueid=b2
BridgeEnter PJSIP/provider-00000010 1.10 = 6 BridgeUniqueid=b2
BridgeLeave PJSIP/1175-00000011 1.13 1.10 6 BridgeUniqueid=b1
BridgeEnter PJSIP/1175-00000011 1.13 1.10 6 BridgeUniqueid=b2 SwapUniqueid=1.11
BridgeLeave Local/1175@from-internal-00000003;1 1.11 1.10 6 BridgeUniqueid=b2
Hangup Local/1175@from-internal-00000003;1 1.11 1.10 6 Cause=16
BridgeLeave Local/1175@from-internal-00000003;2 1.12 1.10 6 BridgeUniqueid=b1
Hangup Local/1175@from-internal-00000003;2 1.12 1.10 6 Cause=16
"""
IT_ENDS = """
HangupRequest PJSIP/1175-00000011 1.13 1.10 6
BridgeLeave PJSIP/1175-00000011 1.13 1.10 6 BridgeUniqueid=b2
Hangup PJSIP/1175-00000011 1.13 1.10 6 Cause=16
BridgeLeave PJSIP/provider-00000010 1.10 = 6 BridgeUniqueid=b2
Hangup PJSIP/provider-00000010 1.10 = 6 Cause=16
"""
THE_PHONE_CONSULTS = """
Hold PJSIP/1175-00000011 1.13 1.10 6
Newchannel PJSIP/1175-00000014 1.20 = 4 CallerIDNum=1175 CallerIDName=Ann Exten=1176
NewExten PJSIP/1175-00000014 1.20 = 4 Extension=1176 Application=Dial
Newchannel PJSIP/1176-00000015 1.21 1.20 0 CallerIDNum=1176
DialBegin PJSIP/1175-00000014 1.20 = 4 > PJSIP/1176-00000015 1.21 1.20 0 DialString=1176
Newstate PJSIP/1176-00000015 1.21 1.20 5
Newstate PJSIP/1176-00000015 1.21 1.20 6
DialEnd PJSIP/1175-00000014 1.20 = 4 > PJSIP/1176-00000015 1.21 1.20 6 DialStatus=ANSWER
Newstate PJSIP/1175-00000014 1.20 = 6
BridgeEnter PJSIP/1176-00000015 1.21 1.20 6 BridgeUniqueid=b3
BridgeEnter PJSIP/1175-00000014 1.20 = 6 BridgeUniqueid=b3
"""
MERGED = """
BridgeLeave PJSIP/1175-00000014 1.20 = 6 BridgeUniqueid=b3
BridgeLeave PJSIP/1176-00000015 1.21 1.20 6 BridgeUniqueid=b3
BridgeEnter PJSIP/1176-00000015 1.21 1.10 6 BridgeUniqueid=b2 SwapUniqueid=1.13
BridgeLeave PJSIP/1175-00000011 1.13 1.10 6 BridgeUniqueid=b2
"""
THE_OTHER_WAY_ROUND = """
BridgeLeave PJSIP/1175-00000011 1.13 1.10 6 BridgeUniqueid=b2
BridgeLeave PJSIP/provider-00000010 1.10 = 6 BridgeUniqueid=b2
BridgeEnter PJSIP/provider-00000010 1.10 = 6 BridgeUniqueid=b3 SwapUniqueid=1.20
BridgeLeave PJSIP/1175-00000014 1.20 1.10 6 BridgeUniqueid=b3
"""
TRANSFERRED = (
    "AttendedTransfer - - - - Result=Success OrigTransfererChannel=PJSIP/1175-00000011 OrigTransfererUniqueid=1.13"
    " OrigTransfererLinkedid=1.10 OrigTransfererChannelState=6 OrigBridgeUniqueid=b2"
    " SecondTransfererChannel=PJSIP/1175-00000014 SecondTransfererUniqueid=1.20 SecondTransfererChannelState=6"
    " SecondTransfererLinkedid=1.20 SecondBridgeUniqueid=b3 DestType=Bridge DestBridgeUniqueid="
)
BOTH_ARE_GONE = """
Hangup PJSIP/1175-00000011 1.13 1.10 6 Cause=16
Hangup PJSIP/1175-00000014 1.20 1.10 6 Cause=16
"""
OUT_OVER_A_TRUNK = """
Newchannel SIP/1175-0000001a 2.1 = 0 CallerIDNum=1175 CallerIDName=Ann Exten=0791234567
Newstate SIP/1175-0000001a 2.1 = 4 Exten=0791234567
NewExten SIP/1175-0000001a 2.1 = 4 Extension=s Application=Dial
Newchannel SIP/provider-0000001b 2.2 2.1 0
DialBegin SIP/1175-0000001a 2.1 = 4 > SIP/provider-0000001b 2.2 2.1 0 DialString=provider/0791234567
DialState SIP/1175-0000001a 2.1 = 4 > SIP/provider-0000001b 2.2 2.1 0 DialStatus=PROGRESS
Newstate SIP/provider-0000001b 2.2 2.1 6
DialEnd SIP/1175-0000001a 2.1 = 4 > SIP/provider-0000001b 2.2 2.1 6 DialStatus=ANSWER
BridgeEnter SIP/provider-0000001b 2.2 2.1 6 BridgeUniqueid=b9
BridgeEnter SIP/1175-0000001a 2.1 = 6 BridgeUniqueid=b9
HangupRequest SIP/provider-0000001b 2.2 2.1 6
BridgeLeave SIP/provider-0000001b 2.2 2.1 6 BridgeUniqueid=b9
BridgeLeave SIP/1175-0000001a 2.1 = 6 BridgeUniqueid=b9
Hangup SIP/1175-0000001a 2.1 = 6 Cause=16
Hangup SIP/provider-0000001b 2.2 2.1 6 Cause=16
"""
TWO_CONTACTS_AND_ANOTHER = """
Newchannel PJSIP/1176-00000001 3.1 = 4 CallerIDNum=1176 Exten=600
Newchannel PJSIP/1175-00000002 3.2 3.1 0
DialBegin PJSIP/1176-00000001 3.1 = 4 > PJSIP/1175-00000002 3.2 3.1 0 DialString=1175
Newchannel PJSIP/1175-00000003 3.3 3.1 0
DialBegin PJSIP/1176-00000001 3.1 = 4 > PJSIP/1175-00000003 3.3 3.1 0 DialString=1175
Newchannel PJSIP/1177-00000004 3.4 3.1 0
DialBegin PJSIP/1176-00000001 3.1 = 4 > PJSIP/1177-00000004 3.4 3.1 0 DialString=1177
Newstate PJSIP/1175-00000003 3.3 3.1 5
Newstate PJSIP/1175-00000002 3.2 3.1 5
Newstate PJSIP/1177-00000004 3.4 3.1 5
Newstate PJSIP/1175-00000003 3.3 3.1 6
DialEnd PJSIP/1176-00000001 3.1 = 4 > PJSIP/1175-00000002 3.2 3.1 5 DialStatus=CANCEL
Hangup PJSIP/1175-00000002 3.2 3.1 5 Cause=26
DialEnd PJSIP/1176-00000001 3.1 = 4 > PJSIP/1177-00000004 3.4 3.1 5 DialStatus=CANCEL
Hangup PJSIP/1177-00000004 3.4 3.1 5 Cause=26
DialEnd PJSIP/1176-00000001 3.1 = 4 > PJSIP/1175-00000003 3.3 3.1 6 DialStatus=ANSWER
BridgeEnter PJSIP/1175-00000003 3.3 3.1 6 BridgeUniqueid=b5
BridgeEnter PJSIP/1176-00000001 3.1 = 6 BridgeUniqueid=b5
"""
SENT_ON_BY_THE_PHONE = """
Newchannel PJSIP/1176-00000001 6.1 = 4 CallerIDNum=1176 Exten=1175
Newchannel PJSIP/1175-00000002 6.2 6.1 0
DialBegin PJSIP/1176-00000001 6.1 = 4 > PJSIP/1175-00000002 6.2 6.1 0 DialString=1175
Newchannel Local/1177@from-internal-00000001;1 6.3 6.1 0
Newchannel Local/1177@from-internal-00000001;2 6.4 6.1 4 Exten=1177
DialEnd PJSIP/1176-00000001 6.1 = 4 > PJSIP/1175-00000002 6.2 6.1 0 DialStatus=CANCEL Forward=1177@from-internal
Hangup PJSIP/1175-00000002 6.2 6.1 0 Cause=0
DialBegin PJSIP/1176-00000001 6.1 = 4 > Local/1177@from-internal-00000001;1 6.3 6.1 0 DialString=1177@from-internal
Newchannel PJSIP/1177-00000003 6.5 6.1 0
DialBegin Local/1177@from-internal-00000001;2 6.4 6.1 4 > PJSIP/1177-00000003 6.5 6.1 0 DialString=1177
Newstate PJSIP/1177-00000003 6.5 6.1 5
"""
OVER_OUR_TRUNK = """
Newchannel PJSIP/magroup-00000001 4.1 = 4 CallerIDNum=0791112233 Exten=1175
Newchannel PJSIP/1175-00000002 4.2 4.1 0
DialBegin PJSIP/magroup-00000001 4.1 = 4 > PJSIP/1175-00000002 4.2 4.1 0 DialString=1175
Newstate PJSIP/1175-00000002 4.2 4.1 5
Newstate PJSIP/1175-00000002 4.2 4.1 6
BridgeEnter PJSIP/1175-00000002 4.2 4.1 6 BridgeUniqueid=b7
BridgeEnter PJSIP/magroup-00000001 4.1 = 6 BridgeUniqueid=b7
Hangup PJSIP/1175-00000002 4.2 4.1 6 Cause=16
Hangup PJSIP/magroup-00000001 4.1 = 6 Cause=16
"""
TO_OUR_TRUNK = """
Newchannel PJSIP/1175-00000001 5.1 = 4 CallerIDNum=1175 Exten=4000
NewExten PJSIP/1175-00000001 5.1 = 4 Extension=4000 Application=Dial
Newchannel PJSIP/magroup-00000002 5.2 5.1 0
DialBegin PJSIP/1175-00000001 5.1 = 4 > PJSIP/magroup-00000002 5.2 5.1 0 DialString=4000@magroup
Newstate PJSIP/magroup-00000002 5.2 5.1 5
Newstate PJSIP/magroup-00000002 5.2 5.1 6
BridgeEnter PJSIP/magroup-00000002 5.2 5.1 6 BridgeUniqueid=b8
BridgeEnter PJSIP/1175-00000001 5.1 = 6 BridgeUniqueid=b8
Hangup PJSIP/1175-00000001 5.1 = 6 Cause=16
Hangup PJSIP/magroup-00000002 5.2 5.1 6 Cause=16
"""


# As Asterisk 22.10 has told it, with the same numbers everywhere: the state of who is called comes when it wants.
RINGS_BEFORE_THE_DIAL = """
Newchannel PJSIP/{caller}-00000001 7.1 = 4 CallerIDNum=1176 Exten=1175
Newchannel PJSIP/1175-00000002 7.2 7.1 0 Exten=s
Newstate PJSIP/1175-00000002 7.2 7.1 5 Exten=1175 CallerIDNum=1175
Newstate PJSIP/1175-00000002 7.2 7.1 6 Exten=1175 CallerIDNum=1175
BridgeEnter PJSIP/1175-00000002 7.2 7.1 6 BridgeUniqueid=b9
DialBegin PJSIP/{caller}-00000001 7.1 = 4 > PJSIP/1175-00000002 7.2 7.1 0 DialString=1175
DialEnd PJSIP/{caller}-00000001 7.1 = 4 > PJSIP/1175-00000002 7.2 7.1 6 DialStatus=ANSWER
Newstate PJSIP/{caller}-00000001 7.1 = 6
BridgeEnter PJSIP/{caller}-00000001 7.1 = 6 BridgeUniqueid=b9
"""
IT_IS_OVER = """
BridgeLeave PJSIP/{caller}-00000001 7.1 = 6 BridgeUniqueid=b9
Hangup PJSIP/{caller}-00000001 7.1 = 6 Cause=16
BridgeLeave PJSIP/1175-00000002 7.2 7.1 6 BridgeUniqueid=b9
Hangup PJSIP/1175-00000002 7.2 7.1 6 Cause=16
"""
ASTERISK_CONSULTS = """
Hold PJSIP/1175-00000002 7.2 7.1 6
DTMFEnd PJSIP/1175-00000002 7.2 7.1 6 Digit=1 Direction=Received
Newchannel Local/1177@from-internal-00000000;1 7.4 7.1 0 Exten=1177
Newchannel Local/1177@from-internal-00000000;2 7.5 7.1 4 Exten=1177
BridgeEnter Local/1177@from-internal-00000000;1 7.4 7.1 0 BridgeUniqueid=b10
Newchannel PJSIP/1177-00000003 7.6 7.1 0 Exten=s
DialBegin Local/1177@from-internal-00000000;2 7.5 7.1 4 > PJSIP/1177-00000003 7.6 7.1 0 DialString=1177
Newstate PJSIP/1177-00000003 7.6 7.1 5
BridgeLeave PJSIP/1175-00000002 7.2 7.1 6 BridgeUniqueid=b9
BridgeEnter PJSIP/1175-00000002 7.2 7.1 6 BridgeUniqueid=b10
Newstate PJSIP/1177-00000003 7.6 7.1 6
DialEnd Local/1177@from-internal-00000000;2 7.5 7.1 4 > PJSIP/1177-00000003 7.6 7.1 6 DialStatus=ANSWER
BridgeEnter PJSIP/1177-00000003 7.6 7.1 6 BridgeUniqueid=b11
BridgeEnter Local/1177@from-internal-00000000;2 7.5 7.1 6 BridgeUniqueid=b11
"""
GIVEN_UP_BEHIND_A_LOCAL_ONE = """
Newchannel PJSIP/1176-00000001 8.1 = 4 CallerIDNum=1176 Exten=1175
Newchannel Local/1177@from-internal-00000000;1 8.2 8.1 0 Exten=1177
Newchannel Local/1177@from-internal-00000000;2 8.3 8.1 4 Exten=1177
DialBegin PJSIP/1176-00000001 8.1 = 4 > Local/1177@from-internal-00000000;1 8.2 8.1 0 DialString=1177
Newchannel PJSIP/1177-00000002 8.4 8.1 0 Exten=s
DialBegin Local/1177@from-internal-00000000;2 8.3 8.1 4 > PJSIP/1177-00000002 8.4 8.1 0 DialString=1177
Newstate PJSIP/1177-00000002 8.4 8.1 5
Hangup Local/1177@from-internal-00000000;1 8.2 8.1 5 Cause=0
Hangup PJSIP/1176-00000001 8.1 = 4 Cause=127
Hangup PJSIP/1177-00000002 8.4 8.1 5 Cause=0
Hangup Local/1177@from-internal-00000000;2 8.3 8.1 4 Cause=0
"""
PICKED_UP = """
Newchannel PJSIP/1176-00000001 9.1 = 4 CallerIDNum=1176 Exten=1175
Newchannel PJSIP/1175-00000002 9.2 9.1 0 Exten=s
DialBegin PJSIP/1176-00000001 9.1 = 4 > PJSIP/1175-00000002 9.2 9.1 0 DialString=1175
Newstate PJSIP/1175-00000002 9.2 9.1 5
Newchannel PJSIP/1177-00000003 ours = 0 CallerIDNum=1176 Exten=s
Newstate PJSIP/1177-00000003 ours = 6 CallerIDNum=1176
Pickup PJSIP/1177-00000003 ours = 6 TargetChannel=PJSIP/1175-00000002 TargetUniqueid=9.2 TargetLinkedid=9.1
DialEnd PJSIP/1176-00000001 9.1 = 4 > PJSIP/1177-00000003 ours = 6 DialStatus=ANSWER
Newstate PJSIP/1176-00000001 9.1 = 6
BridgeEnter PJSIP/1177-00000003 ours = 6 BridgeUniqueid=b12
BridgeEnter PJSIP/1176-00000001 9.1 = 6 BridgeUniqueid=b12
Hangup PJSIP/1175-00000002 9.2 9.1 5 Cause=26
"""


def messages(text: str) -> list[Message]:
    """A trace as the messages that Asterisk sends."""
    return [_message(line.split()) for line in text.splitlines() if line]


def _message(words: list[str]) -> Message:
    fields = [("Event", words[0]), ("Privilege", "call,all")]
    rest = words[1:]
    fields += _channel(rest[:4], "")
    rest = rest[4:]
    if rest[:1] == [">"]:
        fields += _channel(rest[1:5], "Dest")
        rest = rest[5:]
    return Message([*fields, *((name, value) for name, _, value in (word.partition("=") for word in rest))])


def _channel(words: list[str], prefix: str) -> list[tuple[str, str]]:
    name, uid, linked, state = words
    if name == "-":
        return []
    linked = uid if linked == "=" else linked
    return [(f"{prefix}Channel", name), (f"{prefix}ChannelState", state), (f"{prefix}Uniqueid", uid),
            (f"{prefix}Linkedid", linked)]  # fmt: skip
