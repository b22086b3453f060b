"""Tests of the main menu of phones and its services."""
