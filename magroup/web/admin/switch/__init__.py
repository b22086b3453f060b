"""The tab Switch: how the embedded switch stands, and why a number goes where it goes."""
