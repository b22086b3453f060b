"""Walks through a small web site."""

from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from magroup.cli.simulated_phone import Explorer, Rule
from tests.cli.simulated_phone.kit import DEVICE, Asked, Given, PhoneCase, item, page, png, softkey


def number(one: Asked) -> int:
    return int(dict(parse_qsl(one.query)).get("n", "0"))


class Walks(PhoneCase):
    """A menu, members with an action each, an input, a picture, and faults."""

    def setUp(self) -> None:
        super().setUp()
        url = self.url
        self.site.pages["/"] = page(
            "Menu",
            f"<Title>Menu</Title>{item('Members', f'{url}/members?d=#DEVICENAME#')}{item('Find', f'{url}/find')}"
            f"{item('Grid', f'{url}/grid')}{item('Call', 'Dial:2017')}{item('Elsewhere', 'http://127.0.0.2:1/')}"
            f"{softkey('Exit', 1, 'Init:Services')}{softkey('Again', 2, f'{url}/?again=1')}",
        )
        self.site.pages["/members"] = page(
            "Menu",
            f"<Title>Members</Title>{item('A', f'{url}/member?m=1')}{item('B', f'{url}/member?m=2')}"
            f"{softkey('Divert', 1, 'QueryStringParam:divert=1')}",
        )
        self.site.pages["/member"] = lambda asked: page("Text", f"<Title>{escape(asked.query)}</Title><Text/>")
        self.site.pages["/find"] = page(
            "Input",
            f"<Title>Find</Title><URL>{url}/found</URL><InputItem><DisplayName>Name</DisplayName>"
            "<QueryStringParam>name</QueryStringParam><InputFlags>A</InputFlags></InputItem>",
        )
        self.site.pages["/found"] = lambda asked: page("Text", f"<Title>Found</Title><Text>{len(asked.query)}</Text>")
        self.site.pages["/grid"] = page("ImageFile", f"<Title>Grid</Title><URL>{url}/grid.png</URL>")
        self.site.pages["/grid.png"] = Given(png(559, 265), "image/png")

    async def test_all_pages(self) -> None:
        explored = await Explorer(self.handset(), {"name": ["Anna", "Olga"]}, ignored=["again"]).explore(f"{self.url}/")
        self.assertEqual(explored.refusals, [])
        self.assertTrue(explored.is_whole)
        asked = {f"{one.path}?{one.query}" for one in self.site.asked}
        expected = (
            f"/members?d={DEVICE}", "/member?m=1", "/member?m=2", "/member?m=2&divert=1", "/found?name=Anna",
            "/found?name=Olga", "/found?name=", "/grid?", "/grid.png?", "/found?name=%23%2A%23%2A".replace("%2A", "*"),
        )  # fmt: skip
        for path in expected:
            self.assertIn(path, asked)
        self.assertNotIn("/?again=1", asked)
        self.assertEqual(len(self.site.asked), len({(one.path, one.query) for one in self.site.asked}))
        self.assertEqual(explored.entry.effects, [("4 Call", "Dial:2017"), ("[Exit]", "Init:Services")])
        lines = list(explored.lines())
        self.assertEqual(lines[0], "Menu 'Menu'")
        for line in ("  1 Members: Menu 'Members'", "    [Divert] A: Text 'm=1&divert=1'", "  3 Grid: ImageFile 'Grid'",
                     "  5 Elsewhere: (seen)", "  4 Call: Dial:2017", "    Submit name=Anna: Text 'Found'"):  # fmt: skip
            self.assertIn(line, lines)

    async def test_faults(self) -> None:
        self.site.pages["/grid.png"] = Given(png(560, 265), "image/png")
        self.site.pages["/found"] = lambda asked: Given(b"", status=500 if "%3C" in asked.query else 404)
        self.site.pages["/members"] = page(
            "Menu", item("A", "Dial:1") + softkey("Divert", 1, "QueryStringParam:divert=1")
        )
        explored = await Explorer(self.handset(), ignored=["again"]).explore(f"{self.url}/")
        found = {(url.removeprefix(self.url), refusal.rule) for url, refusal in explored.refusals}
        self.assertIn(("/grid", Rule.PICTURE_SIZE), found)
        self.assertIn((f"/members?d={DEVICE} [Divert] A", Rule.URI), found)
        self.assertIn(("/found?name=Abc", Rule.STATUS), found)
        self.assertIn("  3 Grid: nothing: 560x265 at 0,0 does not fit into 559x265 (picture size)", explored.lines())

    async def test_not_followed(self) -> None:
        explorer = Explorer(self.handset(), follow=lambda url: "/members" not in url and "again" not in url)
        await explorer.explore(f"{self.url}/")
        self.assertNotIn("/members", [one.path for one in self.site.asked])

    async def test_endless(self) -> None:
        self.site.pages["/more"] = lambda asked: page(
            "Menu", "".join(item("More", f"{self.url}/more?n={number(asked) + step}") for step in (1, 2))
        )
        explored = await Explorer(self.handset(), most=20).explore(f"{self.url}/more")
        self.assertEqual((len(explored.visits), explored.is_whole), (20, False))
        explored = await Explorer(self.handset(), deepest=3).explore(f"{self.url}/more")
        self.assertEqual((len(explored.visits), explored.is_whole), (7, False))

    async def test_alike(self) -> None:
        self.site.pages["/"] = page("Menu", "".join(item("A", f"{self.url}/member?m={m}") for m in range(9)))
        explored = await Explorer(self.handset(), alike=2).explore(f"{self.url}/")
        self.assertEqual((len(explored.visits), explored.is_whole), (3, True))
        self.site.pages["/"] = self.site.pages["/find"]
        explored = await Explorer(self.handset(), alike=1).explore(f"{self.url}/")
        self.assertGreater(len(explored.visits), 10)

    async def test_last(self) -> None:
        self.site.pages["/"] = page(
            "Menu", "".join(item("A", f"{self.url}/{name}") for name in ("member?m=delete", "members", "grid"))
        )
        await Explorer(self.handset(), last=lambda url: "m=delete" in url).explore(f"{self.url}/")
        asked = [f"{one.path}?{one.query}" for one in self.site.asked]
        self.assertEqual((asked[1], asked[-1]), ("/members?", "/member?m=delete"))

    async def test_of_another_model(self) -> None:
        explored = await Explorer(self.handset("7841"), ignored=["again"]).explore(f"{self.url}/")
        self.assertEqual([refusal.rule for _, refusal in explored.refusals], [Rule.OBJECT])

    async def test_followed_to_the_next_page(self) -> None:
        self.site.pages["/first"] = page("Text", "<Text/>", refresh=f"0; url={self.url}/grid")
        explored = await Explorer(self.handset()).explore(f"{self.url}/first")
        self.assertEqual(list(explored.lines()), ["Text ''", "  Refresh: ImageFile 'Grid'"])
