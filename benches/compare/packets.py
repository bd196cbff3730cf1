"""Packets to features: one capture, all twenty windowings of the paper, one core."""
import argparse
import json
import pathlib
import subprocess

import clock

clock.one_core()

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

import tables  # noqa: E402

TSHARK = {
    "frame.time_epoch": "t", "frame.len": "length", "ip.src": "source4", "ip.dst": "target4", "ipv6.src": "source6",
    "ipv6.dst": "target6", "ip.proto": "kind4", "ipv6.nxt": "kind6", "ip.ttl": "ttl4", "ipv6.hlim": "ttl6",
    "tcp.srcport": "tcp_source", "tcp.dstport": "tcp_target", "udp.srcport": "udp_source",
    "udp.dstport": "udp_target", "tcp.window_size_value": "tcp_window",
}


def by_tshark(capture):
    """The table of packets as tshark's fields give it."""
    arguments = ["tshark", "-n", "-r", capture, "-Y", "ip or ipv6", "-T", "fields", "-E", "separator=|", "-E", "occurrence=f"]
    for field in TSHARK:
        arguments += ["-e", field]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    raw = pd.read_csv(process.stdout, sep="|", header=None, names=list(TSHARK.values()), dtype={"t": str})
    process.wait()
    seconds = raw["t"].str.split(".", expand=True)
    out = pd.DataFrame({"t": seconds[0].astype("int64") * 10**9 + seconds[1].str.ljust(9, "0").astype("int64")})
    out["length"] = raw["length"]
    kind = raw["kind4"].fillna(raw["kind6"]).astype("int64").replace(58, 1)
    out["kind"] = kind.where(kind.isin([6, 17, 1]), 0)
    source, target = raw["source4"].fillna(raw["source6"]), raw["target4"].fillna(raw["target6"])
    codes, _ = pd.factorize(pd.concat([source, target]))
    out["source"], out["target"] = codes[: len(out)], codes[len(out):]
    for end in ("source", "target"):
        out[f"{end}_port"] = raw[f"tcp_{end}"].fillna(raw[f"udp_{end}"]).fillna(-1).astype("int64")
    out["ttl"] = raw["ttl4"].fillna(raw["ttl6"])
    out["tcp_window"] = raw["tcp_window"]
    return out


def by_dpkt(capture):
    """The table of packets as a loop over dpkt's objects gives it."""
    import dpkt

    codes, rows = {}, []
    with open(capture, "rb") as file:
        for seconds, frame in dpkt.pcap.Reader(file):
            ip = dpkt.ethernet.Ethernet(frame).data
            if isinstance(ip, dpkt.ip.IP):
                kind, ttl = ip.p, ip.ttl
            elif isinstance(ip, dpkt.ip6.IP6):
                kind, ttl = ip.nxt, ip.hlim
            else:
                continue
            kind = 1 if kind == 58 else kind
            ports, window = (-1, -1), np.nan
            if isinstance(ip.data, (dpkt.tcp.TCP, dpkt.udp.UDP)):
                ports = ip.data.sport, ip.data.dport
            if isinstance(ip.data, dpkt.tcp.TCP):
                window = ip.data.win
            ends = [codes.setdefault(address, len(codes)) for address in (ip.src, ip.dst)]
            rows.append((int(round(seconds * 10**9)), len(frame), kind if kind in (6, 17, 1) else 0, *ends, *ports, ttl, window))
    names = ["t", "length", "kind", "source", "target", "source_port", "target_port", "ttl", "tcp_window"]
    return pd.DataFrame(rows, columns=names)


def windowings():
    return [part for windowing in tables.WINDOWINGS for part in ("-W", windowing)]


class Overhear:
    def __init__(self, program, capture, folder):
        self.program, self.capture, self.folder = program, capture, folder
        self.peak = {}

    def run(self, *options, threads=1):
        arguments = [self.program, "features", self.capture, *windowings(), *options, "--threads", threads, "-q"]
        seconds, peak = clock.command(arguments)
        name = " ".join(map(str, options))
        self.peak[name] = max(self.peak.get(name, 0.0), peak)
        return seconds

    def tables(self):
        """Every windowing's table, read back."""
        path = self.folder / "windows.csv"
        self.run("-o", path)
        return dict(tuple(pd.read_csv(path).groupby("windowing", sort=False)))


def all_in_pandas(packets):
    return {windowing: tables.in_pandas(packets, windowing) for windowing in tables.WINDOWINGS}


class DuckDB:
    """Reads a ready-made Parquet table of packets: decoding is not in its time."""

    def __init__(self, packets, folder):
        import duckdb

        self.path, self.n = folder / "packets.parquet", len(packets)
        numbered = packets.assign(i=range(len(packets)))
        self.base = duckdb.connect()
        self.base.execute("SET threads = 1")
        self.base.execute(f"COPY (SELECT * FROM numbered) TO '{self.path}' (FORMAT parquet)")

    def tables(self):
        base = self.base.cursor()
        base.execute(f"CREATE OR REPLACE VIEW packets AS SELECT * FROM '{self.path}'")
        return {w: base.execute(tables.in_sql(w, self.n)).df() for w in tables.WINDOWINGS}


def by_nfstream(capture):
    from nfstream import NFStreamer

    flows = NFStreamer(source=str(capture), statistical_analysis=True, n_meters=1, n_dissections=0)
    return sum(1 for _ in flows)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("capture", type=pathlib.Path)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--columns", type=pathlib.Path, required=True)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--without", nargs="*", default=[])
    parser.add_argument("--output", type=pathlib.Path, required=True)
    options = parser.parse_args()
    folder = options.output.parent
    ours = Overhear(options.program, options.capture, folder)
    found = ours.tables()
    n_packets = len(by_tshark(options.capture)) if "tshark" not in options.without else None
    sides, agree = {}, {}

    def differs(name, theirs):
        agree[name] = max(tables.largest_difference(found[w], theirs[w]) for w in tables.WINDOWINGS)

    sides["overhear, all windows closed"] = lambda: ours.run("--count")
    columns = [options.columns, options.capture]
    sides["overhear, all features in columns"] = lambda: clock.command(columns)[0]
    full = [*columns, "full"]
    sides["overhear, full features in columns, three windowings"] = lambda: clock.command(full)[0]
    sides["overhear, written as CSV"] = lambda: ours.run("-o", folder / "windows.csv")
    if "tshark" not in options.without:
        packets = by_tshark(options.capture)
        differs("tshark and pandas", all_in_pandas(packets))
        sides["tshark and pandas"] = lambda: all_in_pandas(by_tshark(options.capture)) and None
        sides["pandas alone, packets in memory"] = lambda: all_in_pandas(packets) and None
        if "duckdb" not in options.without:
            base = DuckDB(packets, folder)
            differs("DuckDB on Parquet", base.tables())
            sides["DuckDB on Parquet"] = lambda: base.tables() and None
    if "dpkt" not in options.without:
        differs("dpkt and pandas", all_in_pandas(by_dpkt(options.capture)))
        sides["dpkt and pandas"] = lambda: all_in_pandas(by_dpkt(options.capture)) and None
    if "nfstream" not in options.without:
        sides["NFStream"] = lambda: by_nfstream(options.capture) and None
    again = [name for name in sides if name.startswith("overhear")]
    taken = clock.in_turn(sides, options.runs, options.capture, again)
    result = {
        "capture_mb": options.capture.stat().st_size / 1e6,
        "packets": n_packets,
        "sides": {name: clock.spread(seconds) for name, seconds in taken.items()},
        "largest_difference": agree,
        "peak_mb": ours.peak,
    }
    options.output.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
