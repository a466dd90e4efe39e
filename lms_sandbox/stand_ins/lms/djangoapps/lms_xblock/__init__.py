"""How XBlocks run in the LMS."""
