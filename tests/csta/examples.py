"""The examples of messages that are kept beside the project, one of each kind; they are read where they are."""

from pathlib import Path

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "csta-examples"
EXAMPLES = {file.stem: file.read_bytes().rstrip(b"\n") for file in sorted(FOLDER.glob("*.xml"))}


def example(name: str) -> bytes:
    return EXAMPLES[name]
