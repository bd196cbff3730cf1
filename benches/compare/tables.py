"""The paper's features of windows, in pandas and in SQL: what a user would write who had a table of packets.

A table of packets has `t` (ns), `length`, `kind` (6, 17, 1 or 0), `source`, `target` (numbers that stand for
addresses), `source_port`, `target_port` (−1 where there is none), `ttl`, `tcp_window` (missing but for TCP).
Definitions: `overhear features`, docs/commands.md.
"""
import numpy as np
import pandas as pd

SIZES = (2, 5, 15, 50, 200, 500, 1000, 1500, 2000, 2500)
WINDOWINGS = [f"{kind}={size}" for kind in "tn" for size in SIZES]
FEATURES = [
    "n_packets", "duration_s", "n_tcp", "n_udp", "n_icmp", "n_addresses", "n_ports", "tcp_window_mean",
    "tcp_window_std", "ipt_mean", "ipt_std", "length_mean", "length_std", "ttl_mean", "ttl_std",
]


def windows_of(packets, windowing):
    """The window of each packet that has one; a slice of the packets where bursts leave some over."""
    kind, size = windowing.split("=")
    if kind == "t":
        t = packets["t"].to_numpy()
        return packets, (t - t[0]) // (int(size) * 10**9)
    whole = len(packets) // int(size) * int(size)
    return packets.iloc[:whole], np.arange(whole) // int(size)


def in_pandas(packets, windowing):
    """A row for each window, columns as FEATURES."""
    p, window = windows_of(packets, windowing)
    grouped = p.groupby(window, sort=False)
    first, last = grouped["t"].first(), grouped["t"].last()
    out = pd.DataFrame({"n_packets": grouped.size(), "duration_s": (last - first) / 1e9})
    for name, kind in (("n_tcp", 6), ("n_udp", 17), ("n_icmp", 1)):
        out[name] = (p["kind"] == kind).groupby(window, sort=False).sum()
    out["n_addresses"] = distinct(window, [p["source"], p["target"]])
    ports = [(p["kind"] * 65536 + port)[port >= 0] for port in (p["source_port"], p["target_port"])]
    masks = [(port >= 0).to_numpy() for port in (p["source_port"], p["target_port"])]
    out["n_ports"] = distinct_of([window[m] for m in masks], ports)
    out["n_ports"] = out["n_ports"].fillna(0)
    gap = p["t"].diff().where(pd.Series(window, index=p.index).diff() == 0) / 1e9
    for name, values in (("tcp_window", p["tcp_window"]), ("ipt", gap), ("length", p["length"]), ("ttl", p["ttl"])):
        own = values.groupby(window, sort=False)
        out[f"{name}_mean"], out[f"{name}_std"] = own.mean(), own.std(ddof=0)
    return out[FEATURES]


def distinct(window, columns):
    return distinct_of([window] * len(columns), columns)


def distinct_of(windows, columns):
    both = pd.DataFrame({"window": np.concatenate(windows), "value": np.concatenate([c.to_numpy() for c in columns])})
    return both.drop_duplicates().groupby("window", sort=False).size()


def in_sql(windowing, n_packets):
    """The same as a query on a table `packets` in time order, numbered from 0 by `i`."""
    kind, size = windowing.split("=")
    if kind == "t":
        window, rows = f"(t - (SELECT min(t) FROM packets)) // {int(size) * 10**9}", ""
    else:
        window, rows = f"i // {size}", f"WHERE i < {n_packets // int(size) * int(size)}"
    return f"""
        WITH p AS (SELECT *, {window} AS w FROM packets {rows}),
        g AS (SELECT *, (t - lag(t) OVER (PARTITION BY w ORDER BY i)) / 1e9 AS gap FROM p),
        a AS (SELECT w, count(DISTINCT x) AS n FROM
              (SELECT w, source AS x FROM p UNION ALL SELECT w, target FROM p) GROUP BY w),
        o AS (SELECT w, count(DISTINCT x) AS n FROM
              (SELECT w, kind * 65536 + source_port AS x FROM p WHERE source_port >= 0 UNION ALL
               SELECT w, kind * 65536 + target_port FROM p WHERE target_port >= 0) GROUP BY w)
        SELECT count(*) AS n_packets, (max(t) - min(t)) / 1e9 AS duration_s,
               sum((kind = 6)::INT) AS n_tcp, sum((kind = 17)::INT) AS n_udp, sum((kind = 1)::INT) AS n_icmp,
               any_value(a.n) AS n_addresses, coalesce(any_value(o.n), 0) AS n_ports,
               avg(tcp_window) AS tcp_window_mean, stddev_pop(tcp_window) AS tcp_window_std,
               avg(gap) AS ipt_mean, stddev_pop(gap) AS ipt_std, avg(length) AS length_mean,
               stddev_pop(length) AS length_std, avg(ttl) AS ttl_mean, stddev_pop(ttl) AS ttl_std
        FROM g JOIN a USING (w) LEFT JOIN o USING (w) GROUP BY w ORDER BY w"""


def largest_difference(ours, theirs):
    """Largest relative difference of two tables of features, missing values having to be missing in both."""
    a, b = ours[FEATURES].to_numpy(float), theirs[FEATURES].to_numpy(float)
    if a.shape != b.shape or not np.array_equal(np.isnan(a), np.isnan(b)):
        return float("inf")
    return float(np.nanmax(np.abs(a - b) / np.maximum(1.0, np.abs(a))))
