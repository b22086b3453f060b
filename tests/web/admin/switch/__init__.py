"""The tab Switch."""
