"""Proctored exam results for Open edX: a report for course teams, the result for learners."""

__version__ = "0.1.0"
