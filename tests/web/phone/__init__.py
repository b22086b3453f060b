"""Tests of the pages and pictures of phones."""
