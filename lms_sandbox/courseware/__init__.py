"""The content of courses, rendered by the real XBlock runtime."""
