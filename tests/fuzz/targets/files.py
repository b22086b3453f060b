"""Files: settings and companies in TOML, tables in CSV, sounds and pictures; each is taken, or refused in words."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from magroup import settings_file
from magroup.cli.company import reading
from magroup.cli.company.company import CompanyError
from magroup.cli.company.reading import read_company
from magroup.cli.company.writing import write_company
from magroup.groups.editing import Rules
from magroup.model import settings_layers, settings_reading
from magroup.model.settings_reading import SettingsError
from magroup.resources import resource, sound
from magroup.rtp import audio_content, audio_file, wav
from magroup.rtp.audio_content import check_mp3, check_wav, length
from magroup.rtp.audio_file import SoundError, read_sound
from magroup.rtp.wav import WavError, header, mend, read_header
from magroup.settings_file import Sources
from magroup.web import picture_content, portrait
from magroup.web.admin.users import csv_columns, csv_file, csv_import
from magroup.web.admin.users.csv_columns import TABLES
from magroup.web.admin.users.csv_file import LONGEST_CELL, MOST_COLUMNS, FileError, read
from magroup.web.admin.users.csv_import import result_of
from magroup.web.picture_content import kind_of
from tests.fuzz.target import Target, hold, same
from tests.web.rest.company import COMPANY


@cache
def _folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="magroup-fuzz-")


@contextmanager
def _quiet() -> Iterator[None]:
    """The libraries that read MP3 tell the terminal what they think of it."""
    kept, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(null)


def _check(data: bytes) -> None:
    """By how it begins only the reader that would be asked, all of them for what begins like nothing."""
    file = Path(_folder().name, "file")
    file.write_bytes(data)
    kinds: dict[bytes, tuple[Callable[[Path, bytes], None], ...]] = {
        b"RIFF": (_sound,), b"RIFX": (_sound,), b"ID3": (_sound,), b"\xff\xfb": (_sound,), b"\x89PNG": (_picture,),
        b"\xff\xd8": (_picture,), b"#settings": (_settings,), b"#company": (_company,), b"#csv": (_table,),
    }  # fmt: skip
    found = next((checks for start, checks in kinds.items() if data.startswith(start)), None)
    with _quiet():
        for check in found or (_sound, _picture, _settings, _company, _table):
            check(file, data)


def _sound(file: Path, data: bytes) -> None:
    for check in (check_wav, check_mp3):
        with suppress(SoundError):
            check(file)
    hold(length(file) >= 0, "length")
    with suppress(SoundError):
        read = read_sound(file)
        hold(0 < read.seconds <= 601, "seconds", read.seconds)
    with suppress(WavError):
        found = read_header(file)
        hold(found.rate > 0 and found.octets + found.data <= len(data), "samples", found)
        mended = mend(file)
        same(read_header(file), mended, "mended and read")
        same((mended.rate, mended.note, mended.data), (found.rate, found.note, found.data), "mended")
        samples = data[found.octets : found.octets + found.data]
        same(file.read_bytes()[mended.octets :], samples, "samples")


def _picture(file: Path, data: bytes) -> None:
    kind_of(data)
    with suppress(ValueError):
        content, name = portrait.portrait(BytesIO(data))
        same(kind_of(content), b"image/png" if name == ".png" else b"image/jpeg", "kind")


def _settings(file: Path, data: bytes) -> None:
    with suppress(SettingsError):
        settings = Sources(file).load()
        same(Sources(file).load(), settings, "read twice")


def _company(file: Path, data: bytes) -> None:
    try:
        made = read_company(data.decode("utf-8", "replace"), "file", make_secret=lambda: "secret")
    except CompanyError as error:
        hold(error.problems and all(len(line.splitlines()) == 1 for line in error.problems), "problems", error.problems)
        return
    again = read_company(write_company(made.configuration), "file", known=made.configuration)
    same(again.configuration.lines, made.configuration.lines, "lines")
    same([user.name for user in again.configuration.users], [user.name for user in made.configuration.users], "users")


def _table(file: Path, data: bytes) -> None:
    content = data.removeprefix(b"#csv\n")
    with suppress(FileError):
        _, rows = read(content)
        hold(
            all(len(cells) <= MOST_COLUMNS and all(len(cell) <= LONGEST_CELL for cell in cells) for _, cells in rows),
            "cells",
        )
        numbers = [number for number, _ in rows]
        same(numbers, sorted(set(numbers)), "numbers of lines")
    for kind in TABLES:
        with suppress(FileError):
            found = result_of(COMPANY, Rules(), kind, content, lambda row, values: None)
            hold(found.lines, "answers")
            if any(line.outcome == "wrong" for line in found.lines):
                hold(found.configuration is COMPANY, "half of it is done")
            hold(all("\n" not in line.key for line in found.lines), "key")


def _small_picture(kind: str) -> bytes:
    from PIL import Image

    file = BytesIO()
    Image.new("RGBA" if kind == "PNG" else "RGB", (9, 7), (1, 2, 3)).save(file, kind)
    return file.getvalue()


SETTINGS = b"#settings\n" + resource("magroup.example.toml").read_bytes()[:6000].replace(b"\n# ", b"\n")
COMPANY_FILE = (
    b"#company\nformat = 1\n[[lines]]\nnumber = '1047'\nsecret = 'x'\n[[users]]\nname = 'ann'\nfirst_name = 'Ann'\nlin"
    b"es = ['1047']\n"
    b"privileges = ['Admin']\n[[groups]]\nname = 'Sales'\nnumber = '8973'\n[[groups.members]]\nuser = 'ann'\nline = '1"
    b"047'\nshort_name = 'A'\nmanager = true\n"
    b"[[contacts]]\nnumber = '0800'\nname = 'Bank'\nstars = 3\n[[phones]]\nname = 'SEP001122334455'\n[[trunks]]\nname "
    b"= 't'\nhost = '192.0.2.1'\n"
)  # fmt: skip
SEEDS = (
    header(8000, "note", 320) + bytes(320),
    sound("VoicemailBeep.wav").read_bytes()[:1200],
    b"ID3\x03\0\0\0\0\0\x0a" + bytes(10) + b"\xff\xfb\x10\x64" + bytes(68),
    (b"\xff\xfb\x10\xc4" + bytes(100)) * 4,
    _small_picture("PNG"),
    _small_picture("JPEG"),
    _small_picture("WEBP"),
    SETTINGS,
    b"#settings\ninstance = 'x'\n[sip]\nlisten = ['udp:5060']\nt1 = 0.5\n[rtp]\nports = '20000-20099'\n[voicemail]\nnu"
    b"mber = '99'\n",
    COMPANY_FILE,
    b"#csv\nname;first_name;lines;privileges\nivo.kern;Ivo;1202, 1203;Groups\n",
    b'#csv\nsep=,\r\nnumber,name,stars\r\n0800,"Ba""nk",5\r\n+41,="x",\r\n',
    b"#csv\n" + "number\tdisplay_name\ton_pbx\n2001\tDesk\tyes\n".encode("utf-16"),
    b"#csv\nname,line,model\nSEP001122334455,1175,8861\n",
)
TOKENS = (
    b"RIFF", b"WAVE", b"fmt ", b"data", b"LIST", b"INFOICMT", b"RF64", b"ds64", b"fact",
    b"\x01\x00\x01\x00\x40\x1f\x00\x00", b"\xfe\xff", b"ID3", b"\xff\xfb\x90\x64",
    b"TAG", b"IHDR", b"IDAT", b"IEND", b"tRNS", b"eXIf", b"\xff\xd8", b"\xff\xe1", b"Exif\0\0", b"\xff\xc0", b"VP8L",
    b"#settings\n", b"#company\n", b"#csv\n", b"[[users]]\n",
    b"[[lines]]\n", b"[[groups]]\n", b"[[groups.members]]\n", b"[[contacts]]\n", b"\nname = ", b"\nnumber = ", b"'''",
    b'"""', b"1979-05-27T07:32:00Z", b"inf", b"nan", b"true",
    b"[", b"{a=1}", b"\"\\ud800\"", b"= []", b"sep=;\n", b'"="', b"\";\"", b"\t", b"Admin", b"[voicemail]\n",
    b"[protection]\n", b"[outside]\n", b"hours = 'Mo-Fr 8:00-18:00'\n",
)  # fmt: skip
TARGET = Target(
    "files",
    _check,
    (
        settings_file,
        settings_layers,
        settings_reading,
        reading,
        csv_file,
        csv_columns,
        csv_import,
        audio_content,
        audio_file,
        wav,
        picture_content,
        portrait,
    ),
    SEEDS,
    TOKENS,
    20 << 10,
    kept=3072,
    fresh=150,
    seconds=0.5,
)
