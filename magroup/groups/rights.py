"""Who may do what, for those who serve people."""

from magroup.policy.rights import Rights

__all__ = ["Rights"]
