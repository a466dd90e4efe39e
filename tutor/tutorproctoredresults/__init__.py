"""Proctored exam results in an Open edX site that Tutor runs."""

#: The version of proctored-results that this comes with, and its own.
__version__ = "0.1.0"
