"""Tests of who may do what on the web."""
