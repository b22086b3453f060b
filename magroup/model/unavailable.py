"""What cannot be done now because a part that magroup needs is away."""


class Unavailable(Exception):
    """``str`` is one sentence for an administrator."""
