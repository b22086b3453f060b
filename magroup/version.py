"""The version of magroup, here only; setup.py reads it from this file."""

VERSION = "0.1.0"
