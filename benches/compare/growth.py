"""How cost grows: packets, windows, folds, permutations, pairs, threads; each curve with its slope in logarithms."""
import argparse
import json
import math
import os
import pathlib
import subprocess
import sys

import clock

import tables


def n_log_n(points):
    """The slope that n log n would have over the same sizes; None where they begin with 1, whose logarithm is 0."""
    return slope([(size, size * math.log(size)) for size, _ in points]) if points[0][0] > 1 else None


def slope(points):
    """Least squares of log seconds over log size."""
    logs = [(math.log(size), math.log(seconds)) for size, seconds in points]
    n = len(logs)
    mean_x, mean_y = (sum(part) / n for part in zip(*logs))
    return sum((x - mean_x) * (y - mean_y) for x, y in logs) / sum((x - mean_x) ** 2 for x, _ in logs)


def curve(name, unit, sizes, run, runs):
    """Median seconds at each size; sizes in turn, run after run."""
    taken = clock.in_turn({size: (lambda size=size: run(size)) for size in sizes}, runs)
    points = [(size, clock.spread(seconds)["median_s"]) for size, seconds in taken.items()]
    found = {"name": name, "unit": unit, "points": points, "slope": slope(points), "n_log_n": n_log_n(points)}
    said = ", ".join(f"{size}: {seconds:.3f} s" for size, seconds in points)
    print(f"{name}: slope {found['slope']:.2f} ({said})", flush=True)
    return found


class Growth:
    def __init__(self, options):
        self.o = options
        self.peak = 0.0

    def command(self, *arguments, stdin=None):
        seconds, peak = clock.command([self.o.program, *arguments, "-q"], stdin=stdin)
        self.peak = max(self.peak, peak)
        return seconds

    def packets(self):
        """The same capture again and again through a pipe: streaming, nothing is kept."""
        options = [part for windowing in tables.WINDOWINGS for part in ("-W", windowing)]

        def run(size):
            whole = max(1, round(size / self.o.packets_of_capture))
            capture = self.o.capture if size >= self.o.packets_of_capture else self.o.small
            repeat = whole if size >= self.o.packets_of_capture else 1
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
            feed = subprocess.Popen([sys.executable, __file__, "--feed", capture, str(repeat)], **pipes)
            feed.stderr.readline()
            feed.stdin.close()
            seconds = self.command("features", "-", *options, "--count", "--threads", "1", stdin=feed.stdout)
            feed.stdout.close()
            feed.wait()
            return seconds

        return run

    def audit(self, campaign, *options):
        return self.command("audit", campaign, "-W", "t=15", "--learner", "knn,decision_tree", *options)


def feed(capture, repeat):
    """A pcap's header once and its packets so many times to standard output, each time later than the time before."""
    import numpy as np

    content = np.fromfile(capture, np.uint8)
    records, at = [], 24
    while at < len(content):
        records.append(at)
        at += 16 + int.from_bytes(content[at + 8:at + 12].tobytes(), "little")
    # the seconds of every record, byte by byte: they lie at odd places
    places = np.array(records)[:, None] + np.arange(4)
    seconds = content[places].copy().view("<u4")
    # what comes before is not in anyone's time
    print("ready", file=sys.stderr, flush=True)
    sys.stdin.read()
    out = sys.stdout.buffer
    out.write(content[:24])
    for round_ in range(repeat):
        later = seconds + np.uint32(round_ * (seconds.max() - seconds.min() + 1))
        content[places] = later.view(np.uint8)
        out.write(memoryview(content)[24:])


def main():
    if sys.argv[1:2] == ["--feed"]:
        return feed(sys.argv[2], int(sys.argv[3]))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--learner-time", type=pathlib.Path, required=True)
    parser.add_argument("--capture", type=pathlib.Path, required=True)
    parser.add_argument("--small", type=pathlib.Path, required=True, help="a capture of 100,000 packets or so")
    parser.add_argument("--packets-of-capture", type=int, required=True)
    parser.add_argument("--most-packets", type=int, default=100_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    options = parser.parse_args()
    growth, curves = Growth(options), []
    folder = options.output.parent
    sizes = [100_000, options.packets_of_capture, 10 * options.packets_of_capture, options.most_packets]
    runs = options.runs
    streamed = curve("packets", "packets", sizes, growth.packets(), runs)
    streamed["peak_mb"] = growth.peak
    curves.append(streamed)

    def fit(name):
        def run(rows):
            arguments = [options.learner_time, name, rows, 0, 0, 1]
            out = subprocess.run([str(a) for a in arguments], check=True, capture_output=True).stdout
            said = json.loads(out)
            return said["presort_s"] + said["fit_s"] + said["predict_s"]

        return run

    os.environ["RAYON_NUM_THREADS"] = "1"
    for name in ("knn", "decision_tree", "adaboost", "random_forest", "gradient_boosting", "neural_network"):
        curves.append(curve(name, "windows", [1_000, 10_000, 100_000, 1_000_000], fit(name), runs))
    curves.append(curve("svm", "windows", [1_000, 4_000, 16_000, 64_000], fit("svm"), runs))
    del os.environ["RAYON_NUM_THREADS"]

    campaigns = {}  # from 16 pairs on an audit has its A/A controls
    for pairs in (16, 24, 48, 96):
        path = folder / f"crossover-{pairs}"
        if not path.exists():
            growth.command("synth", "--scenario", "crossover", "--pairs", pairs, "-o", path)
        campaigns[pairs] = path
    at_24 = campaigns[24]
    curves.append(curve("audit, 99 permutations", "pairs", list(campaigns),
                        lambda pairs: growth.audit(campaigns[pairs], "--permutations", 99), runs))
    curves.append(curve("audit of 24 pairs", "permutations", [99, 299, 999],
                        lambda n: growth.audit(at_24, "--permutations", n), runs))
    windows = {1: ("t=15",), 2: ("t=15", "n=20"), 4: ("t=15", "n=20", "t=30", "n=40")}
    curves.append(curve("audit of 24 pairs, 99 permutations", "windowings", list(windows), lambda n: growth.command(
        "audit", at_24, "--learner", "knn,decision_tree", "--permutations", 99,
        *[part for w in windows[n] for part in ("-W", w)]), runs))
    curves.append(curve("audit of 24 pairs, 99 permutations, t=15", "threads", [1, 2],
                        lambda n: growth.audit(at_24, "--permutations", 99, "--threads", n), runs))
    # what no learner is given, and what some windows do not have
    unused = "capture,condition,unit,window,start_ns,tcp_window_mean,tcp_window_std,ipt_mean,ipt_std"
    table = folder / "folds.csv"
    growth.command("features", options.capture, "-W", "t=15", "-W", "t=50", "-o", table)
    curves.append(curve("evaluate, decision tree", "folds", [2, 5, 10, 20], lambda k: growth.command(
        "evaluate", table, "--label", "windowing", "--drop", unused, "--learner", "decision_tree", "--split", f"k-fold:{k}"), runs))
    options.output.write_text(json.dumps(curves, indent=2) + "\n")


if __name__ == "__main__":
    main()
