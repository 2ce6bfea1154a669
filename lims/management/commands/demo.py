"""demo: loads the kidney cohort and the reconstruction through the deeds, tells what it holds, serves it."""

import signal
import socket
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.core.wsgi import get_wsgi_application
from waitress.server import create_server

from lims.demo import load, summary
from lims.embedded import running_worker

THREADS = 8


class Command(BaseCommand):
    help = (
        "Loads the demo (once; a second run adds nothing), prints a summary and serves the site until "
        "Ctrl-C. Real tissue of the TCGA kidney cohort; percentages, reads and receipts are synthetic "
        "and say so."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-serve", action="store_true", help="load and print the summary, then exit")
        parser.add_argument("--host", default="127.0.0.1", help="address to serve on (default %(default)s)")
        parser.add_argument("--port", type=int, default=8000, help="port to serve on (default %(default)s)")
        parser.add_argument(
            "--limit",
            type=int,
            metavar="N",
            help="a small demo of about N patients and 40 more; it cannot grow later",
        )

    def handle(self, *args: Any, no_serve: bool, host: str, port: int, limit: int | None, **options: Any) -> None:
        refuse_elsewhere()
        if not no_serve:
            demand_free(host, port)
        self.bring_up(limit, shown=options["verbosity"] > 0)
        if not no_serve:
            self.serve(host, port)

    def bring_up(self, limit: int | None, *, shown: bool) -> None:
        """Load what is missing and say what is there."""
        began, complete = time.monotonic(), load.is_complete()
        load.load(limit=limit, shown=shown)
        took = time.monotonic() - began
        for line in (*summary.lines(), "", *summary.sign_ins(), ""):
            self.stdout.write(line)
        said = "Nothing was left to load; looked at" if complete else "Loaded and scored"
        self.stdout.write(f"{said} in {took:.1f} s.")

    def serve(self, host: str, port: int) -> None:
        """Serve with the embedded worker until Ctrl-C. Static files are found; their folder may be empty."""
        Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
        try:
            server = create_server(
                get_wsgi_application(), host=host, port=port, threads=THREADS, max_request_body_size=most_of_a_body()
            )
        except OSError as why:
            raise CommandError(cannot_serve(host, port, why)) from why
        end_when_told()
        with running_worker():
            self.stdout.write(f"Serving http://{host}:{port}/ (Ctrl-C stops it)")
            self.stdout.flush()
            server.run()
        self.stdout.write("Stopped.")


def end_when_told() -> None:
    """Ctrl-C and a plain kill end it alike, also where a shell that started it in the background has it ignore both."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


def most_of_a_body() -> int:
    """A whole slide and the form around it: the server itself would stop at 1 GB, without a sentence."""
    return settings.PARAFFIN_MAX_SLIDE_BYTES + 2**20


def refuse_elsewhere() -> None:
    """A demo's passwords are known to everybody: it runs on no installation made for real work."""
    if not (settings.EMBEDDED or settings.DEBUG):
        raise CommandError(
            "The demo's passwords are known to everybody: it runs on the embedded default (no REDIS_URL) or "
            "with DEBUG=true, not on an installation made for real work."
        )
    if not (load.is_empty() or load.is_demo()):
        raise CommandError(
            "This database holds something else than a demo: let PARAFFIN_VAR or DATABASE_URL name an empty one."
        )


def demand_free(host: str, port: int) -> None:
    """Say so before the load when the port is taken, or is none."""
    if not 1 <= port <= 65535:
        raise CommandError(f"Ports are numbered 1 to 65535, so {port} is none: choose another with --port.")
    try:
        family, kind, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as why:
        raise CommandError(cannot_serve(host, port, why)) from why


def cannot_serve(host: str, port: int, why: OSError) -> str:
    return f"Cannot serve on {host}:{port} ({why.strerror}): choose another with --port."
