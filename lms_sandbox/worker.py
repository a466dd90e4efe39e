"""
`python -m lms_sandbox.worker [arguments of celery worker]`: a celery worker that ends with the process that started it.

It leads its own process group. So Ctrl-C in the terminal reaches only its parent, which lets the worker finish its
work. The worker also ends when the web server or the test run is killed.
"""

import os
import signal
import sys
import threading
import time


def main():
    """Run the worker on the queues of the sandbox."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms_sandbox.settings")
    import django

    django.setup()
    from django.conf import settings

    from lms_sandbox.celery import app

    threading.Thread(target=_end_with, args=[os.getppid()], daemon=True).start()
    queues = f"{settings.CELERY_TASK_DEFAULT_QUEUE},{settings.GRADES_DOWNLOAD_ROUTING_KEY}"
    alone = ["--without-gossip", "--without-heartbeat", "--without-mingle"]
    app.worker_main(["worker", "--queues", queues, "--concurrency", "2", "--loglevel", "INFO", *alone, *sys.argv[1:]])


def _end_with(parent):
    """End this process when its parent has ended."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
