"""The room for a picture on a model of phone (manual, "Supported phones")."""

from magroup.model.fixed import fixed
from magroup.web.phone.models import Model, Size

LEAST = Size(120, 60)
"""Phones that say that they have less room than this have no status display."""

MOST_GREY_BITS = 4
_STRIP_ROW = 23
_STRIP_COLUMN = 46
"""The least height and width of a tile in a strip, in pixels."""


@fixed
class Frame:
    """In pixels; at most so many ``rows`` and ``columns`` of tiles. ``greys`` are the shades of a phone without
    colours, 0 where it has colours. A strip has neither title nor a place of its own for calls.
    """

    width: int
    height: int
    rows: int
    columns: int
    greys: int = 0
    is_strip: bool = False

    @property
    def most_tiles(self) -> int:
        return self.rows * self.columns


def frame_of(model: Model) -> Frame | None:
    """That of an ImageFile or GraphicFileMenu, the wide one where there is one; None for phones without pictures."""
    size = model.wide or model.picture
    if size is None or size.width < LEAST.width or size.height < LEAST.height:
        return None
    return Frame(*size, model.rows, model.columns, _greys(model))


def strip_of(model: Model) -> Frame | None:
    """That of a StatusFile, with fewer and shorter tiles; None where the model has none."""
    size: Size | None = model.strip
    if size is None:
        return None
    rows = max(1, min(model.rows, size.height // _STRIP_ROW))
    columns = max(1, min(model.columns, size.width // _STRIP_COLUMN))
    return Frame(*size, rows, columns, _greys(model), is_strip=True)


def _greys(model: Model) -> int:
    return 0 if model.is_colour else 1 << max(1, min(model.depth, MOST_GREY_BITS))
