"""Draws the status display of all models into a folder, to be looked at: ``python -m tests.web.phone.draw FOLDER``.

Beside them ``example.png``, which is the picture in the help, ``resources/static/phone/status-display.png``.
"""

import sys
from io import BytesIO
from pathlib import Path

from PIL import Image

from magroup.web.phone.display import Frame, frame_of, strip_of
from magroup.web.phone.display.drawing import Drawn, draw
from magroup.web.phone.models import MODELS
from tests.web.phone.views import LONG_NAMES, NAMES, view

MEMBERS = (2, 7, 12, 18, 24, 40)
MODELS_DRAWN = ("7942", "7945", "7975", "CIPC", "8811", "8845", "9971")


def frames() -> dict[str, Frame]:
    """Each kind of picture that there is, by its size."""
    found = {}
    for name in MODELS_DRAWN:
        for frame in (frame_of(MODELS[name]), strip_of(MODELS[name])):
            if frame is not None:
                found[f"{frame.width}x{frame.height}" + ("-grey" if frame.greys else "")] = frame
    return found


def sheet(frame: Frame) -> Image.Image:
    """All groups in a frame, one beside the other."""
    pictures = []
    for members in MEMBERS:
        for names, ringing in ((NAMES, 0), (NAMES, 2), (LONG_NAMES, 5)):
            shown = view(members, frame.most_tiles, names, ringing, "Vorstand und Geschäftsführung")
            pictures.append(Image.open(BytesIO(draw(shown, frame).content)).convert("RGB"))
    made = Image.new("RGB", (3 * (frame.width + 6), len(MEMBERS) * (frame.height + 6)), "#333333")
    for number, picture in enumerate(pictures):
        row, column = divmod(number, 3)
        made.paste(picture, (column * (frame.width + 6), row * (frame.height + 6)))
    return made


def example() -> Drawn:
    """The picture in the help: ten members who do all that can be done."""
    frame = frame_of(MODELS["8845"])
    assert frame is not None
    names = ("Ann", "Brigitte", "Cem", "Dvořák", "Eva", "Fiona", "Greta", "Hans", "Ida", "Jürgen")
    return draw(view(10, frame.most_tiles, names, 2), frame)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "example.png").write_bytes(example().content)
    for name, frame in frames().items():
        sheet(frame).save(folder / f"{name}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
