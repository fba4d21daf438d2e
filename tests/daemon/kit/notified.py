"""What a daemon tells its supervisor."""
import socket
import time


class Notified:
    """What sd_notify says, as systemd would hear it."""

    def __init__(self, directory):
        self.path = str(directory / "notify.sock")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.setblocking(False)
        self.said = []

    def listen(self):
        while True:
            try:
                text = self.socket.recv(4096).decode()
            except BlockingIOError:
                return self.said
            self.said += [(time.monotonic(), line) for line in text.splitlines()]

    def has(self, text):
        return any(line.startswith(text) for _, line in self.listen())

    def count(self, text):
        return sum(line.startswith(text) for _, line in self.listen())
