"""The bodies of what a phone is told: to dial, to show a line of text or an object, how its line is forwarded."""

from xml.sax.saxutils import escape

from magroup.model.messages import MessagesWaiting
from magroup.switch.xml_text import xml_text

LONGEST_TEXT = 255
APPLICATION = 7
"""The number by which our objects are known; what a phone sends back (``UserCallData:7:...``) bears it too."""


def initiatecallreq(number: str) -> bytes:
    """Let the phone dial at its first line."""
    return _request(
        f"<initiatecallreq><dialstring>{_text(number)}</dialstring><linenumber>1</linenumber></initiatecallreq>"
    )


def statuslineupdatereq(words: str, seconds: int) -> bytes:
    """A line of text on the screen for so long."""
    return _request(
        f"<statuslineupdatereq><action>notify_display</action><statustext>{_text(words[:LONGEST_TEXT])}</statustext>"
        f"<displaytimeout>{seconds}</displaytimeout><linenumber>0</linenumber><priority>1</priority>"
        "</statuslineupdatereq>"
    )


def datapassthroughreq(priority: int) -> bytes:
    """The first of two parts, the second of which is the object."""
    return _request(
        f"<datapassthroughreq><applicationid>{APPLICATION}</applicationid><transactionid>0</transactionid>"
        f"<stationsequence>StationSequenceLast</stationsequence><displaypriority>{priority}</displaypriority>"
        "<appinstance>0</appinstance><routingid>0</routingid><confid>0</confid></datapassthroughreq>"
    )


def bulkupdate(waiting: MessagesWaiting, forwarded_to: str, to_voicemail: bool) -> bytes:
    """Message lamp and forwarding of the first line; ``forwarded_to`` is "" where calls are not forwarded."""
    mwi = "yes" if waiting.new else "no"
    return _request(
        f'<bulkupdate><contact line="1"><mwi>{mwi}</mwi>'
        f'<emwi><voice-msg new="{waiting.new}" old="{waiting.old}"/></emwi>'
        f"<cfwdallupdate><fwdaddress>{_text(forwarded_to)}</fwdaddress>"
        f"<tovoicemail>{'on' if to_voicemail else 'off'}</tovoicemail></cfwdallupdate></contact></bulkupdate>"
    )


def _request(content: str) -> bytes:
    return f"<x-cisco-remotecc-request>{content}</x-cisco-remotecc-request>".encode()


def _text(words: str) -> str:
    return escape(xml_text(words))
