"""A group that somebody looks at: its entries as JSON, made once for all viewers with the same eyes."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from magroup.groups.board import Board
from magroup.groups.changes import CallChange, Change, ConfigurationChange, LineChange, PresenceChange
from magroup.groups.forwarding import ForwardingChange
from magroup.groups.picture import Eyes, Onlooker, Scene, member_view
from magroup.model.configuration import Configuration
from magroup.model.groups import Group, Member

MOST_BACK = 2000
"""News that is looked through for somebody who comes back; who has missed more gets everything anew."""

_encode = msgspec.json.Encoder().encode


@dataclass
class Piece:
    """An entry for some eyes: made when the board was at ``made_at``, and another than before since ``changed_at``."""

    text: bytes
    made_at: int
    changed_at: int


class ShownGroup:
    """``since`` is the number on the board from which on all changes are known.

    ``configured_at`` is that of the last change of who is in it.
    """

    def __init__(self, scene: Callable[[], Scene], tone: Callable[[str], str], group: Group, number: int) -> None:
        self._scene = scene
        self._tone = tone
        self.id = group.id
        self.since = self.configured_at = number
        self.head = msgspec.Raw()
        self.order: tuple[int, ...] = ()
        self._group = group
        self._members: dict[int, Member] = {}
        self._dirty_at: dict[int, int] = {}
        self._pieces: dict[tuple[int, Eyes], Piece] = {}
        self._by_device: dict[str, set[int]] = {}
        self._by_user: dict[str, set[int]] = {}
        self._made: dict[Any, bytes] = {}
        self._made_at = -1
        self.configure(scene().configuration, number)
        self._dirty_at = dict.fromkeys(self._members, 0)

    def configure(self, configuration: Configuration, number: int) -> bool:
        """The configuration is another one; False where the group is gone."""
        group = configuration.group_by_id.get(self.id)
        if group is None:
            return False
        self._group = group
        members = configuration.members_of(self.id)
        self._members = {member.id: member for member in members}
        by_device: dict[str, set[int]] = defaultdict(set)
        by_user: dict[str, set[int]] = defaultdict(set)
        for member in members:
            by_user[member.user_name.casefold()].add(member.id)
            for device in configuration.numbers_of(member):
                by_device[device].add(member.id)
        self._by_device, self._by_user = by_device, by_user
        self._pieces = {key: piece for key, piece in self._pieces.items() if key[0] in self._members}
        self._dirty_at = dict.fromkeys(self._members, number)
        self._made.clear()
        head, order = self._head(), tuple(self._members)
        if bytes(head) != bytes(self.head) or order != self.order:
            self.head, self.order, self.configured_at = head, order, number
        return True

    def mark(self, change: Change, number: int) -> bool:
        """The news with this number; whether it concerns an entry."""
        concerned = self._concerned(change)
        for member_id in concerned:
            self._dirty_at[member_id] = max(number, self._dirty_at[member_id])
        return bool(concerned)

    def look_back(self, board: Board, after: int) -> bool:
        """Whether what has changed after this number on the board is known, or can be found out."""
        if after < self.since:
            news = board.since(after, MOST_BACK)
            if news is None or len(news) == MOST_BACK:
                return False
            if any(isinstance(one.change, ConfigurationChange) for one in news):
                return False
            for one in news:
                self.mark(one.change, one.number)
            if self.configured_at == self.since:
                self.configured_at = after
            self.since = after
        return after >= self.configured_at

    def own(self, onlooker: Onlooker) -> frozenset[int]:
        """The viewer's own members."""
        return frozenset(self._by_user.get(onlooker.user_key, ()))

    def changed(self, onlooker: Onlooker, own: frozenset[int], after: int, number: int) -> tuple[int, ...]:
        """The members that look another way to the viewer now than at ``after``; the board is at ``number``."""
        return tuple(
            member_id
            for member_id, dirty_at in self._dirty_at.items()
            if dirty_at > after
            and self._piece(member_id, onlooker.own if member_id in own else onlooker.others, number).changed_at > after
        )

    def entries(self, onlooker: Onlooker, own: frozenset[int], ids: Iterable[int], number: int) -> list[msgspec.Raw]:
        """Entries of the list, as they are now."""
        return [
            msgspec.Raw(self._piece(id, onlooker.own if id in own else onlooker.others, number).text) for id in ids
        ]  # fmt: skip

    def ordered(self, own: frozenset[int]) -> tuple[int, ...]:
        """The ids of the members as the viewer sees the list: the own account on top."""
        if not own:
            return self.order
        return (*(id for id in self.order if id in own), *(id for id in self.order if id not in own))

    def change(
        self, onlooker: Onlooker, own: frozenset[int], ids: tuple[int, ...], number: int, **more: Any
    ) -> bytes:  # fmt: skip
        """The message of these entries; viewers with the same eyes get the very same."""
        if number != self._made_at:
            self._made, self._made_at = {}, number
        mine = own.intersection(ids)
        key = (ids, mine, onlooker.others, onlooker.own if mine else None)
        made = self._made.get(key) if not more else None
        if made is None:
            made = _encode({"type": "change", "n": number, "members": self.entries(onlooker, own, ids, number), **more})
            if not more:
                self._made[key] = made
        return made

    def snapshot(self, onlooker: Onlooker, own: frozenset[int], number: int) -> bytes:
        """The message of everything."""
        entries = self.entries(onlooker, own, self.ordered(own), number)
        return _encode({"type": "snapshot", "n": number, "group": self.head, "members": entries})

    def _piece(self, member_id: int, eyes: Eyes, number: int) -> Piece:
        key = (member_id, eyes)
        piece = self._pieces.get(key)
        if piece is not None and piece.made_at >= self._dirty_at.get(member_id, 0):
            return piece
        text = _encode(member_view(self._scene(), self._group, self._members[member_id], eyes))
        changed_at = piece.changed_at if piece is not None and piece.text == text else number
        piece = self._pieces[key] = Piece(text, number, changed_at)
        return piece

    def _concerned(self, change: Change) -> set[int]:
        match change:
            case PresenceChange():
                return self._by_user.get(change.user_name, set())
            case LineChange():
                return self._by_device.get(change.number, set())
            case ForwardingChange(member_id=0):
                return self._by_device.get(change.number, set())
            case ForwardingChange():
                return {change.member_id} & self._members.keys()
            case CallChange(event):
                calls = (event.call, event.old)
                devices = [one.id.device for call in calls if call is not None for one in call.connections]
                return set().union(*(self._by_device.get(device, ()) for device in devices))
            case _:
                return set()

    def _head(self) -> msgspec.Raw:
        group = self._group
        tones = {"manager": group.manager_alarm_gadget, "assistant": group.assistant_alarm_gadget}
        return msgspec.Raw(
            _encode(
                {
                    "id": group.id, "name": group.name, "number": group.number, "show_calls": group.show_calls,
                    "tones": {who: self._tone(name) for who, name in tones.items()},
                    "linked": self._scene().is_linked(),
                }
            )
        )  # fmt: skip
