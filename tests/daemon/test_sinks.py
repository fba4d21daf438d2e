"""Who is told what happens: web servers, and a real MQTT broker."""
import hashlib
import hmac
import http.server
import json
import queue
import shutil
import threading

import pytest

from kit.process import Process, free_port
from kit.wait import until

QUIET = "test:quiet?width=320&height=240&fps=5"
MOVING = "test:moving?width=320&height=240&fps=15"


class Hook:
    """A web server that keeps what it is posted and answers as it is told: a status, or None to
    say nothing at all."""

    def __init__(self, port=0):
        self.got = queue.Queue()
        self.answers = 200
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.got.put((dict(self.headers), body, hook.answers))
                if hook.answers is None:
                    hook.release.wait(30)
                    return
                self.send_response(hook.answers)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.release = threading.Event()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.release.set()
        self.server.shutdown()
        self.server.server_close()

    def next(self, timeout=20):
        headers, body, _ = self.got.get(timeout=timeout)
        return headers, json.loads(body), body


def configuration(port, more="", uri=QUIET):
    return f"[webhook alarm]\nurl=http://127.0.0.1:{port}/hook\nsecret=s3cret\nkinds=test\n{more}" \
           f"[camera front]\nuri={uri}\n[camera back]\nuri={QUIET}\n"


def post_test(server, camera="front"):
    answer = server.session.post(f"{server.url}/api/v1/cameras/{camera}/test-event")
    assert answer.status_code == 200, answer.text
    return answer.json()["id"]


@pytest.fixture
def state(tmp_path):
    folder = tmp_path / "state"
    folder.mkdir()
    return {"STATE_DIRECTORY": str(folder)}


@pytest.mark.short
def test_a_webhook_is_told_with_a_signature_and_in_order(daemon):
    with Hook() as hook:
        server = daemon(configuration(hook.port, "cameras=front\n"))
        server.live("front", "back")
        post_test(server, "back")
        made = [post_test(server) for _ in range(3)]
        for number in made:
            headers, event, body = hook.next()
            assert (event["id"], event["camera"], event["kind"]) == (number, "front", "test")
            assert headers["X-Vedette-Id"] == str(number)
            assert headers["X-Vedette-Event"] == "test"
            signed = headers["X-Vedette-Timestamp"].encode() + b"." + body
            expected = hmac.new(b"s3cret", signed, hashlib.sha256).hexdigest()
            assert headers["X-Vedette-Signature"] == "sha256=" + expected
        assert hook.got.empty()
        assert "s3cret" not in server.log()


@pytest.mark.short
def test_what_is_refused_is_told_again_until_it_is_taken(daemon):
    with Hook() as hook:
        hook.answers = 500
        server = daemon(configuration(hook.port))
        server.live("front")
        first, second = post_test(server), post_test(server)
        assert [hook.next()[1]["id"] for _ in range(2)] == [first, first]
        hook.answers = 204
        until(lambda: hook.next()[1]["id"] == second, 20, "the next one comes behind the first")
    server.logged("webhook alarm: answered with 500; trying again")
    server.logged("webhook alarm: it is told again")


def test_a_server_that_hangs_costs_nothing_else(daemon):
    with Hook() as silent, Hook() as hook:
        silent.answers = None
        server = daemon(configuration(silent.port, f"[webhook other]\nurl=http://127.0.0.1:"
                                      f"{hook.port}/\nkinds=test\n"))
        server.live("front")
        made = [post_test(server) for _ in range(5)]
        assert [hook.next(5)[1]["id"] for _ in made] == made
        assert silent.next()[1]["id"] == made[0]
        assert silent.got.empty()


def test_what_a_server_missed_is_told_when_it_is_back_also_after_a_kill(daemon, state):
    with Hook() as hook:
        port = hook.port
        server = daemon(configuration(port), env=state)
        server.live("front")
        first = post_test(server)
        assert hook.next()[1]["id"] == first
    missed = [post_test(server) for _ in range(3)]
    server.kill()
    again = daemon(configuration(port), env=state)
    again.live("front")
    with Hook(port) as hook:
        told = [hook.next(30)[1]["id"] for _ in missed]
        assert told[-3:] == missed or told == [first, *missed][:3]


# --- MQTT ----------------------------------------------------------------------------------------

mosquitto = pytest.mark.skipif(shutil.which("mosquitto") is None and
                               not shutil.which("mosquitto", path="/usr/sbin"),
                               reason="no mosquitto")


class Broker(Process):
    def __init__(self, directory, port=None):
        self.port = port or free_port()
        config = f"{directory}/mosquitto.conf"
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"listener {self.port} 127.0.0.1\nallow_anonymous true\n"
                       "log_dest stderr\n")
        binary = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        super().__init__([binary, "-c", config], log=f"{directory}/mosquitto.log")


class Reader:
    """A client that is told all topics; speaks just enough MQTT 3.1.1 itself."""

    def __init__(self, port):
        import socket
        self.socket = until(lambda: self.connect(socket, port), 10, "the broker listens")
        self.socket.settimeout(20)
        client = b"reader%d" % self.socket.getsockname()[1]
        body = b"\x00\x04MQTT\x04\x02\x00\x3c" + len(client).to_bytes(2, "big") + client
        self.send(0x10, body)
        assert self.packet()[0] == 0x20
        self.send(0x82, b"\x00\x01\x00\x01#\x00")

    @staticmethod
    def connect(socket, port):
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=5)
        except OSError:
            return None

    def send(self, kind, body):
        self.socket.sendall(bytes([kind, len(body)]) + body)

    def bytes(self, count):
        got = b""
        while len(got) < count:
            more = self.socket.recv(count - len(got))
            assert more, "the broker left"
            got += more
        return got

    def packet(self):
        kind, length, shift = self.bytes(1)[0], 0, 0
        while True:
            digit = self.bytes(1)[0]
            length |= (digit & 127) << shift
            shift += 7
            if digit < 128:
                return kind, self.bytes(length)

    def message(self):
        """The next one: topic, text, whether it was retained."""
        while True:
            kind, body = self.packet()
            if kind >> 4 == 3:
                size = int.from_bytes(body[:2], "big")
                return body[2:2 + size].decode(), body[2 + size:].decode(), bool(kind & 1)

    def until(self, *wanted):
        """Reads on until each of these (topic, text) came; answers all that did."""
        seen = {}
        while not all(seen.get(topic) == text for topic, text in wanted):
            topic, text, _ = self.message()
            seen[topic] = text
        return seen


def mqtt_configuration(port, uri=QUIET):
    return f"[mqtt]\nhost=127.0.0.1\nport={port}\n" \
           f"[camera front]\nuri={uri}\nname=Front door\nevent-min-ms=200\nevent-gap-ms=500\n"


@mosquitto
def test_a_broker_is_told_states_motion_and_events(daemon, tmp_path):
    broker = Broker(tmp_path)
    try:
        reader = Reader(broker.port)
        server = daemon(mqtt_configuration(broker.port, MOVING))
        seen = reader.until(("vedette/status", "online"), ("vedette/front/state", "live"),
                            ("vedette/front/motion", "ON"))
        sensor = json.loads(seen["homeassistant/binary_sensor/vedette_front/motion/config"])
        assert sensor["state_topic"] == "vedette/front/motion"
        assert sensor["availability_topic"] == "vedette/status"
        assert sensor["device"]["name"] == "Front door" and sensor["device_class"] == "motion"
        number = post_test(server)
        while True:
            topic, text, retained = reader.message()
            if topic == "vedette/front/events" and json.loads(text)["kind"] == "test":
                break
        assert json.loads(text)["id"] == number and not retained
        late = Reader(broker.port)
        late.until(("vedette/status", "online"), ("vedette/front/motion", "ON"),
                   ("vedette/front/state", "live"))
        server.kill()
        reader.until(("vedette/status", "offline"))
    finally:
        broker.kill()


@mosquitto
def test_a_broker_forgets_a_camera_that_is_removed(daemon, tmp_path):
    sensor = "homeassistant/binary_sensor/vedette_front/motion/config"
    port = free_port()
    broker = Broker(tmp_path, port)
    try:
        reader = Reader(port)
        server = daemon(mqtt_configuration(port) + f"[camera back]\nuri={QUIET}\n")
        reader.until(("vedette/front/state", "live"), ("vedette/back/state", "live"))
        assert server.session.delete(f"{server.url}/api/v1/cameras/front").status_code == 200
        reader.until((sensor, ""), ("vedette/front/motion", ""), ("vedette/front/state", ""))
        post_test(server, "back")
        late = Reader(port).until(("vedette/status", "online"), ("vedette/back/state", "live"),
                                  ("vedette/back/motion", "OFF"))
        assert not [topic for topic in late if "front" in topic]
    finally:
        broker.kill()


@mosquitto
def test_a_broker_that_comes_later_is_told_how_things_are(daemon, tmp_path):
    port = free_port()
    server = daemon(mqtt_configuration(port))
    server.live("front")
    post_test(server)
    broker = Broker(tmp_path, port)
    try:
        Reader(port).until(("vedette/status", "online"), ("vedette/front/state", "live"),
                           ("vedette/front/motion", "OFF"))
    finally:
        broker.kill()
