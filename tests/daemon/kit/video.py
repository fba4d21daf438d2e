"""A viewer of stream.mp4: reads it fragment by fragment, and what others make of it."""
import subprocess

from .stream import Closed, Stream
from .wait import Watch


class Fragment:
    """One picture with its time in seconds."""

    def __init__(self, moof, mdat):
        self.body = moof + mdat
        tfdt, trun = moof.index(b"tfdt"), moof.index(b"trun")
        self.at = int.from_bytes(moof[tfdt + 8:tfdt + 16], "big") / 1e6
        self.key = not int.from_bytes(moof[trun + 24:trun + 28], "big") & 0x10000


class Video(Stream):
    """opening: ftyp and moov."""

    def __init__(self, url, **keywords):
        super().__init__(url, **keywords)
        assert self.status == 200, self.error()
        assert self.headers["content-type"] == "video/mp4"
        self.opening = b""
        self.fragments = []

    def box(self):
        head = self.read(8)
        return head[4:], head + self.read(int.from_bytes(head[:4], "big") - 8)

    def fragment(self):
        kind, box = self.box()
        while kind in (b"ftyp", b"moov"):
            assert not self.fragments, "an opening in the middle"
            self.opening += box
            kind, box = self.box()
        assert kind == b"moof" and self.opening, kind
        kind, data = self.box()
        assert kind == b"mdat"
        self.fragments.append(Fragment(box, data))
        return self.fragments[-1]

    def take(self, count, seconds=20):
        """The next fragments, which take no longer than this."""
        watch = Watch()
        got = []
        while len(got) < count:
            got.append(self.fragment())
            assert watch.passed() < seconds, f"{len(got)} of {count} fragments in time"
        return got

    def size(self):
        """Of the track, as its header says."""
        tkhd = self.opening.index(b"tkhd") + 4
        return tuple(int.from_bytes(self.opening[tkhd + at:tkhd + at + 2], "big")
                     for at in (76, 80))

    def until_end(self, seconds=20):
        watch = Watch()
        try:
            while watch.passed() < seconds:
                self.fragment()
        except Closed:
            return
        raise AssertionError(f"it did not end in {seconds} s")

    def save(self, path):
        with open(path, "wb") as file:
            file.write(self.opening + b"".join(one.body for one in self.fragments))
        return str(path)


def probe(path):
    """What ffprobe says of the stream, and of each packet: time and whether it is a key."""
    told = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries",
         "stream=codec_name,width,height:packet=pts_time,flags", "-of", "compact=nk=1:p=0", path],
        check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300).stdout.decode()
    lines = [line.split("|") for line in told.split()]
    packets = [(float(line[0]), line[1].startswith("K")) for line in lines if len(line) == 2]
    streams = [line for line in lines if len(line) == 3]
    assert len(streams) == 1 and len(packets) + 1 == len(lines), told
    return (streams[0][0], int(streams[0][1]), int(streams[0][2])), packets


def decode(path, *output):
    """ffmpeg's complaints, of which there should be none, and how many pictures it decoded."""
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-y", "-progress", "-", "-i", path,
         "-fps_mode", "passthrough", "-enc_time_base", "-1", *(output or ("-f", "null", "-"))],
        check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    frames = [line for line in done.stdout.decode().splitlines() if line.startswith("frame=")]
    return done.stderr.decode(), int(frames[-1].split("=")[1])
