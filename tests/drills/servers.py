"""A PostgreSQL and a Redis of a drill's own, which it may stop as hard as it likes and start again."""

import os
import shutil
import signal
import subprocess

from tests.drills.portal import free_port, wait_until
from tools import with_services as services


class Postgres:
    """With its promises about crashes switched on: that is what is tried."""

    def __init__(self, folder):
        self.folder, self.port, self.identity = folder, free_port(), services.unprivileged()
        if self.identity.user is not None:
            os.chown(folder, self.identity.user, self.identity.group)
        self.data = services.make_cluster(folder, self.identity)
        self.url = f"postgres://{services.USER}@127.0.0.1:{self.port}/postgres"
        self.process = None

    def start(self):
        options = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": self.folder}
        command = [services.postgres_program("postgres"), "-D", str(self.data)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=self.identity.user,
                group=self.identity.group,
                extra_groups=self.identity.extra_groups,
            )
        ready = [services.postgres_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        wait_until(lambda: subprocess.run(ready, check=False).returncode == 0, "PostgreSQL does not start")
        return self

    def stop_at_once(self):
        """`pg_ctl stop -m immediate`: no farewell to anybody, recovery at the next start."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()


class Redis:
    """Without persistence: what is killed has forgotten everything."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        folder.mkdir()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process = None

    def start(self):
        command = [
            shutil.which("redis-server"), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder),
            "--save", "", "--appendonly", "no",
        ]  # fmt: skip
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        wait_until(lambda: services.answers(self.port), "Redis does not start")
        return self

    def kill(self):
        self.process.kill()
        self.process.wait()
