"""What a worker knows of calls and numbers, as a test sets it."""

from magroup.workers import marks


class Around:
    """Lines are those in ``lines``; ``nodes`` has the node of each call, whose workers are aw2 and aw3."""

    def __init__(self, lines: tuple[str, ...] = ()) -> None:
        self.lines = lines
        self.nodes: dict[str, str] = {}
        self.own: set[str] = set()
        self.once: set[str] = set()
        self.ringing: dict[tuple[str, str], int] = {}

    def line_of(self, user: str) -> str:
        return user if user in self.lines else ""

    def worker_of(self, call_id: str) -> int:
        return {"aw2": 2, "aw3": 3}.get(self.nodes.get(call_id, ""), 0)

    def has_call(self, line: str) -> bool:
        return line in self.own

    def is_once(self, data: bytes) -> bool:
        return marks.called(data) in self.once

    def picked_up_at(self, line: str, called: str) -> int:
        return self.ringing.get((line, called), 0)
