"""Configurations made by hypothesis: any that the store, the company file and REST could hold."""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from magroup.model.configuration import Configuration
from magroup.model.groups import (
    Announcement,
    Group,
    Member,
    Overflow,
    OverflowTo,
    ShowVipCalls,
    VipEntry,
    VipRouting,
)
from magroup.model.lines import Line, Phone, Trunk
from magroup.model.people import Contact, Privilege, User

characters = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))
texts = st.text(characters, max_size=12)
names = st.text(characters, min_size=1, max_size=12).filter(lambda name: name == name.strip())
files = st.sampled_from(("", "Welcome.wav", "Waiting 1.wav", "Grüezi.wav", "a_b-c.mp3"))
stars = st.integers(0, 5)
seconds = st.integers(0, 86_400)
numbers = st.from_regex(r"(\+[0-9])?[0-9*#]{1,6}( [0-9]{1,4})?", fullmatch=True)
patterns = st.from_regex(r"\+?[0-9X]{1,10}!?", fullmatch=True)
hosts = st.sampled_from(("192.0.2.7", "pbx.example.com", "pbx.example.com:5070", "[2001:db8::1]:5061;transport=tls"))


def ids(amount: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(1, 1000), min_size=amount, max_size=amount, unique=True)


@dataclass
class Draw:
    """Hypothesis's draw function, with what the parts of a company have in common."""

    draw: Any

    def __call__(self, strategy: st.SearchStrategy[Any]) -> Any:
        return self.draw(strategy)

    def with_ids(self, strategy: st.SearchStrategy[Any], most: int = 4) -> list[tuple[int, Any]]:
        found = self.draw(st.lists(strategy, max_size=most))
        return list(zip(self.draw(ids(len(found))), found, strict=True))

    def unique_names(self, most: int) -> list[str]:
        return list(self.draw(st.lists(names, max_size=most, unique_by=str.casefold)))

    def build(self, kind: Any, **given: Any) -> Any:
        return self.draw(
            st.builds(kind, **{k: v if isinstance(v, st.SearchStrategy) else st.just(v) for k, v in given.items()})
        )


@st.composite
def configurations(draw: Any) -> Configuration:
    """A well-formed configuration: numbers used once, references that lead somewhere, lists in order."""
    d = Draw(draw)
    used = d(st.lists(numbers, max_size=8, unique_by=lambda n: n.replace(" ", "").replace("+", "00", 1)))
    used = [n for n in used if not n.startswith("00") or n.replace(" ", "").replace("00", "+", 1) not in used]
    half = len(used) // 2
    groups = _groups(d, used[:half])
    lines = tuple(_line(d, number, [group.id for group in groups]) for number in used[half:])
    of_lines = [line.number for line in lines]
    some_lines = st.lists(st.sampled_from(of_lines), unique=True, max_size=3) if of_lines else st.just([])
    users = _users(d, some_lines)
    members = _members(d, groups, users, of_lines)
    managers = [member.id for member in members if member.is_manager]
    return Configuration(
        users=users,
        lines=lines,
        phones=tuple(
            d.build(
                Phone,
                device_name=name,
                model=texts,
                lines=some_lines.map(tuple),
                address=texts,
                push_user=texts,
                push_password=texts,
                token=texts,
                strip=st.booleans(),
            )
            for name in d.unique_names(3)
        ),
        contacts=tuple(
            d.build(Contact, id=id, number=number, name=texts, picture=files, stars=stars)
            for id, number in d.with_ids(numbers)
        ),
        trunks=_trunks(d),
        groups=groups,
        members=members,
        announcements=_announcements(d, groups),
        vips=tuple(
            d.build(VipEntry, id=id, member_id=member_id, number=patterns, description=texts)
            for id, member_id in (d.with_ids(st.sampled_from(managers)) if managers else ())
        ),
    )


def _groups(d: Draw, manager_numbers: list[str]) -> tuple[Group, ...]:
    group_names = d.unique_names(4)
    group_ids = d(ids(len(group_names)))
    overflows = st.one_of(
        st.builds(Overflow, st.sampled_from((OverflowTo.NONE, OverflowTo.BUSY))),
        st.builds(Overflow, st.sampled_from((OverflowTo.NUMBER, OverflowTo.VOICEMAIL)), numbers),
        *([st.builds(Overflow, st.just(OverflowTo.GROUP), st.sampled_from(group_ids).map(str))] if group_ids else []),
    )
    return tuple(
        d.build(
            Group,
            id=id,
            name=name,
            welcome=files,
            ring_parallel=st.booleans(),
            number=manager_numbers.pop() if manager_numbers and d(st.booleans()) else "",
            manager_timeout=seconds,
            assistant_timeout=seconds,
            overflow=overflows,
            show_vip_calls=st.sampled_from(ShowVipCalls),
            vip_routing=st.sampled_from(VipRouting),
            assistant_to_manager=st.booleans(),
            show_calls=st.booleans(),
            caller_name=texts,
            caller_number=texts,
            manager_alarm=files,
            assistant_alarm=files,
            vip_threshold=st.integers(0, 6),
            manager_alarm_gadget=files,
            assistant_alarm_gadget=files,
        )
        for id, name in zip(group_ids, group_names, strict=True)
    )


def _line(d: Draw, number: str, group_ids: list[int]) -> Line:
    return d.build(  # type: ignore[no-any-return]
        Line,
        number=number,
        secret=texts,
        on_pbx=st.booleans(),
        display_name=texts,
        no_records=st.booleans(),
        displayed_group=st.sampled_from([0, *group_ids]),
    )


def _users(d: Draw, some_lines: st.SearchStrategy[list[str]]) -> tuple[User, ...]:
    user_names = d.unique_names(4)
    return tuple(
        d.build(
            User,
            id=id,
            name=name,
            first_name=texts,
            last_name=texts,
            department=texts,
            email=texts,
            picture=files,
            stars=stars,
            language=st.sampled_from(("", "en", "de", "fr-CH")),
            password_hash=st.sampled_from(("", "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaA")),
            lines=some_lines.map(tuple),
            mobile=st.one_of(st.just(""), numbers),
            voicemail=st.one_of(st.just(""), numbers),
            voicemail_pin_hash=st.sampled_from(("", "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaA")),
            privileges=st.frozensets(st.sampled_from(Privilege)),
        )
        for id, name in zip(d(ids(len(user_names))), user_names, strict=True)
    )


def _members(d: Draw, groups: tuple[Group, ...], users: tuple[User, ...], lines: list[str]) -> tuple[Member, ...]:
    found: list[tuple[Group, str, str, bool, int]] = []
    if users and lines:
        pairs = st.tuples(st.sampled_from(sorted(user.name for user in users)), st.sampled_from(lines))
        for group in groups:
            chosen = d(st.lists(pairs, unique=True, max_size=4))
            managed = d(st.booleans())
            found += [
                (group, user_name, number, managed and place == 1, place)
                for place, (user_name, number) in enumerate(chosen, 1)
            ]
    short_names = names.map(lambda name: name[:8].strip()).filter(bool)
    return tuple(
        Member(id, group.id, user_name, number, d(short_names), is_manager, place)
        for id, (group, user_name, number, is_manager, place) in zip(d(ids(len(found))), found, strict=True)
    )


def _announcements(d: Draw, groups: tuple[Group, ...]) -> tuple[Announcement, ...]:
    found = [
        (group.id, place, wave)
        for group in groups
        for place, wave in enumerate(d(st.lists(files.filter(bool), max_size=3)), 1)
    ]
    return tuple(
        Announcement(id, group_id, wave, place)
        for id, (group_id, place, wave) in zip(d(ids(len(found))), found, strict=True)
    )


def _trunks(d: Draw) -> tuple[Trunk, ...]:
    trunk_names = d.unique_names(3)
    default = d(st.integers(0, 4))
    return tuple(
        d.build(
            Trunk,
            id=id,
            name=name,
            address=hosts,
            user_name=names,
            password=texts,
            registers=st.booleans(),
            is_default=place == default,
            prefix=st.sampled_from(("", "0", "+41", "*9")),
            strip=st.integers(0, 5),
            inbound_addresses=st.lists(
                st.sampled_from(("192.0.2.1", "198.51.100.0/24", "2001:db8::/64")), unique=True
            ).map(tuple),
            ping_interval=st.sampled_from((0.0, 30.0, 60.0, 12.5)),
            expires=st.integers(60, 86_400),
        )
        for place, (id, name) in enumerate(zip(d(ids(len(trunk_names))), trunk_names, strict=True))
    )
