"""A file against the configuration: what becomes of each line, without doing it or with."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from magroup.groups.editing import EditError, Rules, edits
from magroup.model.configuration import Configuration
from magroup.web.admin.reading import sentence
from magroup.web.admin.users.csv_columns import TABLES, Column, Table
from magroup.web.admin.users.csv_file import FileError, read

Refusal = Callable[[Any, Mapping[str, Any]], EditError | None]
_LONGEST_SHOWN = 60
_EMPTY = "(empty)"


class Line(NamedTuple):
    """What is said of a line of the file; ``column`` is the one that is wrong."""

    number: int
    key: str
    outcome: str
    column: str
    words: str


@dataclass(frozen=True)
class Result:
    """``configuration`` is the very same where a line is wrong; ``digest`` is another one for other answers."""

    configuration: Configuration
    lines: Sequence[Line]

    def count(self, outcome: str) -> int:
        return sum(line.outcome == outcome for line in self.lines)

    @property
    def digest(self) -> str:
        return hashlib.sha256(repr(self.lines).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def result_of(configuration: Configuration, rules: Rules, kind: str, content: bytes, refusal: Refusal) -> Result:
    """Takes a while. Raises FileError."""
    table = TABLES[kind]
    header, rows = read(content)
    columns = _columns(table, header)
    values: list[dict[str, Any]] = []
    numbers: list[int] = []
    lines: list[Line] = []
    for number, cells in rows:
        try:
            values.append(_values(configuration, columns, cells))
            numbers.append(number)
        except EditError as error:
            key = _short(_key(columns, table, cells))
            lines.append(Line(number, key, "wrong", error.field, sentence(error.sentence)))
    if not rows:
        raise FileError("The file has a header, but no line below it.")
    new, answers = edits.put_all(configuration, rules, kind, values, refusal)
    by_field = {column.field: column for column in table.columns}
    for number, row, answer in zip(numbers, values, answers, strict=True):
        words = sentence(answer.sentence) if answer.sentence else _told(configuration, by_field, answer)
        lines.append(Line(number, _short(row[table.key]), answer.outcome.value, answer.field, words))
    lines.sort()
    is_wrong = len(numbers) < len(rows)
    return Result(configuration if is_wrong else new, lines)


def _columns(table: Table, header: Sequence[str]) -> list[Column]:
    by_name = {column.field: column for column in table.columns}
    found: list[Column] = []
    for name in header:
        column = by_name.get(name.casefold().replace(" ", "_").replace("-", "_"))
        if column is None:
            known, shown = ", ".join(by_name), name[:50] or "without a name"
            raise FileError(f"There is no column {shown} for {table.title.casefold()}: {known}.")
        if column in found:
            raise FileError(f"The column {column.field} is there twice.")
        found.append(column)
    if table.columns[0] not in found:
        raise FileError(f"The column {table.key} is missing.")
    return found


def _values(configuration: Configuration, columns: Sequence[Column], cells: Sequence[str]) -> dict[str, Any]:
    if len(cells) > len(columns) and any(cells[len(columns) :]):
        raise EditError(edits.Problem.INVALID, "", "the line has more cells than the header")
    padded = [*cells, *[""] * (len(columns) - len(cells))]
    return {
        column.field: column.value(configuration, column.field, cell)
        for column, cell in zip(columns, padded, strict=False)
        if cell or not column.only_read
    }


def _key(columns: Sequence[Column], table: Table, cells: Sequence[str]) -> str:
    place = columns.index(table.columns[0])
    return cells[place] if place < len(cells) else ""


def _told(configuration: Configuration, columns: Mapping[str, Column], answer: edits.RowAnswer) -> str:
    """What gets another value, and which."""
    told = []
    for field in answer.fields:
        cell = columns[field].cell
        now = _short(cell(configuration, getattr(answer.now, field)))
        if answer.before is None:
            told.append(f"{field}: {now}")
        else:
            before = _short(cell(configuration, getattr(answer.before, field)))
            told.append(f"{field}: {before or _EMPTY} → {now or _EMPTY}")
    return "; ".join(told)


def _short(value: Any) -> str:
    text = str(value)
    shown = "".join(c if c.isprintable() else "\ufffd" for c in text[:_LONGEST_SHOWN])
    return shown if len(text) <= _LONGEST_SHOWN else f"{shown}…"
