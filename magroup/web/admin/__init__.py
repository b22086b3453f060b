"""The administration: tabs of pages and forms, each by its privileges (spec 6; the manual's administration part)."""
