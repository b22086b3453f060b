"""Broken objects, each refused with the rule that it breaks."""

from twisted.trial.unittest import SynchronousTestCase

from magroup.cli.simulated_phone import MODELS, Refusal, Rule, read_page, read_pushed
from tests.cli.simulated_phone.kit import DECLARED, XML, document, item, softkey

URL = "http://h/p"
GOOD_ITEM = item("A", URL)
EXIT = softkey("Exit", 1, "SoftKey:Exit")
FIELD = (
    "<InputItem><DisplayName>N</DisplayName><QueryStringParam>n</QueryStringParam><InputFlags>T</InputFlags></InputItem>"
)
FORM = f"<URL>{URL}</URL>"
PICTURE = "<LocationX>0</LocationX><LocationY>0</LocationY><URL>http://h/p.png</URL>"
ICON = "<IconItem><Index>1</Index><URL>http://h/i.png</URL></IconItem>"
BITS = "<Width>4</Width><Height>1</Height><Depth>2</Depth>"


def touched(x1: object, y1: object, x2: object, y2: object) -> str:
    area = f'<TouchArea X1="{x1}" Y1="{y1}" X2="{x2}" Y2="{y2}"/>'
    return f"<MenuItem><Name>A</Name><URL>{URL}</URL>{area}</MenuItem>"


def field(parameter: str = "n", flags: str = "T", default: str = "") -> str:
    return (
        f"<InputItem><DisplayName>N</DisplayName><QueryStringParam>{parameter}</QueryStringParam>"
        f"<InputFlags>{flags}</InputFlags><DefaultValue>{default}</DefaultValue></InputItem>"
    )


GOOD = (
    ("Menu", GOOD_ITEM * 100 + EXIT),
    ("Menu", f"<Title>{'t' * 32}</Title><Prompt>{'p' * 32}</Prompt>{EXIT}{GOOD_ITEM}"),
    ("Menu", item("A\nB\nC", "Dial:2017") + softkey("Go", 1, "QueryStringParam:a=b&c")),
    ("Menu", item("x" * 64, f"http://h/{'p' * 247}")),
    ("Menu", ""),
    ("Text", f"<Text>{'ä' * 4000}</Text>" + "".join(softkey(f"K{n}", n, "SoftKey:Exit") for n in range(1, 9))),
    ("Input", FORM + field("a") + field("b", "NP", "12") + field("c", "PA", "x y") + field("d", "U") + field("e", "L")),
    ("Directory", "<DirectoryEntry><Name>A</Name><Telephone>1</Telephone></DirectoryEntry>" * 32),
    ("IconFileMenu", GOOD_ITEM + EXIT + ICON),
    ("ImageFile", PICTURE + EXIT),
    ("IconMenu", f"{GOOD_ITEM}<IconItem><Index>0</Index>{BITS}<Data>2D</Data></IconItem>"),
    ("Text", "<Text/><SoftKeyItem><Name>S</Name><Position>1</Position><URLDown>Key:Speaker</URLDown></SoftKeyItem>"),
    ("Text", "<Text/><KeyItem><Key>NavBack</Key><URL>SoftKey:Back</URL></KeyItem>"),
    ("Execute", f'<ExecuteItem URL="Play:chime.raw"/><ExecuteItem Priority="2" URL="{URL}?n=#DEVICENAME#"/>'),
)

BAD = (
    (Rule.OBJECT, "Nothing", ""),
    (Rule.ELEMENT, "Menu", "<SoftKeyItems/>"),
    (Rule.ELEMENT, "Menu", "<menuitem/>"),
    (Rule.ELEMENT, "Menu", f"text{GOOD_ITEM}"),
    (Rule.ELEMENT, "Menu", f"<!-- x -->{GOOD_ITEM}"),
    (Rule.ELEMENT, "Menu", f"<?x y?>{GOOD_ITEM}"),
    (Rule.ELEMENT, "Text", "<Text><![CDATA[x]]></Text>"),
    (Rule.ELEMENT, "Text", "<Text>a<b>c</b></Text>"),
    (Rule.ELEMENT, "Text", "<Text>" + "<a>" * 20 + "</a>" * 20 + "</Text>"),
    (Rule.ELEMENT, "Text", "<Text/><KeyItem><Key>Nav</Key></KeyItem>"),
    (Rule.WELL_FORMED, "Text", "<Text>a & b</Text>"),
    (Rule.WELL_FORMED, "Text", "<Text>a"),
    (Rule.WELL_FORMED, "Text", "<Text>&nbsp;</Text>"),
    (Rule.WELL_FORMED, "Text", "<Text>\x01</Text>"),
    (Rule.WELL_FORMED, "Text", "<Text>&#133;</Text>"),
    (Rule.WELL_FORMED, "Text", "<Text>\ue000</Text>"),
    (Rule.COUNT, "Menu", GOOD_ITEM * 101),
    (Rule.COUNT, "Menu", "<Title>a</Title><Title>b</Title>"),
    (Rule.COUNT, "Text", "<Text/>" + "".join(softkey(f"K{n}", n, "SoftKey:Exit") for n in range(1, 10))),
    (Rule.COUNT, "Input", FORM + "".join(field(f"n{n}") for n in range(6))),
    (Rule.COUNT, "Directory", "<DirectoryEntry><Name>A</Name></DirectoryEntry>" * 33),
    (Rule.COUNT, "IconMenu", GOOD_ITEM * 33),
    (Rule.COUNT, "IconFileMenu", GOOD_ITEM + ICON * 11),
    (Rule.COUNT, "GraphicMenu", BITS + GOOD_ITEM * 13),
    (Rule.COUNT, "GraphicFileMenu", PICTURE + touched(0, 0, 1, 1) * 33),
    (Rule.COUNT, "Execute", '<ExecuteItem URL="Play:a.raw"/>' * 4),
    (Rule.COUNT, "Execute", f'<ExecuteItem URL="{URL}"/>' * 2),
    (Rule.MISSING, "Execute", ""),
    (Rule.MISSING, "Execute", '<ExecuteItem Priority="1"/>'),
    (Rule.MISSING, "Menu", f"<MenuItem><URL>{URL}</URL></MenuItem>"),
    (Rule.MISSING, "Menu", item(" ", URL)),
    (Rule.MISSING, "Text", "<Text/><SoftKeyItem><Name>A</Name><URL>SoftKey:Exit</URL></SoftKeyItem>"),
    (Rule.MISSING, "Text", "<Text/><SoftKeyItem><Position>1</Position><URL>SoftKey:Exit</URL></SoftKeyItem>"),
    (Rule.MISSING, "Text", "<Text/><SoftKeyItem><Name>A</Name><Position>1</Position></SoftKeyItem>"),
    (Rule.MISSING, "Text", ""),
    (Rule.MISSING, "Input", FIELD),
    (Rule.MISSING, "Input", "<URL></URL>" + FIELD),
    (Rule.MISSING, "Input", FORM + "<InputItem><DisplayName>N</DisplayName><InputFlags>T</InputFlags></InputItem>"),
    (Rule.MISSING, "ImageFile", "<LocationX>0</LocationX>"),
    (Rule.MISSING, "GraphicFileMenu", PICTURE + GOOD_ITEM),
    (Rule.MISSING, "IconFileMenu", GOOD_ITEM.replace("</MenuItem>", "<IconIndex>2</IconIndex></MenuItem>") + ICON),
    (Rule.LENGTH, "Menu", f"<Title>{'t' * 33}</Title>"),
    (Rule.LENGTH, "Menu", f"<Prompt>{'p' * 33}</Prompt>"),
    (Rule.LENGTH, "Menu", "<Title>a\nb</Title>"),
    (Rule.LENGTH, "Menu", item("x" * 65, URL)),
    (Rule.LENGTH, "Menu", item("a\nb\nc\nd", URL)),
    (Rule.LENGTH, "Menu", item("A", f"http://h/{'p' * 248}")),
    (Rule.LENGTH, "Text", f"<Text>{'x' * 4001}</Text>"),
    (Rule.LENGTH, "Text", "<Text/>" + softkey("x" * 33, 1, "SoftKey:Exit")),
    (Rule.LENGTH, "Input", FORM + field("n" * 33)),
    (Rule.LENGTH, "Input", FORM + field(default="1" * 33)),
    (Rule.LENGTH, "Directory", f"<DirectoryEntry><Name>{'x' * 33}</Name></DirectoryEntry>"),
    (Rule.LENGTH, "GraphicFileMenu", PICTURE + touched(0, 0, 1, 1).replace("<Name>A<", f"<Name>{'x' * 33}<")),
    (Rule.LENGTH, "IconMenu", f"{GOOD_ITEM}<IconItem><Index>0</Index>{BITS}<Data>{'00' * 41}</Data></IconItem>"),
    (Rule.NUMBER, "Text", "<Text/>" + softkey("A", 9, "SoftKey:Exit")),
    (Rule.NUMBER, "Text", "<Text/>" + softkey("A", 0, "SoftKey:Exit")),
    (Rule.NUMBER, "IconFileMenu", GOOD_ITEM + ICON.replace("<Index>1", "<Index>10")),
    (Rule.NUMBER, "ImageFile", PICTURE.replace("<LocationX>0", "<LocationX>298")),
    (Rule.NUMBER, "ImageFile", PICTURE.replace("<LocationX>0", "<LocationX>-2")),
    (Rule.NUMBER, "ImageFile", PICTURE.replace("<LocationX>0", "<LocationX>")),
    (Rule.NUMBER, "GraphicFileMenu", PICTURE + touched(-1, 0, 5, 5)),
    (Rule.NUMBER, "GraphicFileMenu", PICTURE + touched("x", 0, 5, 5)),
    (Rule.NUMBER, "Image", BITS + "<Data>xy</Data>"),
    (Rule.NUMBER, "Execute", '<ExecuteItem Priority="3" URL="Play:a.raw"/>'),
    (Rule.PICTURE_SIZE, "Image", BITS + "<Data>2D2D</Data>"),
    (Rule.POSITION, "Text", f"<Text/>{EXIT}{EXIT}"),
    (Rule.ORDER, "Menu", f"{GOOD_ITEM}<Title>a</Title>"),
    (Rule.ORDER, "Menu", f"<Prompt>a</Prompt><Title>a</Title>{GOOD_ITEM}"),
    (Rule.ORDER, "Menu", f"{EXIT}<Title>a</Title>{GOOD_ITEM}"),
    (Rule.ORDER, "Menu", f"{GOOD_ITEM}{EXIT}{GOOD_ITEM}"),
    (Rule.ORDER, "Menu", f"<MenuItem><URL>{URL}</URL><Name>A</Name></MenuItem>"),
    (Rule.ORDER, "Input", FIELD + FORM),
    (Rule.ATTRIBUTE, "Menu", f'<MenuItem x="1"><Name>A</Name><URL>{URL}</URL></MenuItem>'),
    (Rule.ATTRIBUTE, "Menu", f'<Title x="1">A</Title>{GOOD_ITEM}'),
    (Rule.ATTRIBUTE, "Input", f'<URL method="put">{URL}</URL>{FIELD}'),
    (Rule.ATTRIBUTE, "Input", f'<URL x="put">{URL}</URL>{FIELD}'),
    (Rule.SOFTKEY_URI, "Menu", softkey("A", 1, "SoftKey:Submit")),
    (Rule.SOFTKEY_URI, "Menu", softkey("A", 1, "SoftKey:Update")),
    (Rule.SOFTKEY_URI, "Text", "<Text/>" + softkey("A", 1, "SoftKey:Select")),
    (Rule.SOFTKEY_URI, "Text", "<Text/>" + softkey("A", 1, "SoftKey:Answer")),
    (Rule.SOFTKEY_URI, "Input", FORM + FIELD + softkey("A", 1, "SoftKey:Dial")),
    (Rule.URI, "Menu", item("A", "SoftKey:Exit")),
    (Rule.URI, "Menu", item("A", "Nothing:x")),
    (Rule.URI, "Menu", item("A", "Vibrate:x")),
    (Rule.URI, "Menu", item("A", "Dial:+4711")),
    (Rule.URI, "Menu", item("A", "Play:../x")),
    (Rule.URI, "Menu", item("A", "Display:On:1441")),
    (Rule.URI, "Menu", item("A", "Init:Nothing")),
    (Rule.URI, "Menu", item("A", "RTPRx:1.2.3.4:20481")),
    (Rule.URI, "Menu", item("A", "Notify:http:h:80")),
    (Rule.URI, "Menu", item("A", "App:Close:1:5:x")),
    (Rule.URI, "Menu", item("A", "Resource:Icon.InUse")),
    (Rule.URI, "Text", "<Text/>" + softkey("A", 1, "QueryStringParam:a=b")),
    (Rule.URI, "Text", f"<Text/>{EXIT.replace('<URL>SoftKey:Exit</URL>', '<URLDown>http://h/</URLDown>')}"),
    (Rule.URI, "IconFileMenu", GOOD_ITEM + ICON.replace("http://h/i.png", "Resource:Icon.Nothing")),
    (Rule.URI, "Execute", '<ExecuteItem URL="SoftKey:Exit"/>'),
    (Rule.URI, "Execute", '<ExecuteItem URL="Notify:http:h:80:p"/>'),
    (Rule.KEY, "Menu", item("A", "Key:NavBack")),
    (Rule.URL, "Menu", item("A", "/phone/menu")),
    (Rule.URL, "Menu", item("A", "http://h/a b")),
    (Rule.URL, "Menu", item("A", "http://h/ä")),
    (Rule.URL, "Menu", item("A", "http://h/%zz")),
    (Rule.URL, "Menu", item("A", "http://h/#part")),
    (Rule.URL, "Menu", item("A", "http://h:99999/")),
    (Rule.URL, "Menu", item("A", "http:///x")),
    (Rule.URL, "Menu", item("A", "http://[x/")),
    (Rule.URL, "Menu", item("A", "http://u:p@h/")),
    (Rule.URL, "Input", "<URL>Dial:1</URL>" + FIELD),
    (Rule.URL, "ImageFile", PICTURE.replace("http://h/p.png", "Resource:Icon.InUse")),
    (Rule.DEVICE_NAME, "Text", "<Text/>" + softkey("A", 1, "http://h/?n=#DEVICENAME#")),
    (Rule.DEVICE_NAME, "Input", "<URL>http://h/?n=#DEVICENAME#</URL>" + FIELD),
    (Rule.DEVICE_NAME, "ImageFile", PICTURE.replace("p.png", "#DEVICENAME#.png")),
    (Rule.INPUT_FLAGS, "Input", FORM + field(flags="P")),
    (Rule.INPUT_FLAGS, "Input", FORM + field(flags="X")),
    (Rule.QUERY_PARAMETER, "Input", FORM + field("a") + field("a")),
    (Rule.QUERY_PARAMETER, "Input", FORM + field("a b")),
    (Rule.QUERY_PARAMETER, "Input", FORM + field("a=1&amp;b")),
    (Rule.DEFAULT_VALUE, "Input", FORM + field(flags="T", default="+47")),
    (Rule.DEFAULT_VALUE, "Input", FORM + field(flags="N", default="#")),
    (Rule.DEFAULT_VALUE, "Input", FORM + field(flags="U", default="abc")),
    (Rule.TOUCH_AREA, "GraphicFileMenu", PICTURE + touched(5, 0, 5, 5)),
    (Rule.TOUCH_AREA, "GraphicFileMenu", PICTURE + touched(0, 0, 559, 5)),
    (Rule.TOUCH_AREA, "GraphicFileMenu", PICTURE + touched(0, 0, 5, 265)),
    (Rule.PUSH_ONLY, "Status", BITS),
)


class Objects(SynchronousTestCase):
    """On an 8845."""

    def refused(self, content: bytes, kind: str = XML, model: str = "8845") -> Refusal:
        return self.assertRaises(Refusal, read_page, content, kind, MODELS[model])

    def test_good(self) -> None:
        for kind, body in GOOD:
            self.assertEqual(read_page(document(kind, body), XML, MODELS["8845"]).kind, kind)

    def test_bad(self) -> None:
        for rule, kind, body in BAD:
            refusal = self.refused(document(kind, body))
            self.assertIs(refusal.rule, rule, (kind, body, str(refusal)))

    def test_attributes(self) -> None:
        for name, value, rule in (
            ("appID", "a", Rule.ATTRIBUTE),
            ("appId", "", Rule.MISSING),
            ("appId", "a" * 65, Rule.LENGTH),
            ("keypadTarget", "all", Rule.ATTRIBUTE),
            ("WindowMode", "wide", Rule.ATTRIBUTE),
            ("onAppClosed", "http://h/", Rule.URI),
            ("onAppClosed", "Play:a.raw;http://h/", Rule.URI),
            ("onAppMinimized", "App:Close:0:60:a", Rule.URI),
            ("onAppFocusLost", "SoftKey:Exit", Rule.URI),
        ):
            refusal = self.refused(document("ImageFile", PICTURE, **{name: value}))
            self.assertIs(refusal.rule, rule, (name, value))
        self.assertIs(self.refused(document("Text", "<Text/>", WindowMode="Wide")).rule, Rule.ATTRIBUTE)
        self.assertIs(self.refused(document("Error", "", Number="a")).rule, Rule.NUMBER)
        self.assertIs(self.refused(document("Error", "")).rule, Rule.MISSING)
        good = {"keypadTarget": "activeCall", "appId": "a/b", "onAppMinimized": "Play:a.raw;http://h/"}
        read_page(document("Text", "<Text/>", **good), XML, MODELS["8845"])

    def test_encoding(self) -> None:
        text = "<CiscoIPPhoneText><Text>\xe4</Text></CiscoIPPhoneText>"
        wide = f'<?xml version="1.0" encoding="utf-16"?>{text}'
        for content, kind, rule in (
            (text.encode(), XML, Rule.ENCODING),
            (f'<?xml version="1.0"?>{text}'.encode(), XML, Rule.ENCODING),
            (f'<?xml version="1.0" encoding="iso-8859-1"?>{text}'.encode(), XML, Rule.ENCODING),
            (wide.encode("utf-16"), "text/xml; charset=utf-16", Rule.ENCODING),
            ((DECLARED + text).encode(), "text/xml", Rule.ENCODING),
            ((DECLARED + text).encode("latin-1"), XML, Rule.WELL_FORMED),
            ((DECLARED + text).encode(), "text/html; charset=utf-8", Rule.CONTENT_TYPE),
            ((DECLARED + text).encode(), "", Rule.CONTENT_TYPE),
            (b"\n" + (DECLARED + text).encode(), XML, Rule.WELL_FORMED),
            (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', XML, Rule.ELEMENT),
            (b"", XML, Rule.WELL_FORMED),
            (b" " * 196609, XML, Rule.SIZE),
        ):
            self.assertIs(self.refused(content, kind).rule, rule, (content[:99], kind))
        latin = f'<?xml version="1.0" encoding="ISO-8859-1"?>{text}'.encode("latin-1")
        self.assertEqual(read_page(latin, "text/xml;charset=iso-8859-1", MODELS["7945"]).text, "\xe4")

    def test_pushed_without_a_declaration(self) -> None:
        text = "<CiscoIPPhoneText><Text>a</Text></CiscoIPPhoneText>"
        self.assertEqual(read_pushed(text.encode(), MODELS["7945"]).text, "a")
        refusal = self.assertRaises(Refusal, read_pushed, text.replace("a<", "ä<").encode(), MODELS["7945"])
        self.assertIs(refusal.rule, Rule.ENCODING)

    def test_by_model(self) -> None:
        for model, rule, kind, body in (
            ("7945", Rule.ATTRIBUTE, "Input", f'<URL method="post">{URL}</URL>{FIELD}'),
            ("9971", Rule.ATTRIBUTE, "Input", f'<URL method="post">{URL}</URL>{FIELD}'),
            ("7841", None, "Input", f'<URL method="post">{URL}</URL>{FIELD}'),
            ("7841", Rule.OBJECT, "ImageFile", PICTURE),
            ("7841", Rule.OBJECT, "GraphicFileMenu", PICTURE),
            ("7841", Rule.URI, "Menu", item("A", "Display:On:1")),
            ("7841", Rule.URI, "Menu", item("A", "SendDigits:1")),
            ("7945", None, "Menu", item("A", "Display:On:1")),
            ("7945", None, "Menu", item("A", "Key:NavBack")),
            ("7945", Rule.KEY, "Menu", item("A", "Key:Session1")),
            ("8845", None, "Menu", item("A", "Key:Session1")),
            ("9971", Rule.KEY, "Menu", item("A", "Key:Services")),
            ("9971", Rule.URI, "Menu", item("A", "Device:Unlock")),
            ("9971", None, "GraphicFileMenu", PICTURE + touched(0, 0, 497, 288)),
            ("9971", Rule.TOUCH_AREA, "GraphicFileMenu", PICTURE + touched(0, 0, 498, 288)),
            ("7975", Rule.TOUCH_AREA, "GraphicFileMenu", PICTURE + touched(0, 0, 298, 100)),
        ):
            if rule is None:
                read_page(document(kind, body), XML, MODELS[model])
            else:
                self.assertIs(self.refused(document(kind, body), XML, model).rule, rule, (model, body))

    def test_wide(self) -> None:
        content = document("GraphicFileMenu", PICTURE + touched(0, 0, 319, 167), WindowMode="Wide")
        read_page(content, XML, MODELS["7975"])

    def test_what_is_shown(self) -> None:
        self.assertTrue(str(self.refused(document("Menu", GOOD_ITEM * 101))).startswith("XML Error[4]: 101 MenuItem"))
        self.assertTrue(str(self.refused(document("Nothing", ""))).startswith("XML Error[5]: "))
