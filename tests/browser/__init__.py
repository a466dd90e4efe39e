"""The panel in a real browser, in the sandbox LMS."""
