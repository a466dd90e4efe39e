"""What learners see of a course."""
