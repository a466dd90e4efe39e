"""A proctoring provider on loopback: it registers exam attempts for the Software Secure backends, and does no more."""

import json
import threading
import uuid
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from django.apps import apps

BACKENDS = ("software_secure", "rpnow4")


class _Registration(BaseHTTPRequestHandler):
    """Answers a registration with an id of the provider's, which is always the same for one attempt code."""

    def do_POST(self):
        """Register the attempt that the request describes."""
        payload = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        locator = str(uuid.uuid5(uuid.NAMESPACE_OID, payload["examCode"])).upper()
        answer = json.dumps({"ssiRecordLocator": locator}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format, *args):
        """Write no log."""


@contextmanager
def running():
    """Run a provider on a free port, known to edx-proctoring's backends of this process, until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Registration)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    backends = [apps.get_app_config("edx_proctoring").backends[name] for name in BACKENDS]
    endpoints = [backend.exam_register_endpoint for backend in backends]
    for backend in backends:
        backend.exam_register_endpoint = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield server
    finally:
        for backend, endpoint in zip(backends, endpoints, strict=True):
            backend.exam_register_endpoint = endpoint
        server.shutdown()
        server.server_close()
