"""The status display of phones: what a group is doing, as a picture (manual, "Phone status display")."""

from magroup.web.phone.display.display import Display
from magroup.web.phone.display.frame import Frame, frame_of, strip_of
from magroup.web.phone.display.pictures import StatusPicture, StatusPictures

__all__ = ["Display", "Frame", "StatusPicture", "StatusPictures", "frame_of", "strip_of"]
