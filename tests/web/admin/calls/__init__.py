"""The tab Calls."""
