"""The help's Markdown."""

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from magroup.web.help_pages import HelpPages


class HelpTests(SynchronousTestCase):
    """Files in a folder, and pages made by the program."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        self.folder.mkdir()

    def html(self, markdown: str) -> str:
        (self.folder / "a.md").write_text(markdown, "utf-8")
        page = HelpPages(self.folder, {}).page("a")
        assert page is not None
        return page.html

    def test_pages(self) -> None:
        (self.folder / "one.md").write_text("# The first\n\nÄ *b*")
        (self.folder / "notes.txt").write_text("x")
        pages = HelpPages(self.folder, {"made": lambda: "no title"})
        self.assertEqual(pages.names, ("one", "made"))
        one, made = pages.page("one"), pages.page("made")
        assert one is not None and made is not None
        self.assertEqual((one.title, one.html), ("The first", "<h1>The first</h1>\n<p>Ä <em>b</em></p>\n"))
        self.assertEqual(made.title, "Help")
        self.assertIs(pages.page("one"), one)
        for name in ("nope", "../one", "notes", ""):
            self.assertIsNone(pages.page(name))

    def test_tables(self) -> None:
        self.assertIn("<td>1</td>", self.html("| a |\n|---|\n| 1 |\n"))

    def test_links_within_a_page(self) -> None:
        html = self.html("# T\n\n[x](#a-b-c)\n\n## A b *c*!\n\n### \"><b>\n")
        self.assertIn('<h2 id="a-b-c">A b <em>c</em>!</h2>', html)
        self.assertIn('<h3 id="b">&quot;&gt;&lt;b&gt;</h3>', html)

    def test_code_is_reached_by_keyboard(self) -> None:
        self.assertEqual(self.html("    <pre>\n"), '<pre tabindex="0"><code>&lt;pre&gt;\n</code></pre>\n')

    def test_nothing_active(self) -> None:
        for markdown in (
            "<script>x</script>",
            "a <img src=x onerror=y>",
            "[a](javascript:x)",
            "[a](data:text/html,x)",
            "![a](vbscript:x)",
            "<javascript:x>",
        ):
            html = self.html(markdown)
            self.assertNotRegex(html, r"<script|<img[^>]*onerror|(href|src)=\"(javascript|data|vbscript)")
