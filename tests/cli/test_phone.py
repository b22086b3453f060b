"""``python -m magroup phone`` at a web site of pages for phones."""

import contextlib
import io
import subprocess
import sys

from twisted.internet import reactor
from twisted.internet.threads import deferToThread

from magroup.cli.phone import options_of, run
from tests.cli.simulated_phone.kit import Given, PhoneCase, item, page, png, softkey
from tests.server_process import environment

LONGEST = 60.0


class PhoneCommand(PhoneCase):
    """Exit code, standard output, standard error."""

    def setUp(self) -> None:
        super().setUp()
        url = self.url
        self.site.pages["/"] = page(
            "Menu",
            f"<Title>Menu</Title><Prompt>Choose</Prompt>{item('Form', f'{url}/form')}{item('Call', 'Dial:2017')}"
            f"{item('Grid', f'{url}/grid')}{softkey('Select', 1, 'SoftKey:Select')}",
        )
        self.site.pages["/form"] = page(
            "Input",
            f"<Title>Form</Title><URL>{url}/done</URL><InputItem><DisplayName>PIN</DisplayName>"
            "<QueryStringParam>pin</QueryStringParam><InputFlags>NP</InputFlags></InputItem>",
        )
        self.site.pages["/done"] = lambda asked: page("Text", f"<Title>Done</Title><Text>{asked.query}\nx</Text>")
        self.site.pages["/grid"] = page("ImageFile", f"<Title>Grid</Title><URL>{url}/grid.png</URL>")
        self.site.pages["/grid.png"] = Given(png(559, 265), "image/png")

    async def run_phone(self, *arguments: str, typed: str = "") -> tuple[int, list[str]]:
        """Exit code and lines of the standard output."""
        options = options_of(arguments)
        assert not isinstance(options, int)
        lines = typed.splitlines(keepends=True)[::-1]
        code = 0
        with contextlib.redirect_stdout(io.StringIO()) as out:
            try:
                await run(reactor, options, lambda: lines.pop() if lines else "")
            except SystemExit as end:
                code = int(str(end.code))
        return code, out.getvalue().splitlines()

    async def test_using(self) -> None:
        code, out = await self.run_phone(
            "--device", "SEPABC", "--address", "127.0.0.7", f"{self.url}/?d=#DEVICENAME#",
            typed="2\n1\npin=47\nSubmit\nback\nback\n\n3\n?\nExit\nq\n",
        )  # fmt: skip
        self.assertEqual(code, 0, out)
        menu = ["=== Menu ===", "  1 Form", "  2 Call", "  3 Grid", "--- Choose", "[Select]"]
        form = ["=== Form ===", "    PIN (pin, NP): ", "[Submit] [<<] [Cancel] [Update]"]
        self.assertEqual(out[:6], menu)
        self.assertEqual(out[6:16], ["Dial:2017", *menu, *form])
        self.assertEqual(out[16:19], [form[0], "    PIN (pin, NP): **", form[2]])
        self.assertEqual(out[19:23], ["=== Done ===", "pin=47", "x", "[Exit] [Update]"])
        self.assertIn(f"(559x265 pixels, {self.url}/grid.png)", out)
        self.assertEqual((self.site.asked[0].query, self.site.asked[0].address), ("d=SEPABC", "127.0.0.7"))

    async def test_refusals(self) -> None:
        for typed, told in (
            ("9\n", "nothing: there is no item 9"),
            ("Nothing\n", "nothing: no softkey is called 'Nothing'"),
            ("1\npin=a\n", "nothing: 'a' cannot be typed into 'PIN' (NP) (typed)"),
        ):
            code, out = await self.run_phone(f"{self.url}/", typed=typed)
            self.assertEqual(code, 1)
            self.assertIn(told, "\n".join(out))
        code, out = await self.run_phone("--model", "7841", f"{self.url}/grid")
        self.assertEqual((code, out), (1, ["XML Error[5]: a 7841 has no CiscoIPPhoneImageFile (object)"]))

    async def test_walking(self) -> None:
        code, out = await self.run_phone("--walk", f"{self.url}/")
        self.assertEqual(code, 0)
        self.assertEqual(out[0], "Menu 'Menu'")
        self.assertIn("  3 Grid: ImageFile 'Grid'", out)
        self.assertTrue(out[-1].endswith(" pages, 0 refused"), out[-1])
        code, out = await self.run_phone("--walk", "--model", "7841", f"{self.url}/")
        self.assertEqual((code, out[-1].endswith(" pages, 1 refused")), (1, True))

    def test_arguments(self) -> None:
        for arguments in ((), ("--model", "1234", "http://h/"), ("a", "b")):
            with contextlib.redirect_stderr(io.StringIO()) as err:
                self.assertEqual(options_of(arguments), 1)
            self.assertEqual(len(err.getvalue().splitlines()), 1)

    async def test_as_a_program(self) -> None:
        done = await deferToThread(
            subprocess.run,
            [sys.executable, "-m", "magroup", "phone", f"{self.url}/"],
            input="2\n", env=environment(), capture_output=True, text=True, timeout=LONGEST,
        )  # fmt: skip
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout.splitlines()[6], "Dial:2017")
