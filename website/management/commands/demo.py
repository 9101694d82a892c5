"""``manage.py demo``: set up, load, serve and work, all under one process that Ctrl-C ends."""

import errno
import gc
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from content import transcode
from content.conf import conf
from lms.media import MediaUnwritable
from lms.worker import Worker
from website.demo import load, report


class Command(BaseCommand):
    """Run the demonstration."""

    help = "Set up the demonstration and serve it; --no-serve loads everything and ends."
    # The database may be missing; checks would only delay the first page.
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--port", type=int, default=8000, help="port on 127.0.0.1 (default 8000)")
        parser.add_argument("--no-serve", action="store_true", help="load everything, then stop")

    def handle(self, *, port, no_serve, **options):
        if not settings.DEMO:
            raise CommandError("Set VUONXA_DEMO=1: the demonstration never touches another site's data.")
        try:
            self.run(port, no_serve)
        except MediaUnwritable as error:
            raise CommandError(f"{error} ({settings.VAR_DIR})") from error
        except KeyboardInterrupt:
            self.say("Stopped. The next start goes on from here.")
            sys.exit(130)

    def run(self, port: int, no_serve: bool) -> None:
        """Set up and load; then serve, unless everything was to be loaded only."""
        started = time.monotonic()
        self.find_ffmpeg()
        if not no_serve:
            self.claim(port)
        self.prepare()
        load.load("fast", out=self.say)
        if no_serve:
            load.finish(out=self.say)
            self.say(f"Everything is loaded ({time.monotonic() - started:.0f} s). Start it: make demo")
            return
        report.write(self.stdout.write, port=port, seconds=time.monotonic() - started)
        self.serve(port)

    def say(self, line: str) -> None:
        """Print one line at once, so that nobody takes silence for a hang."""
        self.stdout.write(f"  {line}")
        self.stdout.flush()

    def find_ffmpeg(self) -> None:
        """Refuse to begin without the program that makes the lectures."""
        try:
            transcode.find_ffmpeg(conf.FFMPEG)
        except transcode.FfmpegMissing as error:
            raise CommandError(
                "There is no ffmpeg, which makes the lectures; nothing was started or changed."
                " Install it: apt install ffmpeg"
            ) from error

    def claim(self, port: int) -> None:
        """Refuse a port that somebody else answers on, naming the way out."""
        with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except (OSError, OverflowError) as error:
                raise CommandError(
                    f"Port {port} cannot be used ({getattr(error, 'strerror', None) or error}); nothing was"
                    f" started or changed. Choose another one: make demo PORT={port % 60000 + 1}"
                ) from error
        # What the QR codes of certificates say must be where the site really is.
        settings.BASE_URL = settings.WAGTAILADMIN_BASE_URL = os.environ["BASE_URL"] = (
            f"http://127.0.0.1:{port}"
        )

    def prepare(self) -> None:
        """Bring folder, tables and message catalogues up to date; quick where nothing changed."""
        try:
            settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
            # WhiteNoise warns where the folder is missing, though here it serves from the sources.
            settings.STATIC_ROOT.mkdir(exist_ok=True)
        except OSError as error:
            raise self.unwritable(settings.VAR_DIR, error.strerror) from error
        for path in (settings.VAR_DIR, *settings.VAR_DIR.iterdir()):
            if not os.access(path, os.W_OK):
                raise self.unwritable(path, os.strerror(errno.EACCES))
        if load.is_another_site():
            raise CommandError(
                f"The database {connection.settings_dict['NAME']} holds people whom the demonstration did not"
                " make; nothing in it was changed. Name a folder and, if DATABASE_URL is set, a database for"
                " the demonstration alone: env -u DATABASE_URL VUONXA_VAR=/a/folder make demo"
            )
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.say("Creating the tables (the longest step) …")
            # Migrations make a hundred thousand short-lived classes; collecting less often saves a fifth.
            usual = gc.get_threshold()
            gc.freeze()
            gc.set_threshold(100_000, 20, 100)
            call_command("migrate", interactive=False, verbosity=0)
            gc.set_threshold(*usual)
            gc.unfreeze()
        call_command("createcachetable", verbosity=0)
        self.compile_messages()

    def unwritable(self, path: Path, why: str) -> CommandError:
        """What to say where the data cannot be kept: what it is, and the two ways out."""
        return CommandError(
            f"{path} cannot be written to ({why}); nothing was started or changed. Make the folder"
            f" {settings.VAR_DIR} yours again (sudo chown -R $USER {settings.VAR_DIR}), or name another one:"
            " VUONXA_VAR=/a/folder make demo"
        )

    def compile_messages(self) -> None:
        """Compile catalogues that came without their compiled form."""
        folders = [Path(app.path) / "locale" for app in apps.get_app_configs()]
        sources = [
            po
            for folder in folders
            if settings.BASE_DIR in folder.parents and ".venv" not in folder.parts
            for po in folder.glob("*/LC_MESSAGES/*.po")
            if not po.with_suffix(".mo").exists()
        ]
        for po in sources:
            os.system(f"msgfmt -o {po.with_suffix('.mo')} {po}")  # noqa: S605 - our own paths

    def serve(self, port: int) -> None:
        """Run the web server here and the worker beside it until a signal comes; end both."""
        from granian import Granian

        connections.close_all()
        if "fork" in multiprocessing.get_all_start_methods():
            # The children start with everything imported already, which saves seconds.
            multiprocessing.set_start_method("fork", force=True)
        parent = os.getpid()
        # Also the web server's own children, so that a killed terminal leaves no port taken.
        os.register_at_fork(after_in_child=lambda: _watch_parent(parent))
        worker = multiprocessing.Process(target=_work, name="worker")
        worker.start()
        server = Granian(
            "website.wsgi:application",
            address="127.0.0.1",
            port=port,
            interface="wsgi",
            blocking_threads=4,
            log_access=False,
            log_level="warning",
        )
        server.on_shutdown(lambda: _end(worker))
        try:
            server.serve()
        finally:
            _end(worker)


def _work() -> None:
    """Run the durable jobs until told to stop; say what concerns visitors."""
    worker = Worker(threads=2, out=_tell)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *args: worker.stop())
    worker.start()
    worker.join(4)
    # Threads that still run have given their jobs back; only ending the process makes that true.
    os._exit(0)


def _tell(line: str) -> None:
    if "website.demo" in line or line.startswith("failed"):
        print(f"  {line.replace('website.demo_', '')}", flush=True)


def _follow(parent: int) -> None:
    """End this process when *parent* was killed and could not do it."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(6)
    os._exit(1)


def _watch_parent(parent: int) -> None:
    if os.getppid() == parent:
        # Ctrl-C of a terminal reaches the first process alone, which ends the others; both at once hung now and then.
        os.setpgrp()
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _end(worker) -> None:
    if worker.is_alive():
        worker.terminate()
        worker.join(10)
    if worker.is_alive():
        worker.kill()
        worker.join()
