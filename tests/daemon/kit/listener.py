"""Who is told of events as they happen."""
import json

import requests


class Listener:
    """Reads server-sent events."""

    def __init__(self, server, last=None, auth=None):
        headers = {"Last-Event-ID": str(last)} if last is not None else {}
        self.answer = requests.get(server.url + "/api/v1/events/stream", headers=headers,
                                   auth=auth, stream=True, timeout=30)
        self.lines = self.answer.iter_lines(chunk_size=1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.answer.close()

    def next(self):
        """The next event, and what its id line said."""
        number = None
        for line in self.lines:
            if line.startswith(b"id: "):
                number = int(line[4:])
            elif line.startswith(b"data: "):
                return number, json.loads(line[6:])
        raise AssertionError("the stream ended")
