"""What Django templates get from the site: a theme's own templates, which win over all others, and its name."""

from django.conf import settings
from django.template.loaders.filesystem import Loader


class ThemeLoader(Loader):
    """Looks templates up in `settings.THEME_TEMPLATE_DIRS`."""

    def get_dirs(self):
        """Return the folders of the theme; without a theme there are none."""
        return settings.THEME_TEMPLATE_DIRS


def site_name(_request):
    """Return the context that every page has: what the platform calls itself."""
    return {"platform_name": settings.PLATFORM_NAME}
