"""The pages of the sandbox and the endpoints behind them."""

from django.http import Http404
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey

from lms_sandbox.services import course_of_page


def get_course_or_404(course_id):
    """Return the course with this id (a text), or raise Http404."""
    try:
        course = course_of_page(CourseKey.from_string(course_id))
    except InvalidKeyError:
        course = None
    if course is None:
        raise Http404(course_id)
    return course
