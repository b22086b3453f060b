"""The administration guide: every picture is made by the script, shown by a page, there, and small."""

import re
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from lxml import html
from PIL import Image
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase, TestCase

from magroup.resources import resource
from tests.guide_pictures import FOLDER, PICTURES, WIDE, WIDTH, looks_as, take
from tests.web.connection import Web

PICTURE = re.compile(r"!\[([^\]]*)\]\((pictures/[^)]*)\)")
LARGEST, LARGEST_OF_ALL = 60 << 10, 600 << 10


class Pictures(SynchronousTestCase):
    """As they are in the tree."""

    def test_files(self) -> None:
        files = sorted(FOLDER.iterdir())
        self.assertEqual([file.name for file in files], sorted(f"{name}.webp" for name in PICTURES))
        sizes = [file.stat().st_size for file in files]
        self.assertLess(max(sizes), LARGEST)
        self.assertLess(sum(sizes), LARGEST_OF_ALL)
        for file in files:
            with Image.open(file) as image:
                self.assertEqual(image.format, "WEBP", file.name)
                self.assertIn(image.width, (WIDTH, WIDE), file.name)

    def test_shown(self) -> None:
        """Each once, described in words."""
        pages = [page.read_text("utf-8") for page in resource("help").glob("*.md")]
        shown = [(words, name) for page in pages for words, name in PICTURE.findall(page)]
        self.assertEqual(sorted(name for _, name in shown), sorted(f"pictures/{name}.webp" for name in PICTURES))
        self.assertEqual([name for words, name in shown if len(words) < 10], [])


class Served(SynchronousTestCase):
    """``/help/pictures``."""

    def setUp(self) -> None:
        self.web = Web()

    def test_guide(self) -> None:
        """Its pictures come, and its links lead somewhere, within the page too."""
        page = html.fromstring(self.web.ask("/help/administration").text)
        pictures = page.xpath("//article//img/@src")
        self.assertEqual(len(pictures), len(PICTURES))
        for source in pictures:
            answer = self.web.ask(f"/help/{source}")
            self.assertEqual((answer.code, answer.headers["content-type"]), (200, "image/webp"), source)
            self.assertEqual(answer.body[:4] + answer.body[8:12], b"RIFFWEBP")
        ids = set(page.xpath("//article//@id"))
        for link in page.xpath("//article//a/@href"):
            if link.startswith("#"):
                self.assertIn(link[1:], ids)
            else:
                self.assertEqual(self.web.ask(f"/help/{link}").code, 200, link)

    def test_kept_by_browsers(self) -> None:
        first = self.web.ask("/help/pictures/login.webp")
        again = self.web.ask("/help/pictures/login.webp", **{"If-None-Match": first.headers["etag"]})
        self.assertEqual((first.headers["cache-control"], again.code, again.body), ("no-cache", 304, b""))
        for answer in (first, again):
            self.assertIn("default-src 'none'", answer.headers["content-security-policy"])
            self.assertEqual(answer.headers["x-content-type-options"], "nosniff")

    def test_nothing_else(self) -> None:
        for name in (
            "", "nope.webp", "../administration.md", "..%2Fadministration.md", "%2e%2e/index.md", "login.webp/",
            "/etc/passwd", "%2Fetc%2Fpasswd", "login.webp%00", "LOGIN.WEBP", "a/login.webp",
        ):  # fmt: skip
            self.assertIn(self.web.ask(f"/help/pictures/{name}").code, (400, 404), name)
        self.assertEqual(self.web.ask("/help/pictures").code, 404)


class Taken(TestCase):
    """The script takes them from the pages as they are now."""

    timeout = 240

    def test_looks(self) -> None:
        """One pixel more or less is none; a word, or another size, is one."""
        picture = (FOLDER / "login.webp").read_bytes()
        changed = {}
        for side in (5, 20):
            image = Image.open(BytesIO(picture)).convert("RGB")
            image.paste((255, 0, 0), (100, 100, 100 + side, 100 + side))
            stored = BytesIO()
            image.save(stored, "WEBP", lossless=True)
            changed[side] = looks_as(picture, stored.getvalue())
        self.assertEqual(changed, {5: True, 20: False})
        self.assertFalse(looks_as(picture, (FOLDER / "users.webp").read_bytes()))

    def test_some(self) -> Deferred[None]:
        return Deferred.fromCoroutine(self.some())

    async def some(self) -> None:
        """Of both sites; what is taken twice is the same."""
        names = {"first-steps", "import", "vip-calls"}
        with TemporaryDirectory() as one, TemporaryDirectory() as other:
            for folder in (one, other):
                await take(Path(folder), names)
            for name in sorted(names):
                first, second = [Path(folder, f"{name}.webp").read_bytes() for folder in (one, other)]
                self.assertTrue(looks_as(first, second), name)
            self.assertEqual({file.stem for file in Path(one).iterdir()}, names)
