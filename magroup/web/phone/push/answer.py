"""What a phone answers to a push: CiscoIPPhoneResponse, CiscoIPPhoneError, or nothing that it should answer.

Old firmware tells by status 200 and Error 4 that the credentials were wrong; multiplatform phones answer nothing.
"""

from enum import StrEnum

from lxml import etree

from magroup.model.fixed import fixed

LONGEST = 8192
"""Bytes of an answer that are read; the longest one that there can be has three items."""

_PARSER = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
)  # fmt: skip
"""To make one for each answer takes longer than to read it."""

_ERRORS = {
    "1": "it could not read what was pushed (error 1)",
    "2": "it could not make its answer (error 2)",
    "3": "it has an internal file error (error 3)",
    "4": "it does not accept the credentials (error 4): is its authentication URL ours?",
}


class Outcome(StrEnum):
    """What became of a push."""

    DONE = "done"
    IGNORED = "ignored"
    REFUSED = "refused"
    FAILED = "failed"
    SILENT = "silent"


@fixed
class Answer:
    """``why`` is a phrase for the log, "" where it was done."""

    outcome: Outcome
    why: str = ""

    @property
    def is_there(self) -> bool:
        """Whether the phone has taken it."""
        return self.outcome in (Outcome.DONE, Outcome.IGNORED)


DONE = Answer(Outcome.DONE)


def read_answer(status: int, body: bytes) -> Answer:
    """Of any status and any bytes."""
    if status in (401, 403):
        return Answer(Outcome.REFUSED, f"it does not accept the credentials (status {status})")
    if 300 <= status < 400:
        return Answer(Outcome.FAILED, f"it sends us elsewhere (status {status}), where nothing is ever pushed")
    if not 200 <= status < 300:
        return Answer(Outcome.FAILED, f"it answers with status {status}")
    if len(body) > LONGEST:
        return Answer(Outcome.FAILED, "its answer is too long")
    if not body.strip():
        return DONE
    root = _read(body)
    match root.tag if root is not None else "":
        case "CiscoIPPhoneError":
            return _error(root)
        case "CiscoIPPhoneResponse" | "CiscoIPhoneResponse":
            return _response(root)
    return Answer(Outcome.FAILED, "its answer is none of a phone's")


def _read(body: bytes) -> etree._Element | None:
    if b"<!" in body:
        return None
    try:
        return etree.fromstring(body.strip(), _PARSER)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _error(root: etree._Element) -> Answer:
    number = (root.get("Number") or "").strip()
    why = _ERRORS.get(number, "it reports an error without a known number")
    return Answer(Outcome.REFUSED if number == "4" else Outcome.FAILED, why)


def _response(root: etree._Element) -> Answer:
    """Items whose status is not 0 were taken and not done, as a URL with priority 2 while somebody uses the phone."""
    undone = [item for item in root.iter("ResponseItem") if _status(item) not in ("", "0")]
    return Answer(Outcome.IGNORED, "it did not do it") if undone else DONE


def _status(item: etree._Element) -> str:
    return (item.get("Status") or item.findtext("Status") or "").strip()
