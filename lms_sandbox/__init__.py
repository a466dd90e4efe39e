"""
A small LMS to try and test the plugin in.

Django, edx-proctoring, openedx-filters, celery and the plugin loading of edx-django-utils are the real ones. The
modules below `stand_ins/` replace what the plugin imports from edx-platform itself.
"""
