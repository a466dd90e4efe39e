"""
A proctoring provider on loopback, for the Software Secure backends.

It only registers exam attempts, and shows a page in place of a real provider's software.
"""

import json
import threading
import uuid
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from django.apps import apps

BACKENDS = ("software_secure", "rpnow4")

SOFTWARE_PAGE = b"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Proctoring software</title><link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main><h1>Proctoring software</h1>
<p>The provider of the sandbox has none. Close this page, and go on with the controls of the sandbox.</p></main></body>
</html>
"""


class _Provider(BaseHTTPRequestHandler):
    """Answers a registration with the provider's id of the attempt. One attempt code always gets the same id."""

    def do_GET(self):
        """Show the page of the software."""
        self._answer("text/html", SOFTWARE_PAGE)

    def do_POST(self):
        """Register the attempt that the request describes."""
        payload = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        locator = str(uuid.uuid5(uuid.NAMESPACE_OID, payload["examCode"])).upper()
        self._answer("application/json", json.dumps({"ssiRecordLocator": locator}).encode())

    def _answer(self, content_type, content):
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format, *args):
        """Write no log."""


@contextmanager
def running():
    """Run a provider on a free port until the block ends; edx-proctoring's backends in this process use it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    backends = [apps.get_app_config("edx_proctoring").backends[name] for name in BACKENDS]
    addresses = [(backend.exam_register_endpoint, backend.software_download_url) for backend in backends]
    for backend in backends:
        backend.exam_register_endpoint = backend.software_download_url = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield server
    finally:
        for backend, address in zip(backends, addresses, strict=True):
            backend.exam_register_endpoint, backend.software_download_url = address
        server.shutdown()
        server.server_close()
