"""The tab Reports."""
