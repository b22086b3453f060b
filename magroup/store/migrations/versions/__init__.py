"""One module for each step; names begin with ``v`` and the revision."""
