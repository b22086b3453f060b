"""Tests of uaCSTA."""
