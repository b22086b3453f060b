"""Pictures that people upload: what becomes of them, and what is refused."""

import struct
import zlib
from io import BytesIO
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin
from twisted.trial.unittest import SynchronousTestCase

from magroup.web.picture_content import LARGEST, kind_of
from magroup.web.portrait import MOST_PIXELS, SIDE, portrait


def picture(kind: str = "PNG", size: tuple[int, int] = (64, 32), mode: str = "RGB", **options: Any) -> bytes:
    file = BytesIO()
    colour: Any = {"RGBA": (250, 10, 10, 90), "L": 90, "P": 3, "CMYK": (0, 200, 200, 0)}.get(mode, (250, 10, 10))
    Image.new(mode, size, colour).save(file, kind, **options)
    return file.getvalue()


def made(upload: bytes) -> tuple[Image.Image, bytes, str]:
    content, suffix = portrait(BytesIO(upload))
    return Image.open(BytesIO(content)), content, suffix


def bomb(width: int, height: int) -> bytes:
    """A small PNG that says it is large, and is."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100_000))) + chunk(b"IEND", b"")


class Portraits(SynchronousTestCase):
    def test_kinds(self) -> None:
        for kind, mode, suffix in (
            ("PNG", "RGB", ".jpg"), ("PNG", "RGBA", ".png"), ("PNG", "L", ".jpg"), ("PNG", "P", ".jpg"),
            ("JPEG", "RGB", ".jpg"), ("JPEG", "L", ".jpg"), ("JPEG", "CMYK", ".jpg"), ("WEBP", "RGB", ".jpg"),
            ("WEBP", "RGBA", ".png"),
        ):  # fmt: skip
            image, content, end = made(picture(kind, mode=mode))
            self.assertEqual((end, image.size), (suffix, (64, 32)), (kind, mode))
            self.assertEqual(kind_of(content), b"image/png" if end == ".png" else b"image/jpeg")

    def test_small(self) -> None:
        for size, expected in (((2000, 1000), (SIDE, SIDE // 2)), ((100, 3000), (17, SIDE)), ((1, 1), (1, 1))):
            for kind in ("PNG", "JPEG"):
                self.assertEqual(made(picture(kind, size))[0].size, expected)

    def test_see_through_and_large(self) -> None:
        """Noise cannot be made small as PNG: it is shown on white."""
        image = Image.effect_noise((SIDE, SIDE), 200)
        file = BytesIO()
        Image.merge("RGBA", [image.rotate(turn * 90) for turn in range(4)]).save(file, "PNG")
        _, content, _ = made(file.getvalue())
        self.assertLessEqual(len(content), LARGEST)

    def test_nothing_else(self) -> None:
        """Where it was taken, by whom, comments: none of it stays. It is turned as the camera was held."""
        exif = Image.Exif()
        exif[0x010F], exif[0x0112] = "Secret Camera", 6
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", "Secret words")
        for upload in (
            picture("JPEG", exif=exif, comment=b"Secret words"), picture("PNG", exif=exif, pnginfo=text),
            picture("PNG", mode="RGBA", exif=exif, pnginfo=text), picture("WEBP", exif=exif),
        ):  # fmt: skip
            self.assertIn(b"Secret", upload)
            image, content, _ = made(upload)
            self.assertEqual((image.size, dict(image.getexif())), ((32, 64), {}))
            self.assertNotIn(b"Secret", content)

    def test_too_many_pixels(self) -> None:
        for width, height in ((30_000, 30_000), (5000, 5000), (MOST_PIXELS + 1, 1), (2**31 - 1, 2**31 - 1)):
            with self.assertRaises(ValueError, msg=f"{width} x {height}"):
                portrait(BytesIO(bomb(width, height)))
        with self.assertRaisesRegex(ValueError, "has 5000 x 5000 pixels, at most 24000000 are allowed"):
            portrait(BytesIO(bomb(5000, 5000)))

    def test_no_pictures(self) -> None:
        gif = BytesIO()
        Image.new("RGB", (8, 8)).save(gif, "GIF")
        svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
        for upload in (b"", b"x" * 100, gif.getvalue(), svg, picture()[:60], picture("JPEG")[:200], bomb(10, 20)[:50]):
            with self.assertRaisesRegex(ValueError, "is no picture that can be read"):
                portrait(BytesIO(upload))

    @settings(max_examples=80, deadline=None)
    @given(
        st.sampled_from(("PNG", "JPEG", "WEBP")),
        st.lists(st.tuples(st.integers(0, 399), st.integers(0, 255)), max_size=8),
    )
    def test_damaged(self, kind: str, damages: list[tuple[int, int]]) -> None:
        """Whatever is wrong with it, it becomes a picture or ValueError."""
        upload = bytearray(picture(kind, (40, 40)))
        for place, value in damages:
            upload[place % len(upload)] = value
        try:
            content, _ = portrait(BytesIO(bytes(upload)))
        except ValueError:
            return
        self.assertIsNotNone(kind_of(content))


class Kinds(SynchronousTestCase):
    def test_told_by_the_content(self) -> None:
        for content, kind in (
            (picture("PNG"), b"image/png"), (picture("JPEG"), b"image/jpeg"), (picture("WEBP"), b"image/webp"),
            (b"<html>", None), (b"", None), (b"RIFF1234WAVE", None), (b"<svg/>", None),
        ):  # fmt: skip
            self.assertEqual(kind_of(content), kind)
