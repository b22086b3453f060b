"""A phone that asks a web site for pages, and what its user does with them."""

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from magroup.cli.simulated_phone import MODELS, Effect, Refusal, Rule
from magroup.cli.simulated_phone.exchange import Request
from tests.cli.simulated_phone.kit import DEVICE, XML, Asked, Given, PhoneCase, document, item, page, png, softkey

TEXT = page("Text", "<Title>Text</Title><Text>t</Text>")
LONG_AGO = "Thu, 01 Jan 2015 00:00:00 GMT"
DATE = "Sat, 28 Nov 2026 12:00:00 GMT"


def form(flags: str = "T", keys: str = "", default: str = "", method: str = "") -> str:
    return (
        f"<Title>Form</Title><URL{method}>%s</URL><InputItem><DisplayName>N</DisplayName>"
        f"<QueryStringParam>n</QueryStringParam><InputFlags>{flags}</InputFlags>"
        f"<DefaultValue>{default}</DefaultValue></InputItem>{keys}"
    )


class Requests(PhoneCase):
    """What is sent with each."""

    async def test_header_fields(self) -> None:
        self.site.pages["/"] = TEXT
        for name, version, model_name, display, charset in (
            ("7945", "HTTP/1.0", "CP-7945G", "298, 156, 16, C", "iso-8859-1,utf-8;q=0.8"),
            ("7975", "HTTP/1.0", "CP-7975G", "298, 168, 16, C", "iso-8859-1,utf-8;q=0.8"),
            ("8845", "HTTP/1.1", "CP-8845", "559, 265, 24, C", "utf-8,iso-8859-1;q=0.8"),
            ("8865", "HTTP/1.1", "CP-8865", "559, 265, 24, C", "utf-8,iso-8859-1;q=0.8"),
            ("9971", "HTTP/1.1", "CP-9971", "498, 289, 24, C", "utf-8,iso-8859-1;q=0.8"),
            ("7841", "HTTP/1.1", "CP-7841", "396, 162, 1, G", "utf-8,iso-8859-1;q=0.8"),
        ):
            await self.handset(name).open(f"{self.url}/?device=#DEVICENAME#")
            asked = self.site.asked[-1]
            self.assertEqual((asked.method, asked.query, asked.version), ("GET", f"device={DEVICE}", version))
            self.assertEqual(asked.headers["x-ciscoipphonemodelname"], model_name)
            self.assertEqual(asked.headers["x-ciscoipphonedisplay"], display)
            self.assertEqual(asked.headers["accept-charset"], charset)
            for field in ("x-ciscoipphonesdkversion", "accept", "accept-language", "user-agent", "host"):
                self.assertTrue(asked.headers[field])

    async def test_from_an_address(self) -> None:
        self.site.pages["/"] = TEXT
        await self.handset(address="127.0.0.9").open(f"{self.url}/")
        self.assertEqual(self.site.asked[-1].address, "127.0.0.9")

    async def test_cookies(self) -> None:
        now = [0.0]
        handset = self.handset(now=lambda: now[0])
        self.site.pages["/"] = Given(TEXT.body, headers={"Set-Cookie": "a=b; Path=/"})
        for sent in ("", "a=b", "a=b"):
            await handset.load(Request(f"{self.url}/"))
            self.assertEqual(self.site.asked[-1].headers.get("cookie", ""), sent)
        now[0] += 1800
        await handset.load(Request(f"{self.url}/"))
        self.assertNotIn("cookie", self.site.asked[-1].headers)
        await handset.press("Exit")
        self.assertIsNone(handset.shown)
        await handset.open(f"{self.url}/")
        self.assertNotIn("cookie", self.site.asked[-1].headers)

    async def test_bad_cookies(self) -> None:
        for cookie in ("a=" + "b" * 254, "nonsense", "a b=c"):
            self.site.pages["/"] = Given(TEXT.body, headers={"Set-Cookie": cookie})
            self.assertIs((await self.refused(self.handset().open(f"{self.url}/"))).rule, Rule.COOKIE)
        handset = self.handset()
        for number in range(4):
            self.site.pages["/"] = Given(TEXT.body, headers={"Set-Cookie": f"c{number}=1"})
            await handset.load(Request(f"{self.url}/"))
        self.site.pages["/"] = Given(TEXT.body, headers={"Set-Cookie": "c5=1"})
        self.assertIs((await self.refused(handset.load(Request(f"{self.url}/")))).rule, Rule.COOKIE)

    async def test_answers_that_are_none(self) -> None:
        for given, rule in (
            (Given(TEXT.body, status=500), Rule.STATUS),
            (Given(b"", status=302, headers={"Location": "/x"}), Rule.STATUS),
            (Given(b"<html/>", "text/html; charset=utf-8"), Rule.CONTENT_TYPE),
            (Given(b"x" * 300000), Rule.SIZE),
            (Given(b"x" * 196609), Rule.SIZE),
            (Given(TEXT.body, headers={"Refresh": "soon"}), Rule.REFRESH),
            (Given(TEXT.body, headers={"Refresh": "1; url=/relative"}), Rule.URL),
            (Given(TEXT.body, headers={"Expires": "0"}), Rule.EXPIRES),
            (Given(TEXT.body, headers={"Expires": "Thu, 01 Jan 1970 00:00:00 GMT", "Date": DATE}), Rule.EXPIRES),
        ):
            self.site.pages["/"] = given
            self.assertIs((await self.refused(self.handset().open(f"{self.url}/"))).rule, rule, given)
        refusal = await self.refused(self.handset(timeout=5).open("http://127.0.0.1:1/"))
        self.assertTrue(str(refusal).startswith("HTTP Error[10]: "), refusal)
        self.site.pages["/"] = None
        self.assertIn("no answer in", str(await self.refused(self.handset(timeout=0.2).open(f"{self.url}/"))))
        # Before the name is looked up.
        self.assertIn("no answer in", str(await self.refused(self.handset(timeout=0).open(f"{self.url}/"))))

    async def test_what_is_given_up_at_once_is_not_refused(self) -> None:
        """Another page comes before the name of the first one's host is looked up, or the phone loses its power."""
        self.site.pages["/first"] = self.site.pages["/second"] = page("Text", "<Text>a</Text>")
        phone = self.handset()
        phone.in_background(phone.load(Request(f"{self.url}/first")))
        await phone.load(Request(f"{self.url}/second"))
        phone.in_background(phone.load(Request(f"{self.url}/first")))
        phone.close()
        self.assertEqual((phone.refusals, [one.path for one in self.site.asked]), ([], ["/second"]))


class Using(PhoneCase):
    """Items, softkeys, fields."""

    async def opened(self, body: str, kind: str = "Menu", model: str = "8845", **headers: str) -> Any:
        self.site.pages["/"] = page(kind, body, **headers)
        handset = self.handset(model)
        await handset.open(f"{self.url}/")
        return handset

    async def test_choosing(self) -> None:
        handset = await self.opened(
            item("One", f"{self.url}/text?a=1&d=#DEVICENAME#") + item("Two", "Dial:2017") + item("None", "")
        )
        self.site.pages["/text"] = TEXT
        await handset.choose(1)
        self.assertEqual((handset.page.title, self.site.asked[-1].query), ("Text", f"a=1&d={DEVICE}"))
        await handset.press("Exit")
        self.assertEqual(handset.page.kind, "Menu")
        await handset.choose("Two")
        self.assertEqual(handset.effects, [Effect("Dial", "2017")])
        self.assertTrue(handset.is_in_call)
        handset.highlight(1)
        await handset.press("Select")
        self.assertEqual(handset.page.title, "Text")
        await handset.press("Exit")
        for wrong in ("None", 0, 4, "Three"):
            self.assertIs((await self.refused(handset.choose(wrong))).rule, Rule.MISSING)
        self.assertIs((await self.refused(handset.press("Nothing"))).rule, Rule.SOFTKEY_URI)

    async def test_joined(self) -> None:
        handset = await self.opened(
            item("A", f"{self.url}/text?m=17") + item("B", "QueryStringParam:m=18") + item("C", f"{self.url}/text")
            + softkey("Divert", 1, "QueryStringParam:action=divert") + softkey("Call", 2, f"{self.url}/text?call=1")
            + softkey("Back", 3, "SoftKey:Back")
        )  # fmt: skip
        self.site.pages["/text"] = TEXT
        for name, key, query in (
            ("A", "Divert", "m=17&action=divert"), ("C", "Divert", "action=divert"), ("B", "Call", "call=1&m=18"),
            ("A", "Call", "call=1"),
        ):  # fmt: skip
            handset.highlight(name)
            await handset.press(key)
            self.assertEqual(self.site.asked[-1].query, query)
            await handset.back()
        handset.highlight("B")
        self.assertIs((await self.refused(handset.press("Divert"))).rule, Rule.URI)

    async def test_softkeys(self) -> None:
        for kind, body, headers, names in (
            ("Menu", "", {}, ["Select", "Exit", "Update"]),
            ("Text", "<Text/>", {"refresh": f"0; url={self.url}/2"}, ["Exit", "Next"]),
            ("Text", "<Text/>", {"refresh": "0"}, ["Exit", "Update"]),
            ("Text", "<Text/>" + softkey("A", 2, "SoftKey:Exit"), {}, ["Update", "A"]),
            ("Text", f"<Text/>{softkey('B', 3, 'Play:a.raw')}{softkey('A', 1, 'SoftKey:Exit')}", {}, ["A", "B"]),
            ("Directory", "", {}, ["Dial", "EditDial", "Cancel", "Update"]),
        ):  # fmt: skip
            handset = await self.opened(body, kind, **headers)
            self.assertEqual([key.name for key in handset.softkeys], names)

    async def test_back(self) -> None:
        handset = await self.opened(item("A", f"{self.url}/a"))
        for name, target in (("a", "b"), ("b", "c")):
            self.site.pages[f"/{name}"] = page("Menu", f"<Title>{name}</Title>{item('A', f'{self.url}/{target}')}")
        self.site.pages["/c"] = TEXT
        expired = page("Menu", f"<Title>b</Title>{item('A', f'{self.url}/c')}", expires=LONG_AGO, date=DATE)
        for second, after in ((self.site.pages["/b"], ["b", "a", ""]), (expired, ["a", ""])):
            self.site.pages["/b"] = second
            await handset.open(f"{self.url}/")
            for _ in range(3):
                await handset.choose(1)
            self.assertEqual(handset.page.title, "Text")
            for title in after:
                await handset.press("Exit")
                self.assertEqual(handset.page.title, title)
            await handset.press("Exit")
            self.assertIsNone(handset.shown)
        self.assertIs((await self.refused(handset.press("Exit"))).rule, Rule.MISSING)

    async def test_update_and_next(self) -> None:
        handset = await self.opened("<Text/>", "Text", refresh=f"0; url={self.url}/text")
        self.site.pages["/text"] = TEXT
        await handset.press("Next")
        self.assertEqual(handset.page.title, "Text")
        await handset.press("Update")
        self.assertEqual([asked.path for asked in self.site.asked], ["/", "/text", "/text"])
        await handset.back()
        self.assertEqual(handset.page.title, "")

    async def test_refreshed_by_itself(self) -> None:
        self.site.pages["/"] = page("Text", "<Text/>", refresh=f"30; url={self.url}/text")
        self.site.pages["/text"] = TEXT
        handset = self.handset()
        clock = handset.reactor = Clock()
        await handset.open(f"{self.url}/")
        clock.advance(29.9)
        self.assertEqual([asked.path for asked in self.site.asked], ["/"])
        coming = self.site.next_request()
        clock.advance(0.1)
        await coming
        self.assertEqual(self.site.asked[-1].path, "/text")
        await handset.open(f"{self.url}/")
        await handset.open(f"{self.url}/text")
        self.assertEqual(clock.getDelayedCalls(), [])

    async def test_typing(self) -> None:
        self.site.pages["/text"] = TEXT
        for flags, good, bad in (
            ("T", ("12", "#47*", "1" * 32), ("+47", "a", "1" * 33, " ")),
            ("N", ("0",), ("#", "*", "a")),
            ("A", ("a b", "ä&=", "x" * 32), ("\n", "\x7f", "x" * 33)),
            ("UP", ("ABC",), ("abc",)),
            ("L", ("abc",), ("ABC",)),
            ("E", ("1+2.5",), ("a",)),
        ):
            handset = await self.opened(form(flags) % f"{self.url}/text", "Input")
            for text in good:
                handset.fill(n=text)
                self.assertEqual(handset.values, {"n": text})
            for text in bad:
                self.assertIs(self.assertRaises(Refusal, handset.fill, n=text).rule, Rule.TYPED)
            self.assertRaises(Refusal, handset.fill, m="1")

    async def test_submitting(self) -> None:
        self.site.pages["/text"] = TEXT
        for url, flags, default, text, query in (
            ("/text", "T", "2017", None, "n=2017"),
            ("/text", "T", "2017", "#47*", "n=%2347*"),
            ("/text?a=b&amp;c=d", "A", "", "ä & b", "a=b&c=d&n=%C3%A4%20%26%20b"),
            ("/text", "A", "", "", "n="),
        ):
            handset = await self.opened(form(flags, default=default) % f"{self.url}{url}", "Input")
            if text is not None:
                handset.fill(n=text)
            await handset.press("Submit")
            self.assertEqual((self.site.asked[-1].method, self.site.asked[-1].query), ("GET", query))

    async def test_submitting_by_post(self) -> None:
        self.site.pages["/text"] = TEXT
        handset = await self.opened(form("T", default="12", method=' method="post"') % f"{self.url}/text", "Input")
        await handset.press("<<")
        await handset.press("Submit")
        self.assertEqual((self.site.asked[-1].method, self.site.asked[-1].body), ("POST", b"n=1"))

    async def test_directory(self) -> None:
        entries = "".join(
            f"<DirectoryEntry><Name>{n}</Name><Telephone>{n}17</Telephone></DirectoryEntry>" for n in (1, 2)
        )
        handset = await self.opened(entries, "Directory")
        handset.highlight(2)
        await handset.press("Dial")
        await handset.press("EditDial")
        self.assertEqual(handset.effects, [Effect("Dial", "217"), Effect("EditDial", "217")])
        self.assertRaises(Refusal, handset.highlight, 3)

    async def test_really_exit(self) -> None:
        handset = await self.opened("<Text/>" + softkey("Exit", 1, "Init:Services"), "Text")
        await handset.press("Exit")
        self.assertIsNone(handset.shown)

    async def test_execute_that_was_asked_for(self) -> None:
        self.site.pages["/text"] = TEXT
        handset = await self.opened(item("A", f"{self.url}/do"))
        coming = self.site.next_request()
        url = f"{self.url}/text"
        self.site.pages["/do"] = page("Execute", f'<ExecuteItem URL="Dial:1"/><ExecuteItem URL="{url}"/>')
        await handset.choose(1)
        await coming
        self.assertEqual(handset.effects, [Effect("Dial", "1")])


class Pictures(PhoneCase):
    """Fetched and looked at."""

    def served(self, content: bytes, kind: str = "image/png", attributes: str = "") -> None:
        body = f"<LocationX>-1</LocationX><LocationY>-1</LocationY><URL>{self.url}/p.png</URL>"
        whole = document("ImageFile", body)
        self.site.pages["/"] = Given(whole.replace(b"ImageFile>", f"ImageFile{attributes}>".encode(), 1), XML)
        self.site.pages["/p.png"] = Given(content, kind)

    async def test_sizes(self) -> None:
        for name, model in MODELS.items():
            if model.picture is None:
                continue
            width, height = model.picture
            for more, is_good in (((0, 0), True), ((1, 0), False), ((0, 1), False)):
                self.served(png(width + more[0], height + more[1], "1"))
                handset = self.handset(name)
                if is_good:
                    await handset.open(f"{self.url}/")
                    assert handset.shown is not None and handset.shown.picture is not None
                    self.assertEqual(handset.shown.picture.width, width)
                else:
                    self.assertIs((await self.refused(handset.open(f"{self.url}/"))).rule, Rule.PICTURE_SIZE)

    async def test_wide(self) -> None:
        self.served(png(320, 156), attributes=' WindowMode="Wide"')
        await self.handset("7945").open(f"{self.url}/")
        self.served(png(320, 156))
        self.assertIs((await self.refused(self.handset("7945").open(f"{self.url}/"))).rule, Rule.PICTURE_SIZE)

    async def test_missing(self) -> None:
        self.served(png(9, 9))
        del self.site.pages["/p.png"]
        self.assertIs((await self.refused(self.handset().open(f"{self.url}/"))).rule, Rule.STATUS)

    async def test_icons(self) -> None:
        icons = "".join(f"<IconItem><Index>{n}</Index><URL>{self.url}/i.png</URL></IconItem>" for n in (1, 2))
        built_in = "<IconItem><Index>3</Index><URL>Resource:Icon.InUse</URL></IconItem>"
        self.site.pages["/"] = page("IconFileMenu", item("A", "Dial:1") + icons + built_in)
        self.site.pages["/i.png"] = Given(png(18, 18), "image/png")
        handset = self.handset()
        await handset.open(f"{self.url}/")
        assert handset.shown is not None
        self.assertEqual(list(handset.shown.icons), [1, 2])
        self.assertEqual([asked.path for asked in self.site.asked], ["/", "/i.png"])
        self.site.pages["/i.png"] = Given(png(19, 18), "image/png")
        self.assertIs((await self.refused(handset.open(f"{self.url}/"))).rule, Rule.PICTURE_SIZE)

    async def test_touching(self) -> None:
        area = '<TouchArea X1="0" Y1="0" X2="9" Y2="9"/>'
        touched = f"<MenuItem><Name>A</Name><URL>Dial:1</URL>{area}</MenuItem>"
        self.site.pages["/"] = page("GraphicFileMenu", f"<URL>{self.url}/p.png</URL>{touched}")
        self.site.pages["/p.png"] = Given(png(9, 9), "image/png")
        handset = self.handset("9971")
        await handset.open(f"{self.url}/")
        await handset.choose("A")
        self.assertEqual(handset.effects, [Effect("Dial", "1")])
        handset = self.handset("8845")
        await handset.open(f"{self.url}/")
        self.assertIs((await self.refused(handset.choose("A"))).rule, Rule.TOUCH_AREA)


class Hurry(PhoneCase):
    """A user who does not wait."""

    async def test_the_last_page_wins(self) -> None:
        def asked(one: Asked) -> Given:
            return page("Text", f"<Title>{one.query}</Title><Text/>")

        self.site.pages["/slow"] = None
        self.site.pages["/fast"] = asked
        handset = self.handset()
        slow = Deferred.fromCoroutine(handset.open(f"{self.url}/slow"))
        await self.site.next_request()
        slow.addErrback(lambda _: None)
        await handset.open(f"{self.url}/fast?2")
        await slow
        self.assertEqual(handset.page.title, "2")
