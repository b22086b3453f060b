"""PNG files that phones take, and others."""

import struct
import zlib

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.cli.simulated_phone import MODELS, Refusal, Rule
from magroup.cli.simulated_phone.models import Area
from magroup.cli.simulated_phone.pictures import read_picture
from tests.cli.simulated_phone.kit import png

AREA = Area(40, 30)
GOOD = png(4, 3)


def chunk(name: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")


def made(*, bits: int = 8, colours: int = 2, passes: int = 0, pixels: bytes = b"\0" * 39, more: bytes = b"") -> bytes:
    """4 x 3 pixels."""
    header = struct.pack(">IIBBBBB", 4, 3, bits, colours, 0, 0, passes)
    rest = more + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + rest


class Pictures(SynchronousTestCase):
    """Read for an area of 40 x 30."""

    def rule(self, content: bytes, kind: str = "image/png", model: str = "8845", at: tuple[int, int] = (0, 0)) -> Rule:
        return self.assertRaises(Refusal, read_picture, content, kind, AREA, MODELS[model], at).rule

    def test_good(self) -> None:
        for content in (GOOD, made(), png(40, 30), png(4, 3, "L"), png(4, 3, "1"), png(4, 3, "P"), png(1, 1)):
            read_picture(content, "image/png", AREA, MODELS["8845"], (-1, -1))
        picture = read_picture(GOOD, "image/png", AREA, MODELS["8845"], (36, 27))
        self.assertEqual((picture.width, picture.height, picture.content), (4, 3, GOOD))

    def test_bad(self) -> None:
        for rule, content in (
            (Rule.PICTURE_SIZE, png(41, 30)),
            (Rule.PICTURE_SIZE, png(40, 31)),
            (Rule.PICTURE_SIZE, png(4000, 4000, "1")),
            (Rule.PICTURE_FORMAT, png(4, 3, "RGBA")),
            (Rule.PICTURE_FORMAT, png(4, 3, "LA")),
            (Rule.PICTURE_FORMAT, png(4, 3, "RGB", transparency=(1, 2, 3))),
            (Rule.PICTURE_FORMAT, made(passes=1)),
            (Rule.PICTURE_FORMAT, made(colours=5)),
            (Rule.PICTURE_FORMAT, made(pixels=b"\0" * 38)),
            (Rule.PICTURE_FORMAT, made(pixels=b"\0" * 40)),
            (Rule.PICTURE_FORMAT, made(pixels=b"\0" * 9_000_000)),
            (Rule.PICTURE_FORMAT, GOOD[:-1]),
            (Rule.PICTURE_FORMAT, GOOD[:-12]),
            (Rule.PICTURE_FORMAT, GOOD[:40] + b"x" + GOOD[41:]),
            (Rule.PICTURE_FORMAT, b"GIF89a"),
            (Rule.PICTURE_FORMAT, b""),
            (Rule.PICTURE_DEPTH, made(bits=16, pixels=b"\0" * 75)),
        ):
            self.assertIs(self.rule(content), rule, content[:60])
        self.assertIs(self.rule(GOOD, "text/xml"), Rule.CONTENT_TYPE)
        self.assertIs(self.rule(GOOD, at=(37, 0)), Rule.PICTURE_SIZE)

    def test_depth(self) -> None:
        read_picture(made(colours=3, bits=1, pixels=b"\0" * 6, more=chunk(b"PLTE", b"\x11\x22\x33")), "image/png", AREA,
                     MODELS["7970"], (0, 0))  # fmt: skip
        odd = made(colours=3, bits=1, pixels=b"\0" * 6, more=chunk(b"PLTE", b"\x11\x22\x34"))
        self.assertIs(self.rule(odd, model="7970"), Rule.PICTURE_DEPTH)
        read_picture(odd, "image/png", AREA, MODELS["8845"], (0, 0))
        many = made(colours=3, pixels=b"\0" * 15, more=chunk(b"PLTE", bytes(17 * 3)))
        self.assertIs(self.rule(many, model="7942"), Rule.PICTURE_DEPTH)
        self.assertIs(self.rule(png(4, 3, "L"), model="8811"), Rule.PICTURE_DEPTH)

    @settings(deadline=None)
    @given(st.binary(max_size=200), st.integers(8, 80))
    def test_damaged(self, noise: bytes, place: int) -> None:
        damaged = GOOD[:place] + noise + GOOD[place + len(noise) :]
        if damaged != GOOD:
            self.assertIn(self.rule(damaged), (Rule.PICTURE_FORMAT, Rule.PICTURE_SIZE, Rule.PICTURE_DEPTH))
