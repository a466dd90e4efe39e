"""
The words Pending, Satisfactory and Unsatisfactory in the e-mails that edx-proctoring sends.

edx-proctoring looks its templates up by name, first one for the exam's proctoring backend, then one for all. The
loader here answers those names. It is put after a site theme's loader and before the loader of the apps' own templates,
so that it does not matter where the plugin stands in INSTALLED_APPS, and it lets whatever stands before it win for
both names.
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
    """Answers the names of edx-proctoring's three e-mail templates, but for backends that the settings exclude."""

    def get_template(self, template_name: str, skip: Any = None) -> Any:
        """Return a template, from the loader that it comes from: another one may compile it in a way of its own."""
        for loader, name in self._to_ask(template_name):
            try:
                return super().get_template(name, skip) if loader is self else loader.get_template(name, skip=skip)
            except TemplateDoesNotExist:
                continue
        raise TemplateDoesNotExist(template_name, backend=self.engine)

    def get_template_sources(self, template_name: str) -> Iterator[Origin]:
        """Yield where the plugin's own template of a name lies, if it has one."""
        match = _NAME.fullmatch(template_name)
        if match is not None:
            yield Origin(name=str(MAIL_TEMPLATES / match["file"]), template_name=template_name, loader=self)

    def _to_ask(self, template_name: str) -> Iterator[tuple[Any, str]]:
        """Yield the loaders that may have the template, each with the name to ask it for."""
        match = _NAME.fullmatch(template_name)
        if match is None or not settings.PROCTORED_RESULTS_MAILS:
            return
        backend, common_name = match["backend"], f"emails/{match['file']}"
        before, after = self._neighbours()
        if backend in settings.PROCTORED_RESULTS_MAIL_EXCLUDED_BACKENDS:
            # What would be found without this loader: the common name must not be asked of it for this backend.
            yield from ((loader, template_name) for loader in after)
            yield from ((loader, common_name) for loader in (*before, *after))
            return
        if backend is not None:
            yield from ((loader, common_name) for loader in before)
        yield self, template_name

    def _neighbours(self) -> tuple[list[Any], list[Any]]:
        """Return the engine's loaders that are asked before this one, and those after it."""
        loaders = self.engine.template_loaders
        position = next(index for index, loader in enumerate(loaders) if loader is self)
        return loaders[:position], loaders[position + 1 :]
