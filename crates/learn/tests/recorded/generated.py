"""The generated table that Python and Rust build alike, bit for bit.

`tests/support/generated.rs` is this file in Rust: change both or neither. Only additions, multiplications
and comparisons of doubles in a fixed order are used, so every platform computes the same bits.
"""
import numpy as np

DRAWS_PER_ROW = 64


def uniforms(seed, counters):
    """Splitmix64 as a function of a counter; doubles in [0, 1)."""
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + (counters + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)).astype(np.float64) * 2.0**-53


def table(seed, n_rows, n_classes, pairs):
    """Columns like those of windows of traffic (n_rows x 14) and classes (n_rows).

    `pairs`: as with windows of two packets, where the one gap is the duration and has no deviation.
    """
    rows = np.arange(n_rows, dtype=np.uint64) * np.uint64(DRAWS_PER_ROW)

    def u(k):
        return uniforms(seed, rows + np.uint64(k))

    def bell(k):
        return u(k) + u(k + 1) + u(k + 2) + u(k + 3) - 2.0

    y = np.floor(u(0) * n_classes)
    c = y / (n_classes - 1.0)
    kind = u(1) - 0.08 * c
    n_icmp = np.where(u(2) < 0.03, 1.0, 0.0)
    n_tcp = np.where(kind < 0.45, 2.0 - n_icmp, np.where(kind < 0.65, 1.0, 0.0))
    n_udp = 2.0 - n_tcp - n_icmp + np.floor(u(3) * (1.2 + 0.3 * c))
    n_addresses = 2.0 + np.floor(u(4) * 1.3) + np.where(u(5) < 0.1, 1.0, 0.0)
    n_ports = 2.0 + np.floor(3.0 * u(6) * u(7))
    busy = u(8) * u(9)
    has_tcp = np.minimum(n_tcp, 1.0)
    window_mean = has_tcp * np.floor(300.0 + 500.0 * busy + 160.0 * bell(10) - 70.0 * c) * 0.5
    window_std = np.where(n_tcp == 2.0, np.floor(np.abs(bell(14)) * (150.0 + 60.0 * c)) * 0.5, 0.0)
    gap = u(18) * u(19) * u(20)
    duration = 45.0 * gap * gap + 0.02 * u(21) * (1.0 - 0.25 * c)
    if pairs:
        ipt_mean, ipt_std = duration, np.zeros(n_rows)
    else:
        ipt_mean = duration * (0.5 + 0.05 * bell(22))
        ipt_std = ipt_mean * u(26) * (1.0 + 0.2 * c)
    length_mean = np.floor(66.0 + 700.0 * busy * (1.0 + 0.3 * c) + 300.0 * u(27) * u(28) * u(29)) * 0.5 + 33.0
    length_std = np.floor((length_mean - 66.0) * u(30)) * 0.5
    ttl_mean = np.floor(64.0 + 60.0 * u(31) * u(32) + 0.02 * length_mean * c) * 0.5 + 32.0
    ttl_std = np.floor(np.abs(bell(33)) * (10.0 + 40.0 * busy))
    x = np.column_stack(
        [duration, n_tcp, n_udp, n_icmp, n_addresses, n_ports, window_mean, window_std,
         ipt_mean, ipt_std, length_mean, length_std, ttl_mean, ttl_std]
    )
    return x, y.astype(np.int64)


def wide(seed, n_rows, n_columns):
    """Many columns, of which every tenth says a little of two classes (n_rows x n_columns), and classes (n_rows)."""
    y = np.floor(uniforms(seed + 1, np.arange(n_rows, dtype=np.uint64)) * 2.0)
    x = uniforms(seed, np.arange(n_rows * n_columns, dtype=np.uint64)).reshape(n_rows, n_columns)
    x[:, ::10] += 0.0625 * y[:, None]
    return x, y.astype(np.int64)


def counts(seed, n, channels, steps):
    """Series of whole numbers with many zeros (n x channels x steps)."""
    size = n * channels * steps
    u = uniforms(seed, np.arange(2 * size, dtype=np.uint64)).reshape(size, 2)
    return (np.floor(u[:, 0] * u[:, 0] * 12.0) * (u[:, 1] < 0.6)).reshape(n, channels, steps)


def folds(seed, n_rows, n_folds):
    """The fold each row is tested in (n_rows); drawn row by row, not stratified."""
    draws = uniforms(seed, np.arange(n_rows, dtype=np.uint64))
    return np.floor(draws * n_folds).astype(np.int64)


def checksum(x, y):
    """One number that differs where a bit differs: the table's 64-bit patterns, weighted by place, modulo 2^64."""
    bits = np.ascontiguousarray(x).view(np.uint64).ravel()
    with np.errstate(over="ignore"):
        places = np.arange(1, bits.size + 1, dtype=np.uint64)
        total = np.sum(bits * (places * np.uint64(2) + np.uint64(1)), dtype=np.uint64)
        total += np.sum(y.astype(np.uint64) * np.arange(1, y.size + 1, dtype=np.uint64), dtype=np.uint64)
    return int(total)
