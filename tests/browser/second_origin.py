"""A web server with another origin than the sandbox's. It serves one page that tests write, and the page's files."""

import mimetypes
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType


class SecondOrigin:
    """Serves `files`, and `page` at every other path, on a port of its own. Use it as a context manager."""

    def __init__(self) -> None:
        self.page = ""
        self.files: dict[str, bytes] = {}

    def __enter__(self) -> "SecondOrigin":
        origin = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                content = origin.files.get(self.path, origin.page.encode())
                kind = mimetypes.guess_type(self.path)[0] if self.path in origin.files else "text/html"
                self.send_response(200)
                self.send_header("Content-Type", f"{kind}; charset=utf-8")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
