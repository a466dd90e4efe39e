"""
`python -m lms_sandbox.serve`: the sandbox with its web server, on 127.0.0.1 only, and its worker.

It prepares the database, prints the address, and runs until SIGINT (Ctrl-C) or SIGTERM; then it stops the worker, too.

Tests start it as a separate process, on a free port and in their own folder, and end it by its id::

    env = {**os.environ, "LMS_SANDBOX_VAR": str(tmp_path)}
    server = subprocess.Popen(
        [sys.executable, "-m", "lms_sandbox.serve", "--port", "0", "--no-seed"],
        env=env, stdout=subprocess.PIPE, text=True,
    )
    address = server.stdout.readline().split()[-1]      # printed once it answers: http://127.0.0.1:54321
    ...
    server.terminate()
    server.wait(timeout=30)

The root of the repository has to be the current directory, or on PYTHONPATH. Logs are in the folder's `logs`.
"""

import argparse
import os
import signal
import subprocess
import sys
import threading

STOP_SECONDS = 15


def main():
    """Run the sandbox."""
    options = _parse_arguments()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms_sandbox.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_args: stop.set())

    server = _make_server(options.port)
    address = f"http://127.0.0.1:{server.server_port}"
    settings.LMS_ROOT_URL, settings.SITE_NAME = address, address.removeprefix("http://")
    settings.LEARNING_MICROFRONTEND_URL = f"{address}/learning"
    settings.INSTRUCTOR_MICROFRONTEND_URL = f"{address}/instructor-dashboard"
    if options.seed:
        call_command("prepare", size=options.size, stdout=sys.stderr, stderr=sys.stderr)
    else:
        call_command("migrate", verbosity=0)

    from lms_sandbox import provider

    with provider.running():
        worker = _start_worker(settings.LOGS) if options.worker else None
        threading.Thread(target=server.serve_forever, daemon=True).start()
        _say(address, options, settings.VAR)
        while not stop.wait(1) and (worker is None or worker.poll() is None):
            pass
        sys.stderr.write("Stopping …\n")
        server.shutdown()
        if worker is not None:
            _stop_worker(worker)
    if not stop.is_set():
        sys.exit(f"The worker has ended by itself; see {settings.LOGS / 'worker.log'}")


def _parse_arguments():
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m lms_sandbox.serve", description="Run the sandbox LMS.")
    parser.add_argument("--port", type=int, default=8000, help="0 takes a free one (default: 8000)")
    parser.add_argument("--size", type=int, help="make a large course with so many attempts, too")
    parser.add_argument("--no-seed", dest="seed", action="store_false", help="only migrate, make no data")
    parser.add_argument("--no-worker", dest="worker", action="store_false", help="start no worker: tasks stay queued")
    return parser.parse_args()


def _make_server(port):
    """Return a threaded web server on loopback that is bound to the port but does not serve yet."""
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler, get_internal_wsgi_application

    try:
        server = ThreadedWSGIServer(("127.0.0.1", port), WSGIRequestHandler)
    except OSError as error:
        sys.exit(f"Port {port} cannot be used ({error.strerror}); choose another one, for example: make demo PORT=8001")
    server.daemon_threads = True
    server.set_app(get_internal_wsgi_application())
    return server


def _start_worker(logs):
    """Start the worker as a process in its own process group."""
    with (logs / "worker.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "lms_sandbox.worker"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _stop_worker(worker):
    """Let the worker finish; if it takes too long, end it and its children."""
    worker.terminate()
    try:
        worker.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


def _say(address, options, folder):
    """Print where the sandbox is, the address first."""
    lines = [f"Sandbox LMS: {address}"]
    if options.seed:
        lines += [
            "Accounts (password edx): admin, instructor, staff, researcher, learner, learner001 to learner300",
            f"Data, reports, logs:     {folder}",
            "Stop with Ctrl-C.",
        ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
