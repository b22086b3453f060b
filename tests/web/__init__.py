"""Tests of the web site. Each has a site of its own; their templates are compiled once in a run."""

from functools import partial
from types import CodeType

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from magroup.web import templates


class _Compiled(BytecodeCache):
    """By the template's name and file, and by its source."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._kept[bucket.key, bucket.checksum] = bucket.code


templates.Environment = partial(templates.Environment, bytecode_cache=_Compiled())  # type: ignore[misc, assignment]
