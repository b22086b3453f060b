"""A manager/assistant telephony server: one number in front of a manager and the assistants."""

from magroup.version import VERSION as __version__

__all__ = ["__version__"]
