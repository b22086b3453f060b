"""The menu Groups on phones."""
