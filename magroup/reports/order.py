"""A file to be written, as it is told to the process that writes it, and what comes back."""

from msgspec.json import Decoder, Encoder

from magroup.model.fixed import fixed
from magroup.model.report import Asked, Form, Kind


@fixed
class Order:
    """A report of the database at ``url``; ``zone`` is the site's by its name, "" for this machine's."""

    url: str
    kind: Kind
    asked: Asked
    form: Form
    file: str
    zone: str = ""


Answer = tuple[int, int] | str
"""A line for rows of how many are written, or at the end for why it is not."""

encode = Encoder().encode
order_of = Decoder(Order).decode
answer_of = Decoder(Answer).decode
"""Raise ValueError."""
