"""What can go wrong between magroup and its database, each in one sentence for an administrator."""

from magroup.model.unavailable import Unavailable


class StoreError(Unavailable):
    """The database cannot be used now: unreachable, locked, full, read-only, damaged or made by a newer magroup."""


class RefusedError(StoreError):
    """The database works but does not take these values: a number used twice, a reference to nothing."""
