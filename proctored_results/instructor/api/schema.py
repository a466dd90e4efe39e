"""Extensions for drf-spectacular, and `only_ours` for its ``PREPROCESSING_HOOKS``."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.plumbing import build_bearer_security_scheme_object


class JwtScheme(OpenApiAuthenticationExtension):
    """A JSON Web Token of the platform in the header ``Authorization: JWT …``."""

    target_class = "edx_rest_framework_extensions.auth.jwt.authentication.JwtAuthentication"
    name = "jwt"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Return the scheme."""
        return build_bearer_security_scheme_object("Authorization", "JWT", bearer_format="JWT")


class SessionScheme(OpenApiAuthenticationExtension):
    """The session of somebody who is logged in; a POST also needs the CSRF token."""

    target_class = "edx_rest_framework_extensions.auth.session.authentication.SessionAuthenticationAllowInactiveUser"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Return the scheme."""
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


def only_ours(endpoints: list[tuple[str, str, str, Any]]) -> list[tuple[str, str, str, Any]]:
    """Return the endpoints without those of other apps."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/proctored_results/")]
