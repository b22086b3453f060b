"""The login of the demo, which everybody can read in its company file, and must not be one anywhere else."""

import re

from magroup.resources import resource

USER = "admin"
PASSWORD = "demo"

_HASH = re.compile(r'^password_hash = "(.+)"$', re.MULTILINE)


def known_hashes() -> frozenset[str]:
    """The password hashes of the demo company."""
    return frozenset(_HASH.findall(resource("demo", "company.toml").read_text("utf-8")))
