"""The status display of phones: what a group is doing, as a picture (manual, "Phone status display")."""

from magroup.web.phone.display.drawing import Drawn, draw
from magroup.web.phone.display.frame import Frame, frame_of, strip_of

__all__ = ["Drawn", "Frame", "draw", "frame_of", "strip_of"]
