"""Proctored exam results in an Open edX site that Tutor runs."""

#: The version of this plugin, and of the proctored-results that it installs.
__version__ = "0.1.0"
