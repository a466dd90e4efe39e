"""Tables of the sandbox."""
