"""Files with commas, semicolons or tabs (RFC 4180 and what Excel makes of it), within limits."""

import csv
import re
from collections.abc import Iterator
from io import StringIO

LARGEST = 4 << 20
"""Bytes."""

MOST_LINES = 20_000
MOST_COLUMNS = 50
LONGEST_CELL = 2000

_BYTE_ORDER = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DELIMITERS = ";,\t"
_SEP = re.compile(r'"?sep=([;,\t])"?\r?\n', re.IGNORECASE)
_KEPT_AS_TEXT = re.compile(r'="([^"]*)"')
_NO_FORMULA = re.compile(r"'[=+\-@\t\r\n]")


class FileError(Exception):
    """What is wrong with the file as a whole, in one sentence."""


def read(content: bytes) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header, and each line that is not empty with its number. Raises FileError."""
    text = _text(content)
    delimiter = ""
    if found := _SEP.match(text):
        delimiter, text = found[1], text[found.end() :]
    first = text.lstrip("\r\n").partition("\n")[0]
    rows = _rows(text, delimiter or max(_DELIMITERS, key=first.count), 1 if found else 0)
    header = next(rows, None)
    if header is None:
        raise FileError("The file is empty.")
    return header[1], list(rows)


def _text(content: bytes) -> str:
    if len(content) > LARGEST:
        raise FileError(f"The file is larger than {LARGEST >> 20} MiB.")
    names = [name for mark, name in _BYTE_ORDER if content.startswith(mark)]
    for name in names[:1] or ("utf-8", "cp1252"):
        try:
            return content.decode(name)
        except UnicodeDecodeError:
            continue
    raise FileError("The file is no text in UTF-8 or Windows-1252.")


def _rows(text: str, delimiter: str, before: int) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    count = 0
    try:
        for row in reader:
            cells = [_cell(cell) for cell in row]
            if not any(cells):
                continue
            number = reader.line_num + before
            count += 1
            if count > MOST_LINES + 1:
                raise FileError(f"The file has more than {MOST_LINES} lines.")
            if len(cells) > MOST_COLUMNS:
                raise FileError(f"Line {number} has more than {MOST_COLUMNS} columns.")
            if any(len(cell) > LONGEST_CELL for cell in cells):
                raise FileError(f"Line {number} has a cell of more than {LONGEST_CELL} characters.")
            yield number, cells
    except csv.Error as wrong:
        raise FileError(f"Line {reader.line_num + before} cannot be read: {wrong}.") from None


def _cell(cell: str) -> str:
    """Without what keeps spreadsheets from taking a text for a number or a formula."""
    cell = cell.strip()
    if found := _KEPT_AS_TEXT.fullmatch(cell):
        return found[1].strip()
    return cell[1:] if _NO_FORMULA.match(cell) else cell
