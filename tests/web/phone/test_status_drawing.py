"""The pictures of the status display: sizes, colours, what is left out, and that nothing is told by colours alone."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from itertools import combinations
from typing import Any

import numpy as np
from PIL import Image
from twisted.trial.unittest import SynchronousTestCase

from magroup.groups.picture.status import RingingCall, StatusView
from magroup.model.lines import LineState
from magroup.model.presence import Presence
from magroup.resources import resource
from magroup.web.phone.display import Frame, frame_of, strip_of
from magroup.web.phone.display.colours import EXTERNAL, GREY_PRESENCE, GROUND, LINES, STEP
from magroup.web.phone.display.drawing import draw
from magroup.web.phone.display.layout import SHORT_NAME, layout
from magroup.web.phone.display.lettering import first_letters, shortened, width_of
from magroup.web.phone.models import MODELS, PLAIN, Model, Size
from tests.web.phone.draw import MEMBERS, example, frames
from tests.web.phone.views import CALLS, FROM_OUTSIDE, IN, LONG_NAMES, NAMES, OUT, TO_OUTSIDE, tile, view

LARGEST_FILE = 16_000
STRANGE = (
    "山田太郎", "👩‍👩‍👧‍👦", "مريم", "Z̸̧̢̛͖̘͎̤͇̰͈̭̫̈́̊̇̾͌a̴̛lgo", "אבג", "ﷺ﷽", "ก็็็็็", "\u0300\u0301", "𝔘𝔫𝔦", "  ", "", "W" * 8,
)  # fmt: skip


def read(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image


def pixels(content: bytes) -> Any:
    return np.asarray(read(content).convert("RGB")).astype(int)


def chunks(content: bytes) -> dict[bytes, bytes]:
    found, at = {}, 8
    while at < len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        found[kind] = content[at + 8 : at + 8 + length]
        check = struct.unpack_from(">I", content, at + 8 + length)[0]
        assert check == zlib.crc32(kind + found[kind])
        at += 12 + length
    return found


def all_views(frame: Frame) -> Iterator[StatusView]:
    for members in MEMBERS:
        for names in (NAMES, LONG_NAMES, STRANGE):
            for ringing in (0, 5):
                yield view(members, frame.most_tiles, names, ringing, "Geschäftsführung und Vorstand " * 3)


class Files(SynchronousTestCase):
    """What every phone reads."""

    def test_exact_opaque_small(self) -> None:
        for name, frame in frames().items():
            for shown in all_views(frame):
                content = draw(shown, frame).content
                found = chunks(content)
                self.assertEqual(list(found), [b"IHDR", b"PLTE", b"IDAT", b"IEND"])
                bits = 4 if frame.greys else 8
                self.assertEqual(
                    struct.unpack(">IIBBBBB", found[b"IHDR"]), (frame.width, frame.height, bits, 3, 0, 0, 0), name
                )
                image = read(content)
                self.assertEqual((image.mode, image.size), ("P", (frame.width, frame.height)))
                self.assertLess(len(content), LARGEST_FILE)

    def test_colours_that_12_bits_have_and_shades_that_grey_phones_have(self) -> None:
        for model, greys in (("7975", 0), ("8845", 0), ("7942", 16), ("8811", 16)):
            frame = frame_of(MODELS[model])
            assert frame is not None
            self.assertEqual(frame.greys, greys)
            colours = chunks(draw(view(18), frame).content)[b"PLTE"]
            self.assertTrue(all(channel % STEP == 0 for channel in colours))
            if greys:
                self.assertEqual(len(colours), 3 * greys)
        eight = frame_of(replace(MODELS["7942"], depth=3))
        assert eight is not None
        self.assertEqual(len(chunks(draw(view(18), eight).content)[b"PLTE"]), 24)

    def test_odd_widths_with_four_bits(self) -> None:
        frame = Frame(299, 151, 3, 6, greys=16)
        self.assertEqual(read(draw(view(18), frame).content).size, (299, 151))

    def test_whatever_a_phone_says_of_its_display(self) -> None:
        for size in (Size(120, 60), Size(1920, 1200), Size(120, 1200), Size(1920, 60), Size(131, 99)):
            frame = frame_of(Model(picture=size, rows=4, columns=6))
            assert frame is not None
            for members in (0, 1, 24):
                self.assertEqual(read(draw(view(members, ringing=5), frame).content).size, tuple(size))

    def test_models_without_pictures(self) -> None:
        self.assertEqual((frame_of(PLAIN), strip_of(PLAIN), strip_of(MODELS["9971"])), (None, None, None))
        for size in (Size(119, 60), Size(120, 59)):
            self.assertIsNone(frame_of(Model(picture=size)))


class Help(SynchronousTestCase):
    def test_the_picture_in_the_help_is_what_phones_show(self) -> None:
        shown = pixels(resource("static", "phone", "status-display.png").read_bytes())
        # Letters are not the same to the last pixel with each version of FreeType.
        differ = (abs(pixels(example().content) - shown) > 2 * STEP).any(axis=-1)
        self.assertLess(differ.mean(), 0.02)


class Places(SynchronousTestCase):
    """Where tiles are, and that all stays within them."""

    def test_tiles_beside_each_other_within_the_picture(self) -> None:
        for frame in frames().values():
            for shown in all_views(frame):
                found = layout(frame, shown)
                boxes = [*found.tiles, *(box for box in (found.title, found.calls) if box)]
                for left, top, right, bottom in boxes:
                    self.assertTrue(0 <= left < right <= frame.width and 0 <= top < bottom <= frame.height)
                for one, other in combinations(boxes, 2):
                    apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
                    self.assertTrue(apart, (one, other))

    def test_nothing_is_drawn_between_tiles(self) -> None:
        for frame in frames().values():
            if frame.greys:
                continue
            for names in (LONG_NAMES, STRANGE, ("W" * 40,)):
                shown = view(24, frame.most_tiles, names)
                picture, found = pixels(draw(shown, frame).content), layout(frame, shown)
                outside = np.ones(picture.shape[:2], bool)
                for left, top, right, bottom in [*found.tiles, *([found.title] if found.title else [])]:
                    outside[top:bottom, left:right] = False
                self.assertTrue((picture[outside] == GROUND).all())

    def test_names_fit(self) -> None:
        for frame in frames().values():
            for names in (NAMES, LONG_NAMES):
                for members in MEMBERS:
                    shown = view(members, frame.most_tiles, names)
                    plan = layout(frame, shown).plan
                    for one in shown.tiles:
                        self.assertLessEqual(width_of(plan.name(one.short), plan.size), plan.name_width)

    def test_nothing_moves_when_somebody_does_something(self) -> None:
        for frame in frames().values():
            for members in MEMBERS:
                quiet, busy = (view(members, frame.most_tiles, quiet=quiet, ringing=2) for quiet in (True, False))
                self.assertEqual(layout(frame, quiet), layout(frame, busy))
                silent, rings = layout(frame, view(members, frame.most_tiles)), layout(frame, busy)
                if frame.is_strip:
                    self.assertEqual(replace(silent.plan, height=0), replace(rings.plan, height=0))
                else:
                    self.assertEqual(silent, rings)

    def test_more_than_there_is_room_for(self) -> None:
        frame = frames()["320x156"]
        self.assertRaises(ValueError, layout, frame, view(19))
        few, more = (draw(replace(view(18), more=count), frame).content for count in (0, 22))
        self.assertNotEqual(few, more)

    def test_where_members_are(self) -> None:
        frame = frames()["498x289"]
        drawn = draw(view(24), frame)
        self.assertEqual([id for id, _ in drawn.members], list(range(1, 25)))
        self.assertEqual(tuple(box for _, box in drawn.members), layout(frame, view(24)).tiles)

    def test_tiles_are_as_large_as_the_members_allow(self) -> None:
        for frame in frames().values():
            areas = []
            for members in (1, 2, 6, 12, 18, 24):
                plan = layout(frame, view(members, frame.most_tiles)).plan
                areas.append(plan.width * plan.height)
            self.assertEqual(areas, sorted(areas, reverse=True))


class LeftOut(SynchronousTestCase):
    """The short name always, at least three letters; then the state; the index only with all else (manual)."""

    def test_by_the_room_there_is(self) -> None:
        for name, members, names, whole, calls, index in (
            ("559x265", 24, NAMES, True, True, True), ("559x265", 18, LONG_NAMES, True, True, True),
            ("498x289", 24, NAMES, True, True, True), ("498x289", 24, LONG_NAMES, False, True, True),
            ("298x168", 18, NAMES, True, True, True), ("298x168", 18, LONG_NAMES, False, True, True),
            ("320x156", 2, LONG_NAMES, True, True, True), ("252x50", 2, LONG_NAMES, True, True, True),
            ("252x50", 10, NAMES, True, True, False), ("252x50", 10, LONG_NAMES, False, True, False),
            ("414x70", 18, NAMES, True, True, False), ("414x70", 18, LONG_NAMES, False, True, False),
        ):  # fmt: skip
            frame = frames()[name]
            plan = layout(frame, view(members, frame.most_tiles, names)).plan
            are_whole = all(plan.name(one.short) == one.short for one in view(members, frame.most_tiles, names).tiles)
            self.assertEqual((are_whole, plan.has_calls, plan.has_index), (whole, calls, index), name)

    def test_only_names_in_the_smallest(self) -> None:
        plan = layout(Frame(150, 60, 3, 6), view(18)).plan
        self.assertEqual((plan.cuts_names, plan.has_calls, plan.has_index), (True, False, False))
        self.assertEqual(plan.name("Wolfgang"), "Wol")

    def test_strips_have_fewer_and_lower_tiles(self) -> None:
        for model, most in (("7945", 10), ("7975", 10), ("8845", 18)):
            frame = strip_of(MODELS[model])
            assert frame is not None
            self.assertEqual(frame.most_tiles, most)

    def test_letters_with_what_belongs_to_them(self) -> None:
        for text, cut in (
            ("Wolfgang", "Wol"), ("S\u030carić", "Šar"), ("x\u0302\u0303yzq", "x\u0302\u0303yz"), ("Ab", "Ab"),
            ("", ""),
        ):  # fmt: skip
            self.assertEqual(first_letters(text, SHORT_NAME), cut)

    def test_shortened(self) -> None:
        self.assertEqual(shortened("Accounting", 500, 12), "Accounting")
        cut = shortened("Accounting and more", 60, 12)
        self.assertTrue(cut.endswith("…") and "Accounting".startswith(cut[:4]))
        self.assertLessEqual(width_of(cut, 12), 60)
        self.assertEqual(shortened("Accounting", 3, 12), "")


class Shapes(SynchronousTestCase):
    """On phones without colours, and for eyes without them, all is told by shape."""

    frame = Frame(320, 156, 3, 6, greys=16)

    def shape(self, is_left: bool, **state: object) -> Any:
        """Which pixels of a member's tile are not as its ground is, in the left or the right part."""
        members = tuple(tile(n, "Ann", **(state if n == 1 else {})) for n in range(18))
        shown = StatusView("A", members)
        found = layout(self.frame, shown)
        left, top, right, bottom = found.tiles[1]
        edge = left + found.plan.left
        columns = slice(left, edge) if is_left else slice(edge, right)
        part = pixels(draw(shown, self.frame).content)[top:bottom, columns, 0]
        values, counts = np.unique(part, return_counts=True)
        return np.abs(part - values[counts.argmax()]) > 40

    def assert_all_differ(self, shapes: dict[Any, Any]) -> None:
        for (one, shape), (other, another) in combinations(shapes.items(), 2):
            self.assertGreaterEqual(int((shape != another).sum()), 7, (one, other))

    def test_presence(self) -> None:
        self.assert_all_differ({presence: self.shape(True, presence=presence) for presence in Presence})

    def test_line(self) -> None:
        self.assert_all_differ({line: self.shape(False, line=line) for line in LineState})

    def test_calls_and_forwarding(self) -> None:
        states: dict[str, dict[str, object]] = {
            "none": {}, "in": {"call": IN}, "out": {"call": OUT}, "from outside": {"call": FROM_OUTSIDE},
            "to outside": {"call": TO_OUTSIDE}, "forwarded": {"forwarded": ""}, "to 3": {"forwarded": "3"},
            "to A": {"forwarded": "A"},
        }  # fmt: skip
        self.assert_all_differ({name: self.shape(False, **state) for name, state in states.items()})

    def test_index(self) -> None:
        self.assert_all_differ({index: self.shape(True, index=index) for index in "1289ABIO"})

    def test_grey_presence_has_room_for_white_and_black(self) -> None:
        self.assertEqual(GREY_PRESENCE, (136, 136, 136))


class Colours(SynchronousTestCase):
    """The manual's: white for the manager's index, blue for calls from outside, the parts of a tile by its states."""

    frame = frames()["559x265"]

    def part(self, is_left: bool, **state: object) -> Any:
        shown = StatusView("A", (tile(0, "Ann", **state), tile(1, "Ben")))
        found = layout(self.frame, shown)
        left, top, right, bottom = found.tiles[0]
        edge = left + found.plan.left
        columns = slice(left, edge) if is_left else slice(edge, right)
        part = pixels(draw(shown, self.frame).content)[top:bottom, columns]
        return {tuple(map(int, colour)) for colour in part.reshape(-1, 3)}

    def test_index(self) -> None:
        for is_manager, ink, other in ((True, (255, 255, 255), (0, 0, 0)), (False, (0, 0, 0), (255, 255, 255))):
            for presence in Presence:
                found = self.part(True, is_manager=is_manager, presence=presence)
                self.assertIn(ink, found)
                self.assertNotIn(other, found)

    def test_calls(self) -> None:
        for call, is_blue in ((IN, False), (OUT, False), (FROM_OUTSIDE, True), (TO_OUTSIDE, True)):
            self.assertEqual(EXTERNAL in self.part(False, call=call, line=LineState.BUSY), is_blue)

    def test_line(self) -> None:
        for line, look in LINES.items():
            self.assertIn(look.ground, self.part(False, line=line))


class Calls(SynchronousTestCase):
    """Calls that ring have lines below the tiles."""

    def test_all_that_is_told_is_seen(self) -> None:
        for name in ("559x265", "252x50"):
            frame = frames()[name]
            shown = replace(view(2, frame.most_tiles), ringing=CALLS[:1])
            contents = {
                draw(replace(shown, ringing=ringing), frame).content
                for ringing in (
                    (), CALLS[:1], CALLS[:1] * 5, (replace(CALLS[0], caller="Eve"),), (replace(CALLS[0], number="1"),),
                    (replace(CALLS[0], rung=("Ben",)),), (RingingCall("", "", ("Ann",)),),
                )
            }  # fmt: skip
            self.assertEqual(len(contents), 7)

    def test_very_long_ones(self) -> None:
        call = RingingCall("W" * 100, "9" * 100, ("Wolfgang",) * 24)
        for frame in frames().values():
            draw(StatusView("W" * 200, (tile(0),), 0, True, (call,) * 12), frame)

