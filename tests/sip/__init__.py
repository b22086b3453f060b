"""Tests of the SIP layer."""
