"""H.264 whose frames are pairs of fields, each a picture of its own (PAFF), which no encoder of
Debian's makes: plain samples, so that nothing has to be encoded."""
from .hostile import Bits

START = b"\0\0\0\1"


def parameters(wide, high):
    sps = Bits().put(77, 8).put(0, 8).put(30, 8).golomb(0, 0, 2, 1).put(0, 1)
    sps.golomb(wide - 1, high - 1).put(0, 1).put(0, 1).put(1, 1).put(0, 1).put(0, 1)
    pps = Bits().golomb(0, 0).put(0, 2).golomb(0, 0, 0).put(0, 3).golomb(0, 0, 0).put(4, 3)
    return START + b"\x67" + sps.bytes() + START + b"\x68" + pps.bytes()


def field(number, bottom, blocks, grey, key):
    bits = Bits().golomb(0, 7, 0).put(number % 16, 4).put(1, 1).put(bottom, 1)
    if key and not bottom:
        bits.golomb(0).put(0, 2)
    else:
        bits.put(0, 1)
    bits.golomb(0, 1)
    for _ in range(blocks):
        bits.golomb(25)
        bits.text += "0" * (-len(bits.text) % 8)
        bits.text += format(grey, "08b") * 256 + format(128, "08b") * 128
    return START + (b"\x65" if key and not bottom else b"\x61") + bits.bytes()


def paff(wide=10, high=4, frames=16):
    """wide x 2*high blocks of 16x16; the picture grows brighter with each frame."""
    text = b""
    for number in range(frames):
        key = number % 8 == 0
        if key:
            text += parameters(wide, high)
        text += b"".join(field(number % 8, bottom, wide * high, 40 + 10 * number, key)
                         for bottom in (0, 1))
    return text
