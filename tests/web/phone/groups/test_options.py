"""Name, manager options, overflow, greeting and tones of a group; two who edit the same do not undo each other."""

from typing import Any

from magroup.groups.editing import edits
from magroup.model.groups import Group, Overflow, OverflowTo
from magroup.model.people import Privilege as P
from tests.web.phone.groups.test_menu import MARIA
from tests.web.phone.server import PhoneCase


class OptionTests(PhoneCase):
    privileges = {"Rafael_Hidalgo": frozenset({P.GROUPS}), "Maria_Rossi": frozenset({P.GROUPS})}

    @property
    def group(self) -> Group:
        return self.current.value.group_by_id[45]

    async def somebody_else_sets(self, **values: Any) -> None:
        await self.meanwhile(lambda configuration: edits.change_group(configuration, edits.Rules(), 45, values))

    async def test_name(self) -> None:
        form = await self.page("group-name", group=45)
        self.assertEqual(form.values, {"called": "Accounting"})
        done = await self.load(form.filled(called="Books & <Numbers>"))
        self.assertEqual(done.text, "The group is called Books & <Numbers>.")
        self.assertEqual(self.group.name, "Books & <Numbers>")
        self.assertEqual((await self.load(done.keys["OK"])).title, "Books & <Numbers>")
        again = await self.load(form.filled(called="Sales"))
        self.assertEqual((again.title, again.values), ("Was changed meanwhile", {"called": "Books & <Numbers>"}))
        again = await self.load(again.filled(called="Sales"))
        self.assertEqual((again.title, again.values), ("There is such a group already", {"called": "Sales"}))
        await self.stored()

    async def test_a_long_name_that_is_not_touched(self) -> None:
        await self.somebody_else_sets(name="Accounting and everything else there is")
        form = await self.page("group-name", group=45)
        self.assertEqual(form.values, {"called": "Accounting and everything else…"})
        await self.load(form.filled())
        self.assertEqual((self.group.name, len(self.changes)), ("Accounting and everything else there is", 1))

    async def test_manager_options(self) -> None:
        await self.somebody_else_sets(number="+41315555")
        form = await self.page("group-options", MARIA, group=45)
        self.assertEqual(form.values, {"number": "#41315555", "manager_timeout": "0", "assistant_timeout": "0"})
        done = await self.load(form.filled(number="#4131 5556", manager_timeout="20"))
        self.assertEqual(done.text, "The options are saved.")
        self.assertEqual((self.group.number, self.group.manager_timeout), ("+41315556", 20))
        for typed, why in (
            ({"manager_timeout": "x"}, "Seconds from 0 to 86400"),
            ({"manager_timeout": ""}, "Seconds from 0 to 86400"),
            ({"assistant_timeout": "86401"}, "Seconds from 0 to 86400"),
            ({"number": "1068"}, "This number is taken"),
            ({"number": "#"}, "This is no phone number"),
        ):
            form = await self.page("group-options", MARIA, group=45)
            self.assertEqual((await self.load(form.filled(**typed))).title, why)
        done = await self.load(form.filled(number=""))
        self.assertEqual((self.group.number, self.group.manager_timeout), ("", 20))

    async def test_two_forms_at_once(self) -> None:
        one = await self.page("group-options", MARIA, group=45)
        other = await self.page("group-options", MARIA, group=45)
        await self.load(one.filled(manager_timeout="20"))
        await self.load(other.filled(assistant_timeout="30"))
        self.assertEqual((self.group.manager_timeout, self.group.assistant_timeout), (20, 30))
        late = await self.load(other.filled(manager_timeout="40", assistant_timeout="31"))
        self.assertEqual(late.title, "Was changed meanwhile")
        self.assertEqual(late.values["manager_timeout"], "20")
        self.assertEqual((self.group.manager_timeout, self.group.assistant_timeout), (20, 30))
        await self.load(late.filled(manager_timeout="40"))
        self.assertEqual((self.group.manager_timeout, self.group.assistant_timeout), (40, 30))

    async def test_overflow(self) -> None:
        menu = await self.page("group-overflow", group=45)
        self.assertEqual(
            list(menu.items),
            ["> <No Overflow>", "Busy", "To Number", "Voicemail", "1st level support", "2nd level support", "Board",
             "Internal support", "Sales"],
        )  # fmt: skip
        for item, overflow, text in (
            ("Busy", Overflow(OverflowTo.BUSY), "Overflow: Busy"),
            ("Sales", Overflow(OverflowTo.GROUP, "64"), "Overflow: Sales"),
            ("<No Overflow>", Overflow(), "Overflow: <No Overflow>"),
        ):
            menu = await self.page("group-overflow", group=45)
            done = await self.load(menu.items[item])
            self.assertEqual((done.text, self.group.overflow), (text, overflow))
        await self.stored()

    async def test_overflow_to_a_number_or_a_mailbox(self) -> None:
        for item, to, typed, stored in (
            ("To Number", OverflowTo.NUMBER, "#4131", "+4131"),
            ("Voicemail", OverflowTo.VOICEMAIL, "*97", "*97"),
        ):
            form = await self.load((await self.page("group-overflow", group=45)).items[item])
            self.assertEqual((await self.load(form.filled())).title, "A number is needed")
            self.assertEqual((await self.load(form.filled(number="x"))).title, "This is no phone number")
            done = await self.load(form.filled(number=typed))
            self.assertEqual(self.group.overflow, Overflow(to, stored))
            self.assertEqual((await self.load(form.filled(number=typed))).text, done.text)
            menu = await self.page("group-overflow", group=45)
            self.assertIn(f"> {item}", menu.items)
            form = await self.load(menu.items[f"> {item}"])
            self.assertEqual(form.values, {"number": typed})

    async def test_overflow_that_somebody_else_has_changed(self) -> None:
        await self.somebody_else_sets(overflow=Overflow(OverflowTo.NUMBER, "1"))
        menu = await self.page("group-overflow", group=45)
        form = await self.load(menu.items["> To Number"])
        await self.somebody_else_sets(overflow=Overflow(OverflowTo.BUSY))
        self.assertEqual((await self.load(menu.items["Sales"])).text, "Was changed meanwhile.")
        self.assertEqual((await self.load(menu.items["Busy"])).text, "Overflow: Busy")
        self.assertEqual((await self.load(form.filled(number="2"))).title, "Was changed meanwhile")
        self.assertEqual((await self.load(form.filled())).text, "Overflow: Busy")
        self.assertEqual(self.group.overflow, Overflow(OverflowTo.BUSY))

    async def test_overflow_to_what_is_not_there(self) -> None:
        for query, text in (
            ({"to": "group", "other": 45}, "There is no such group."),
            ({"to": "group", "other": 99}, "There is no such group."),
            ({"to": "nowhere"}, "There is no such target."),
            ({"to": "number"}, "There is no such target."),
        ):
            self.assertEqual((await self.page("set-overflow", group=45, **query)).text, text)
        self.assertEqual((await self.page("overflow-number", group=45, to="busy")).text, "There is no such target.")

    async def test_greeting(self) -> None:
        menu = await self.page("group-greeting", group=45)
        self.assertEqual(list(menu.items), ["> <None>", "busy.wav", "Welcome.wav"])
        done = await self.load(menu.items["Welcome.wav"])
        self.assertEqual((done.text, self.group.welcome), ("Callers are greeted by Welcome.wav.", "Welcome.wav"))
        self.assertEqual((await self.load(menu.items["busy.wav"])).text, "Was changed meanwhile.")
        menu = await self.page("group-greeting", group=45)
        self.assertEqual(list(menu.items), ["<None>", "busy.wav", "> Welcome.wav"])
        done = await self.load(menu.items["<None>"])
        self.assertEqual((done.text, self.group.welcome), ("Callers are not greeted.", ""))
        self.assertEqual((await self.page("set-greeting", group=45, sound="0" * 12)).text, "There is no such sound.")

    async def test_sounds_have_pages_and_long_names(self) -> None:
        long = "ü" * 100 + ".wav"
        self.ship(*(f"{number:03}.wav" for number in range(110)), long)
        menu = await self.page("group-greeting", group=45)
        self.assertEqual((len(menu.items), list(menu.keys)), (100, ["Exit", "Select", ">>", "Back"]))
        last = await self.load(menu.keys[">>"])
        self.assertEqual(list(last.keys), ["Exit", "Select", "<<", "Back"])
        item = next(name for name in last.items if name.startswith("ü"))
        await self.load(last.items[item])
        self.assertEqual(self.group.welcome, long)

    async def test_tones(self) -> None:
        menu = await self.page("group-tones", group=45)
        self.assertEqual(list(menu.items), ["Manager tone: none", "Assistant tone: none"])
        tones = await self.load(menu.items["Manager tone: none"])
        self.assertEqual(list(tones.items)[:3], ["> <None>", "Analog1.raw", "Analog2.raw"])
        done = await self.load(tones.items["Analog2.raw"])
        self.assertEqual((done.text, self.group.manager_alarm), ("Manager tone: Analog2.raw", "Analog2.raw"))
        self.assertEqual((await self.load(tones.items["Analog1.raw"])).text, "Was changed meanwhile.")
        self.assertEqual(self.group.assistant_alarm, "")
        self.assertEqual((await self.page("group-tone", group=45, of="x")).text, "There is no such target.")
        await self.stored()

    async def test_the_tone_of_a_group_without_manager(self) -> None:
        self.grant("Rafael.Hidalgo", P.ADMIN)
        tones = await self.page("group-tones", group=64)
        done = await self.load(tones.items["Analog1.raw"])
        self.assertEqual(done.text, "Tone: Analog1.raw")
        self.assertEqual(self.current.value.group_by_id[64].assistant_alarm, "Analog1.raw")
