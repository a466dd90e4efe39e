"""Storages of files."""

from functools import lru_cache

from django.core.files.storage import storages
from django.utils.module_loading import import_string


@lru_cache
def get_storage(storage_class=None, **kwargs):
    """
    Return a storage of this class (a dotted path; the default storage's if absent), made with these arguments.

    Within a process, the same arguments always return the same storage, in every thread.
    """
    return import_string(storage_class or storages.backends["default"]["BACKEND"])(**kwargs)
