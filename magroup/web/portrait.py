"""Small pictures made of what people upload, with nothing in them but what is seen."""

import struct
from io import BytesIO
from typing import IO

from PIL import Image, ImageOps

from magroup.web.picture_content import LARGEST

SIDE = 512
MOST_PIXELS = 24_000_000
"""Those of an upload: more would take too much memory to be read."""

FORMATS = ("PNG", "JPEG", "WEBP")


class TooManyPixels(ValueError):
    """The text says how many."""


def portrait(upload: IO[bytes]) -> tuple[bytes, str]:
    """The picture and the end of its name: JPEG, or PNG where one can see through it. Blocks. Raises ValueError."""
    try:
        image = _read(upload)
    except TooManyPixels:
        raise
    except (
        OSError, SyntaxError, ValueError, EOFError, TypeError, KeyError, IndexError, OverflowError, MemoryError,
        struct.error, Image.DecompressionBombError,
    ):  # fmt: skip
        raise ValueError("is no picture that can be read") from None
    if image.mode == "RGBA":
        content = _written(image, "PNG")
        if len(content) <= LARGEST:
            return content, ".png"
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A"))
        image = white
    return _written(image, "JPEG"), ".jpg"


def _read(upload: IO[bytes]) -> Image.Image:
    upload.seek(0)
    with Image.open(upload, formats=FORMATS) as opened:
        width, height = opened.size
        if width * height > MOST_PIXELS:
            raise TooManyPixels(f"has {width} x {height} pixels, at most {MOST_PIXELS} are allowed")
        # JPEGs are read no larger than they are needed.
        opened.draft("RGB", (SIDE, SIDE))
        image = opened.convert("RGBA" if opened.has_transparency_data else "RGB")
        image.thumbnail((SIDE, SIDE))
        image.info = {"exif": opened.info["exif"]} if "exif" in opened.info else {}
        image = ImageOps.exif_transpose(image)
    return Image.frombytes(image.mode, image.size, image.tobytes())


def _written(image: Image.Image, kind: str) -> bytes:
    file = BytesIO()
    image.save(file, kind, quality=88, optimize=True)
    return file.getvalue()
