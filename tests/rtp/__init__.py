"""Tests of magroup.rtp."""
