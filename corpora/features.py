#!/usr/bin/env python3
"""The features of docs/method.md in plain Python: slow, exact, and independent of the Rust code.

    features.py CAPTURE (t=SECONDS | n=PACKETS) MAC    one capture, to standard output
    features.py --all                                  every capture here, to expected/

Reads pcap and pcapng of Ethernet, mirrors included. Needs Python 3 alone.
"""
import struct
import sys
from fractions import Fraction
from math import isqrt
from pathlib import Path

HERE = Path(__file__).parent
NAMES = (
    "n_packets,duration_s,n_tcp,n_udp,n_icmp,n_addresses,n_ports,tcp_window_mean,tcp_window_std,ipt_mean,ipt_std,"
    "length_mean,length_std,ttl_mean,ttl_std"
)


def read_pcap(data):
    at = 24
    while at < len(data):
        seconds, fraction, captured, length = struct.unpack_from("<IIII", data, at)
        yield seconds * 1_000_000_000 + fraction, data[at + 16:at + 16 + captured], length
        at += 16 + captured


def read_pcapng(data):
    at, units = 0, []
    while at < len(data):
        kind, total = struct.unpack_from("<II", data, at)
        body = data[at + 8:at + total - 4]
        if kind == 1:
            unit, option = 1000, 8
            while option + 4 <= len(body):
                code, size = struct.unpack_from("<HH", body, option)
                if code == 9:
                    unit = 10 ** (9 - body[option + 4])
                option += 4 + (size + 3) // 4 * 4
            units.append(unit)
        elif kind == 6:
            interface, high, low, captured, length = struct.unpack_from("<IIIII", body)
            yield (high << 32 | low) * units[interface], body[20:20 + captured], length
        at += total


def network(frame, length):
    """Where the network layer begins and its ethertype."""
    at, kind = 14, int.from_bytes(frame[12:14], "big")
    while kind in (0x8100, 0x88A8):
        kind, at = int.from_bytes(frame[at + 2:at + 4], "big"), at + 4
    if kind == 0x8864:
        kind, at = {0x21: 0x0800, 0x57: 0x86DD}[int.from_bytes(frame[at + 6:at + 8], "big")], at + 8
    return at, kind


def packet(frame, length):
    """Addresses, TTL, protocol, ports, window and payload of an IP packet; None for another frame."""
    at, kind = network(frame, length)
    data = frame[at:]
    if kind == 0x0800:
        size = (data[0] & 15) * 4
        total = int.from_bytes(data[2:4], "big") or length - at
        later = int.from_bytes(data[6:8], "big") & 0x1FFF
        source, target, ttl, protocol, rest = data[12:16], data[16:20], data[8], data[9], data[size:total]
    elif kind == 0x86DD:
        source, target, ttl, protocol, rest, later = data[8:24], data[24:40], data[7], data[6], data[40:], 0
        while protocol in (0, 43, 60):
            protocol, rest = rest[0], rest[(rest[1] + 1) * 8:]
        rest = rest[:40 + int.from_bytes(data[4:6], "big")]
    else:
        return None
    ports = struct.unpack(">HH", rest[:4]) if protocol in (6, 17) and not later and len(rest) >= 4 else None
    window = int.from_bytes(rest[14:16], "big") if protocol == 6 and not later else None
    name = {6: "tcp", 17: "udp", 1: "icmp", 58: "icmp"}.get(protocol)
    return source, target, ttl, name, ports, window, protocol, rest


def inside(frame, length):
    """The frame that a mirror wraps, or the frame itself."""
    read = packet(frame, length)
    if read is None:
        return frame, length
    _, _, _, _, ports, _, protocol, rest = read
    inner = None
    if protocol == 47 and rest[2:4] == b"\x88\xbe":
        inner = rest[16:]
    elif protocol == 17 and ports and ports[1] == 4789:
        inner = rest[16:]
    elif protocol == 17 and ports and ports[1] == 37008:
        at = 12
        while rest[at] != 1:
            at += 2 + rest[at + 1]
        inner = rest[at + 1:]
    return (inner, len(inner)) if inner is not None else (frame, length)


def trace(path, mac):
    data = Path(path).read_bytes()
    reader = read_pcapng if data[:4] == b"\x0a\x0d\x0d\x0a" else read_pcap
    latest = None
    for time, frame, length in reader(data):
        frame, length = inside(frame, length)
        if mac not in (frame[0:6], frame[6:12]):
            continue
        # jitter alone stands in these captures: every frame of the device keeps the clock
        latest = time if latest is None else max(latest, time)
        read = packet(frame, length)
        if read:
            yield (latest, length) + read[:6]


def windows(packets, windowing):
    kind, size = windowing.split("=")
    if kind == "n":
        for i in range(0, len(packets) - int(size) + 1, int(size)):
            yield i // int(size), packets[i][0], packets[i:i + int(size)]
        return
    step, numbered = int(size) * 1_000_000_000, {}
    for own in packets:
        numbered.setdefault((own[0] - packets[0][0]) // step, []).append(own)
    for number, own in sorted(numbered.items()):
        yield number, packets[0][0] + number * step, own


def root(x):
    """The square root of a fraction as the nearest double, by 80 more bits of integer arithmetic."""
    scale = 1 << 160
    return float(Fraction(isqrt(x.numerator * scale * scale // x.denominator), scale))


def spread(values):
    if not values:
        return None, None
    mean = Fraction(sum(values), len(values))
    return float(mean), root(Fraction(sum(v * v for v in values), len(values)) - mean * mean)


def row(own):
    times = [p[0] for p in own]
    gaps = [Fraction(b - a, 1_000_000_000) for a, b in zip(times, times[1:])]
    names = [p[5] for p in own]
    addresses = {a for p in own for a in (p[2], p[3])}
    ports = {(p[5], port) for p in own if p[6] for port in p[6]}
    cells = [len(own), float(Fraction(times[-1] - times[0], 1_000_000_000))]
    cells += [names.count(name) for name in ("tcp", "udp", "icmp")]
    cells += [len(addresses), len(ports)]
    cells += spread([p[7] for p in own if p[7] is not None])
    cells += spread(gaps)
    cells += spread([p[1] for p in own])
    cells += spread([p[4] for p in own])
    return cells


def table(path, windowing, mac):
    mac = bytes(int(part, 16) for part in mac.split(":"))
    lines = ["window,start_ns," + NAMES]
    for number, start, own in windows(list(trace(path, mac)), windowing):
        cells = ["" if cell is None else repr(cell) for cell in row(own)]
        lines.append(",".join([str(number), str(start)] + cells))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if sys.argv[1:] == ["--all"]:
        (HERE / "expected").mkdir(exist_ok=True)
        for path in sorted(HERE.glob("*.pcap*")):
            for windowing in ("t=2", "t=15", "n=5", "n=20"):
                text = table(path, windowing, "02:00:00:00:00:01")
                (HERE / "expected" / f"{path.name}-{windowing}.csv").write_text(text)
    else:
        sys.stdout.write(table(*sys.argv[1:]))
