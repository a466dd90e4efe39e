"""
The words Pending, Satisfactory and Unsatisfactory in the e-mails that edx-proctoring sends.

edx-proctoring looks for a template by name: first by a name for the exam's proctoring backend, then by a common name.
The loader here has the plugin's template for both names. It is between a site theme's loader and the loader of the
apps' templates, so the plugin's position in INSTALLED_APPS does not matter. Loaders before it have precedence for both
names.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template import Origin, TemplateDoesNotExist
from django.template.loaders.filesystem import Loader as FilesystemLoader

MAIL_TEMPLATES = Path(__file__).resolve().parent.parent / "mail_templates"

_NAME = re.compile(
    r"emails/(?:proctoring/(?P<backend>[^/]+)/)?"
    r"(?P<file>proctoring_attempt_(?:submitted|satisfactory|unsatisfactory)_email\.html)"
)


class MailTemplateLoader(FilesystemLoader):
    """Loads the plugin's three e-mail templates in place of edx-proctoring's, except for excluded backends."""

    def get_template(self, template_name: str, skip: Any = None) -> Any:
        """Return the template from the first loader that has it. That loader compiles it, maybe in its own way."""
        for loader, name in self._candidates(template_name):
            try:
                return super().get_template(name, skip) if loader is self else loader.get_template(name, skip=skip)
            except TemplateDoesNotExist:
                continue
        raise TemplateDoesNotExist(template_name, backend=self.engine)

    def get_template_sources(self, template_name: str) -> Iterator[Origin]:
        """Yield the path of the plugin's template for a name, if there is one."""
        match = _NAME.fullmatch(template_name)
        if match is not None:
            yield Origin(name=str(MAIL_TEMPLATES / match["file"]), template_name=template_name, loader=self)

    def _candidates(self, template_name: str) -> Iterator[tuple[Any, str]]:
        """Yield the loaders that may have the template in order, each with the name to load."""
        match = _NAME.fullmatch(template_name)
        if match is None or not settings.PROCTORED_RESULTS_MAILS:
            return
        backend, common_name = match["backend"], f"emails/{match['file']}"
        before, after = self._other_loaders()
        if backend in settings.PROCTORED_RESULTS_MAIL_EXCLUDED_BACKENDS:
            # The same search as without this loader: for this backend, it must not answer to the common name either.
            yield from ((loader, template_name) for loader in after)
            yield from ((loader, common_name) for loader in (*before, *after))
            return
        if backend is not None:
            yield from ((loader, common_name) for loader in before)
        yield self, template_name

    def _other_loaders(self) -> tuple[list[Any], list[Any]]:
        """Return the engine's loaders before this one, and those after it."""
        loaders = self.engine.template_loaders
        position = next(index for index, loader in enumerate(loaders) if loader is self)
        return loaders[:position], loaders[position + 1 :]
