"""A site theme's own templates, which win over all others."""

from django.conf import settings
from django.template.loaders.filesystem import Loader


class ThemeLoader(Loader):
    """Looks templates up in `settings.THEME_TEMPLATE_DIRS`."""

    def get_dirs(self):
        """Return the folders of the theme; without a theme there are none."""
        return settings.THEME_TEMPLATE_DIRS
