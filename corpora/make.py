#!/usr/bin/env python3
"""Writes the captures of this directory, byte by byte. Needs Python 3 alone."""
import random
import struct
from pathlib import Path

HERE = Path(__file__).parent
DEVICE = bytes([2, 0, 0, 0, 0, 1])
ROUTER = bytes([2, 0, 0, 0, 0, 2])
OTHER = bytes([2, 0, 0, 0, 0, 3])
GROUP = bytes([1, 0, 0x5E, 0, 0, 0xFB])
START_NS = 1_790_000_000_000_000_000


def ipv4(protocol, source, target, payload, ttl=64, options=b"", fragment=0, length=None):
    words = 5 + len(options) // 4
    total = words * 4 + len(payload) if length is None else length
    head = struct.pack(">BBHHHBBH", 0x40 | words, 0, total, 7, fragment, ttl, protocol, 0)
    return head + bytes(source) + bytes(target) + options + payload


def ipv6(protocol, source, target, payload, hops=64, extensions=b"", first=None):
    head = struct.pack(">IHBB", 0x60000000, len(extensions) + len(payload), first if first is not None else protocol, hops)
    return head + source + target + extensions + payload


def tcp(source, target, window, payload=b"", options=b""):
    words = 5 + len(options) // 4
    return struct.pack(">HHIIBBHHH", source, target, 1, 1, words << 4, 0x18, window, 0, 0) + options + payload


def udp(source, target, payload=b""):
    return struct.pack(">HHHH", source, target, 8 + len(payload), 0) + payload


def ethernet(source, target, ethertype, payload, tags=b""):
    frame = target + source + tags + struct.pack(">H", ethertype) + payload
    return frame.ljust(60, b"\0")


def vlan(number):
    return struct.pack(">HH", 0x8100, number)


NEAR, FAR, PEER = (192, 168, 1, 50), (203, 0, 113, 9), (192, 168, 1, 7)
NEAR6 = bytes.fromhex("fe80000000000000000000000000c0de")
FAR6 = bytes.fromhex("20010db8000000000000000000000009")


def home():
    """(time_ns, frame) of a device, and of others around it."""
    rng = random.Random(20201)
    frames, now = [], START_NS
    for i in range(400):
        now += rng.choice([3_000_000, 40_000_000, 900_000_000, 7_000_000_000])
        # now and then a little early, as real clocks are
        time = now - (200_000_000 if i % 37 == 36 else 0)
        window, size = rng.randrange(200, 65_536), rng.randrange(0, 900)
        body = bytes(rng.randrange(256) for _ in range(size))
        out = rng.random() < 0.5
        near, far = (NEAR, FAR) if out else (FAR, NEAR)
        ends = (DEVICE, ROUTER) if out else (ROUTER, DEVICE)
        ports = (40_000 + i % 5, 443) if out else (443, 40_000 + i % 5)
        ttl = 64 if out else 57
        kind = i % 13
        if kind == 0:
            packet = ethernet(*ends, 0x0800, ipv4(6, near, far, tcp(*ports, window, body, b"\1\1\1\1"), ttl, b"\1\1\1\0"))
        elif kind == 1:
            packet = ethernet(DEVICE, GROUP, 0x0800, ipv4(17, NEAR, (224, 0, 0, 251), udp(5353, 5353, body), 255))
        elif kind == 2:
            packet = ethernet(*ends, 0x0800, ipv4(1, near, far, b"\x08\0\0\0\0\1\0\1" + body, ttl))
        elif kind == 3:
            packet = ethernet(DEVICE, ROUTER, 0x86DD, ipv6(6, NEAR6, FAR6, tcp(50_000, 443, window, body), 64), vlan(7))
        elif kind == 4:
            # hop-by-hop options before UDP
            hop = bytes([17, 0, 1, 4, 0, 0, 0, 0])
            packet = ethernet(DEVICE, ROUTER, 0x86DD, ipv6(17, NEAR6, FAR6, udp(50_001, 443, body), 61, hop, 0))
        elif kind == 5:
            packet = ethernet(DEVICE, ROUTER, 0x8864, b"\x11\0\0\1\0\0\0\x21" + ipv4(17, NEAR, FAR, udp(123, 123, body), 64))
        elif kind == 6:
            # a later fragment: a protocol without ports
            packet = ethernet(*ends, 0x0800, ipv4(17, near, far, body, ttl, fragment=185))
        elif kind == 7:
            packet = ethernet(OTHER, ROUTER, 0x0800, ipv4(6, PEER, FAR, tcp(1, 2, 3, body)))
        elif kind == 8:
            packet = ethernet(DEVICE, b"\xff" * 6, 0x0806, bytes(28))
        elif kind == 9:
            packet = ethernet(*ends, 0x0800, ipv4(47 if i % 2 else 2, near, far, bytes([0, 0, 8, 0]) + body, ttl))
        else:
            carried = tcp(*ports, window, body) if kind % 2 else udp(*ports, body)
            packet = ethernet(*ends, 0x0800, ipv4(6 if kind % 2 else 17, near, far, carried, ttl))
        frames.append((time, packet))
    return frames


def pcap(path, frames, snap=262_144, link=1):
    out = struct.pack("<IHHIIII", 0xA1B23C4D, 2, 4, 0, 0, snap, link)
    for time, frame, *length in frames:
        captured = frame[:snap]
        seconds, fraction = divmod(time, 1_000_000_000)
        out += struct.pack("<IIII", seconds, fraction, len(captured), length[0] if length else len(frame)) + captured
    (HERE / path).write_bytes(out)


def block(kind, body):
    body = body.ljust((len(body) + 3) // 4 * 4, b"\0")
    return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))


def pcapng(path, frames):
    out = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    # nanoseconds, then the default of microseconds
    out += block(1, struct.pack("<HHI", 1, 0, 0) + struct.pack("<HHB3x", 9, 1, 9) + struct.pack("<HH", 0, 0))
    out += block(1, struct.pack("<HHI", 1, 0, 0))
    for i, (time, frame) in enumerate(frames):
        # all times here are whole microseconds
        ticks = time if i % 2 == 0 else time // 1000
        head = struct.pack("<IIIII", i % 2, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame))
        out += block(6, head + frame)
    (HERE / path).write_bytes(out)


def mirrored(frame, i):
    switch, collector = (10, 9, 0, 1), (10, 9, 0, 2)
    if i % 3 == 0:
        gre = b"\x10\0\x88\xbe" + struct.pack(">I", i) + b"\x10\0\0\0\0\0\0\0"
        packet = ipv4(47, switch, collector, gre + frame)
    elif i % 3 == 1:
        packet = ipv4(17, switch, collector, udp(51_000, 4789, b"\x08\0\0\0\0\0\7\0" + frame))
    else:
        packet = ipv4(17, switch, collector, udp(51_000, 37_008, b"\1\0\0\1\x0a\1\xc8\1" + frame))
    return ethernet(OTHER, bytes([2, 0, 0, 0, 0, 9]), 0x0800, packet)


def offload():
    frames = []
    for i in range(60):
        body = bytes(2000 + 40 * i)
        segment = tcp(40_000, 443, 500 + i, body)
        packet = ipv4(6, NEAR, FAR, segment, length=0) if i % 2 else ipv4(6, NEAR, FAR, segment)
        frame = ethernet(DEVICE, ROUTER, 0x0800, packet)
        frames.append((START_NS + i * 1_500_000_000, frame))
    return frames


if __name__ == "__main__":
    frames = home()
    pcap("home.pcap", frames)
    pcapng("home.pcapng", frames)
    pcap("mirror.pcap", [(time, mirrored(frame, i)) for i, (time, frame) in enumerate(frames)])
    pcap("offload.pcap", offload(), snap=96)
