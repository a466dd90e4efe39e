"""Proctored exam results for Open edX: for course teams a report, for learners their result."""

__version__ = "0.1.0"
