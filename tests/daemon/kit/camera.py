"""The project's RTSP test camera, and others that are only a few lines of sockets."""
import socket
import subprocess
import threading

from .process import Process, built, free_port

SMALL = "gen:h264:320x240@15"


class RtspCamera(Process):
    """tests/daemon/rtsp-camera with its commands as methods' words: camera("stall", "front")."""

    def __init__(self, directory, *mounts, port=None, user=None, options=(), marks=None):
        self.port = port or free_port()
        self.user = user
        command = [built("tests/daemon/rtsp-camera"), "-p", str(self.port), *options]
        if user:
            command += ["-u", user]
        if marks:
            command += ["--marks", str(marks)]
        super().__init__(command + list(mounts), log=f"{directory}/camera-{self.port}.log",
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        line = self.child.stdout.readline().decode()
        assert line.startswith("listening"), f"the test camera does not start: {self.log()}"

    def uri(self, name, user=None, scheme="rtsp"):
        who = user or self.user
        return f"{scheme}://{who + '@' if who else ''}127.0.0.1:{self.port}/{name}"

    def __call__(self, *words):
        self.child.stdin.write((" ".join(words) + "\n").encode())
        self.child.stdin.flush()
        answer = self.child.stdout.readline().decode().strip()
        assert answer.startswith("ok"), f"{words}: {answer}"
        return answer[3:]

    def counts(self):
        return {key: int(value) for key, value in
                (pair.split("=") for pair in self("count").split())}


class TcpCamera:
    """Listens and does with each connection what serve(connection) says; counts them."""

    def __init__(self, serve, port=0):
        self.connections = 0
        self.serve = serve
        self.listener = socket.create_server(("127.0.0.1", port), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.one, args=(connection,), daemon=True).start()

    def one(self, connection):
        with connection:
            try:
                self.serve(connection)
            except OSError:
                pass  # the other side went away

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(2)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def say_nothing(connection):
    """Reads for ever."""
    while connection.recv(4096):
        pass


def say_rubbish(connection):
    """Answers whatever is asked with what is not RTSP, nor HTTP."""
    junk = bytes(range(1, 256)) * 16
    while connection.recv(4096):
        connection.sendall(junk)
