"""Mako pages, rendered with the filters and the names that the platform's templates know."""

from functools import cache

from django.conf import settings
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.utils.translation import get_language, get_language_bidi
from mako.lookup import TemplateLookup


@cache
def _lookup():
    """Return the lookup of templates in all directories, with those that plugins add."""
    return TemplateLookup(directories=settings.MAKO_TEMPLATE_DIRS_BASE, default_filters=["decode.utf8"])


def render_to_response(template_name, dictionary, request, status=200):
    """Render a Mako template, named by its path below the directories, to a response."""
    context = {
        "csrf_token": get_token(request),
        "language": get_language(),
        "language_is_rtl": get_language_bidi(),
        "request": request,
        "settings": settings,
        "user": getattr(request.user, "real_user", request.user),
        **dictionary,
    }
    return HttpResponse(_lookup().get_template(template_name).render_unicode(**context), status=status)
