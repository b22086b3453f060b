"""The administration's pages without a network: the configuration in a real database, everything done at once."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from lxml import html
from twisted.trial.unittest import SynchronousTestCase

from magroup.groups.editing import Editing, Rules
from magroup.groups.settings_book import SettingsBook
from magroup.model.audit import Change
from magroup.model.configuration import Configuration
from magroup.model.people import Privilege
from magroup.model.settings_layers import Layers
from magroup.reloading import Reload
from magroup.resources import sound
from magroup.rtp.audio_content import check_mp3, check_wav
from magroup.rtp.audio_folder import AudioFolder
from magroup.store import CurrentConfiguration, load, replace_all
from magroup.store.engine import open_engine
from magroup.web.admin.visit import AdminParts
from magroup.web.file_pages import FilePages
from magroup.web.pictures import Pictures
from tests.store.fresh import put
from tests.web.admission.kit import HASHES, Kept
from tests.web.connection import Answer, Browser, Web
from tests.web.rest.company import COMPANY

T = TypeVar("T")
HOME = "/Applications/inbound/MA%20Group/"
BOUNDARY = "e4c1b1d0"


async def _nothing() -> None:
    """Nobody plays the sounds."""


async def at_once(work: Callable[[], T]) -> T:
    """A thread that is none."""
    return work()


def company(**privileges: Iterable[Privilege]) -> Configuration:
    """The company of the manual's examples, all with the password "secret"; privileges by user name, _ for the dot."""
    return COMPANY.changed(
        users=tuple(
            replace(
                user, password_hash=HASHES["secret"],
                privileges=frozenset(privileges.get(user.name.replace(".", "_"), ())),
            )
            for user in COMPANY.users
        )
    )  # fmt: skip


class _Database:
    """Transactions at once."""

    def __init__(self, folder: Path) -> None:
        self.engine = open_engine(f"sqlite:///{folder}/magroup.db")

    async def run(self, work: Callable[..., Any], /, *arguments: Any) -> Any:
        with self.engine.begin() as connection:
            return work(connection, *arguments)


@dataclass
class _Following(Kept):
    """Users are those of the configuration in force."""

    current: Any = None

    def __getattribute__(self, name: str) -> Any:
        current = object.__getattribute__(self, "current") if name == "configuration" else None
        return object.__getattribute__(self, name) if current is None else current.value


@dataclass
class AdminWeb(Web):
    """The site with the administration over ``begin``."""

    begin: Configuration = field(default_factory=company)
    folder: Path = field(default_factory=Path)

    def __post_init__(self) -> None:
        put(self.folder)
        database = _Database(self.folder)
        with database.engine.begin() as connection:
            replace_all(connection, self.begin)
            loaded = load(connection, self.begin.plan)
        self.current = CurrentConfiguration(loaded)
        self.kept = _Following(current=self.current)
        self.changes: list[Change] = []
        self.database = database
        self.waves = AudioFolder(self.folder / "sounds", sound(), ".wav", check_wav, _nothing)
        self.tones = AudioFolder(self.folder / "tones", sound("gadget"), ".mp3", check_mp3, _nothing)
        for sounds in (self.waves, self.tones):
            sounds.make()
        self.editing = Editing(
            self.current, cast(Any, database), cast(Any, self.clock),
            lambda: Rules(wave=self.waves.stored, tone=self.tones.stored),
            lambda connection, change: self.changes.append(change),
        )  # fmt: skip
        self.pictures = Pictures(self.folder / "pictures", at_once)
        self.pictures._make()
        self.reload = Reload(Layers, Layers())
        self.book = SettingsBook(
            self.reload, {}, self.current, cast(Any, database), cast(Any, self.clock),
            lambda connection, change: self.changes.append(change), at_once,
        )  # fmt: skip
        self.book.begin()
        super().__post_init__()
        self.current.subscribe(self.admission.configure)
        self.current.subscribe(self.pictures.configured)

    def more(self) -> dict[str, Any]:
        parts = AdminParts(
            self.editing, self.admission, lambda: self.settings, self.waves, self.tones, at_once, self.instance,
            self.pictures, self.book,
        )  # fmt: skip
        return {"admin": parts, "files": FilePages(self.admission, self.pictures, self.tones, at_once)}

    def stored(self) -> Configuration:
        """What is in the database."""
        with self.database.engine.begin() as connection:
            return load(connection, self.begin.plan)


class Visitor(Browser):
    """A browser that fills in the administration's forms."""

    def at(self, path: str) -> Answer:
        """A page of the administration."""
        return self.get(path if path.startswith("/") else HOME + path)

    def page(self, path: str) -> Any:
        answer = self.at(path)
        assert answer.code == 200, (path, answer.code, answer.text)
        return html.fromstring(answer.text)

    def send(self, path: str, fields: Mapping[str, Any]) -> Answer:
        """A form as it is, each value once or as a list."""
        body = urlencode(list(fields.items()), doseq=True).encode()
        kind = "application/x-www-form-urlencoded"
        return self._kept(self.web.ask(self._at(path), "POST", body, **{**self._headers(), "Content-Type": kind}))

    def fill(self, path: str, file: tuple[str, bytes] | None = None, action: str = "", **values: Any) -> Answer:
        """The form at ``path`` with what is in it already and these values; None leaves a field out."""
        page = self.page(path)
        (form,) = [one for one in page.xpath("//form[@method='post']") if not action or one.get("action") == action][:1]
        fields: dict[str, Any] = {}
        for name, value in form.form_values():
            fields.setdefault(name, []).append(value)
        fields |= values
        fields = {name: value for name, value in fields.items() if value is not None}
        if form.get("enctype") == "multipart/form-data":
            (name,) = form.xpath(".//input[@type='file']/@name")
            return self.upload(form.get("action"), fields, name, file or ("", b""))
        return self.send(form.get("action"), fields)

    def upload(self, path: str, fields: Mapping[str, Any], name: str, file: tuple[str, bytes]) -> Answer:
        """A form with a file as its last part."""
        start = f"--{BOUNDARY}\r\nContent-Disposition: form-data; name="
        body = "".join(
            f'{start}"{key}"\r\n\r\n{value if isinstance(value, str) else value[0]}\r\n'
            for key, value in fields.items() if key != name
        ).encode()  # fmt: skip
        body += f'{start}"{name}"; filename="{file[0]}"\r\nContent-Type: application/octet-stream\r\n\r\n'.encode()
        body += file[1]
        body += f"\r\n--{BOUNDARY}--\r\n".encode()
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        return self._kept(self.web.ask(self._at(path), "POST", body, **{**self._headers(), "Content-Type": kind}))

    def _at(self, path: str) -> str:
        return path if path.startswith("/") else HOME + path


class AdminCase(SynchronousTestCase):
    """``browser`` is Maria's, who has all privileges."""

    def setUp(self) -> None:
        self.begin(company(Maria_Rossi=Privilege))

    def begin(self, configuration: Configuration) -> None:
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.web = AdminWeb(begin=configuration, folder=Path(folder.name))
        self.addCleanup(self.web.database.engine.dispose)
        self.browser = self.logged_in("Maria.Rossi")

    def logged_in(self, name: str) -> Visitor:
        browser = Visitor(self.web)
        browser.post("/LogonPage.asp", user=name, pwd="secret")
        return browser

    @property
    def now(self) -> Configuration:
        """What is in force, which is what is stored."""
        self.assertEqual(self.web.stored(), self.web.current.value)
        return self.web.current.value

    def done(self, answer: Answer, note: str = "") -> str:
        """The form was taken; where the browser goes to."""
        self.assertEqual(answer.code, 303, said(answer))
        location = answer.headers["location"]
        self.assertIn(f"note={note}", location)
        return location

    def refused(self, answer: Answer, **wrong: str) -> Any:
        """The form is there again with sentences at these fields, ``form`` for it as a whole; nothing is changed."""
        self.assertEqual(answer.code, 422, said(answer))
        page = html.fromstring(answer.text)
        found = {span.get("id").removesuffix("-wrong"): span.text for span in page.xpath("//span[@class='wrong']")}
        for alert in page.xpath("//*[@role='alert']"):
            found["form"] = alert.text_content()
        self.assertEqual(set(found), set(wrong), found)
        for name, words in wrong.items():
            self.assertIn(words, found[name])
        return page


def said(answer: Answer) -> str:
    """What a page says, for failures."""
    if not answer.headers.get("content-type", "").startswith("text/html"):
        return str(answer)
    return " ".join(html.fromstring(answer.text).text_content().split())[:2000] if answer.text else str(answer)


def rows(page: Any) -> list[list[str]]:
    """The cells of the page's table."""
    return [[" ".join(cell.text_content().split()) for cell in row.xpath("./th | ./td")]
            for row in page.xpath("//tbody/tr")]  # fmt: skip
