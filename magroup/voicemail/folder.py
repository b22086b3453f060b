"""The files of the mailboxes: DATA/mailboxes/BOX/ID.wav."""

import json
from dataclasses import asdict, replace
from pathlib import Path

from magroup.model.messages import Message

PART = ".part"
"""The end of the name of a file that is being recorded."""

UPLOADING = ".upload-"
"""How the name of a file begins that somebody sends; it is beside the mailboxes."""

GREETING = "greeting.wav"
LONGEST_NAME = 200


def path_of(folder: Path, message: Message) -> Path:
    """Where a message is."""
    return folder / message.box / f"{message.id}.wav"


def greeting_of(folder: Path, box: str) -> Path:
    """Where the own greeting of a mailbox is, if it has one."""
    return folder / box / GREETING


def note_of(message: Message) -> str:
    """What is written into a message's file, so that it is known by it alone."""
    return json.dumps(asdict(replace(message, caller_name=message.caller_name[:LONGEST_NAME])))
