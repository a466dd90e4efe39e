"""File names of reports."""

from django.utils.text import get_valid_filename


def course_filename_prefix_generator(course_id, separator="_"):
    """Return organisation, course and run of a course key as one text that is safe in a file name."""
    return get_valid_filename(separator.join([course_id.org, course_id.course, course_id.run]))
