"""Child processes that are never left behind."""
import os
import random
import shutil
import signal
import socket
import subprocess

TOP = os.environ.get("top_srcdir") or os.path.abspath(
    os.path.join(os.path.dirname(__file__), "..", "..", ".."))
BUILD = os.environ.get("top_builddir") or TOP
SHARED = os.environ.get("VEDETTE_SHARED") or os.path.join(TOP, "..", "shared")


def shared(name):
    """A clip out of the shared data, or None."""
    path = os.path.join(SHARED, "data", name)
    return path if os.path.exists(path) else None


def readable(path):
    """What a file of /proc says; nothing where it is not told to this user, who is anybody, or
    its thread has ended meanwhile."""
    try:
        with open(path, encoding="latin-1") as file:
            return file.read()
    except (PermissionError, FileNotFoundError, ProcessLookupError):
        return ""


def built(name):
    return os.path.join(BUILD, name)


MARKS = []


def mark(port):
    """Keeps a port from the tests beside this one for as long as this process lives. The name is
    seen as far as the port is, and goes with the process."""
    name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        name.bind(f"\0vedette-test-port-{port}")
    except OSError:
        name.close()
        return False
    MARKS.append(name)
    return True


def free_port():
    """One that nobody listens on, for a program that begins to later, or ends and begins again.
    Below those which the kernel gives to connections: tests beside this one make many."""
    while True:
        port = random.randrange(10000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if mark(port):
            return port


def missing(*programs):
    """The first of these programs that is not installed, or None."""
    return next((name for name in programs if not shutil.which(name)), None)


class Process:
    """A program that is ended with the with-block it was started in."""

    def __init__(self, command, log=None, stdin=None, stdout=None, env=None, as_nobody=False,
                 pass_fds=()):
        if as_nobody and os.geteuid() == 0:
            command = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups",
                       *command]
        self.command = command
        self.log_path = log
        output = open(log, "ab") if log else subprocess.DEVNULL
        try:
            self.child = subprocess.Popen(
                command, stdin=stdin or subprocess.DEVNULL,
                stdout=stdout or output, stderr=output, env=env, pass_fds=pass_fds)
        finally:
            if log:
                output.close()
        self.pid = self.child.pid

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def running(self):
        return self.child.poll() is None

    def signal(self, number):
        if self.running():
            self.child.send_signal(number)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.child.wait()

    def close(self):
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            self.child.wait(3)
        except subprocess.TimeoutExpired:
            self.kill()
        for pipe in (self.child.stdin, self.child.stdout):
            if pipe:
                try:
                    pipe.close()
                except BrokenPipeError:
                    pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
