"""What Django templates get from the site: a theme's templates, which override all others, and the site's name."""

from django.conf import settings
from django.template.loaders.filesystem import Loader


class ThemeLoader(Loader):
    """Looks templates up in `settings.THEME_TEMPLATE_DIRS`."""

    def get_dirs(self):
        """Return the folders of the theme; without a theme there are none."""
        return settings.THEME_TEMPLATE_DIRS


def site_name(_request):
    """Return the context of every page: the name of the platform."""
    return {"platform_name": settings.PLATFORM_NAME}
