"""What twistd reads of magroup: all of it, made without a look for garbage, of which a start makes next to none."""

import gc

gc.disable()

from magroup.service import Options, makeService  # noqa: E402

__all__ = ["Options", "makeService"]
