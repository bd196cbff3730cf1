"""Transforms of series: ours and aeon's on the same generated counts, one core, in turn."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

import clock

clock.one_core()
os.environ["NUMBA_NUM_THREADS"] = "1"
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "crates/learn/tests/recorded"))

import torch  # noqa: E402
from aeon.transformations.collection.convolution_based import MiniRocket  # noqa: E402
from aeon.transformations.collection.interval_based import QUANTTransformer  # noqa: E402
from generated import counts  # noqa: E402

torch.set_num_threads(1)

# 24 pairs of half an hour, second by second: minutes, five minutes, rounds
SHAPES = ((1440, 4, 60), (288, 4, 300), (48, 4, 1800))
THEIRS = {"minirocket": lambda: MiniRocket(random_state=1, n_jobs=1), "quant": QUANTTransformer}


def ours(program, name, shape):
    run = subprocess.run([str(a) for a in (program, name, *shape)], check=True, capture_output=True)
    return json.loads(run.stdout)


def theirs(name, x):
    transform = THEIRS[name]()
    start = time.perf_counter()
    transform.fit(x)
    fitted = time.perf_counter()
    transform.transform(x)
    return {"fit_s": fitted - start, "transform_s": time.perf_counter() - fitted}


def summary(runs):
    out = {"both_s": clock.spread([run["fit_s"] + run["transform_s"] for run in runs])}
    out |= {key: statistics.median(run[key] for run in runs) for key in ("fit_s", "transform_s")}
    if "memory_mb" in runs[0]:
        out |= {"memory_mb": max(run["memory_mb"] for run in runs), "features": runs[0]["features"]}
    return out


def compare(program, name, shape, n_runs):
    x = counts(1, *shape)
    theirs(name, x[:8])  # compiled once, outside of the clock
    runs = {"overhear": [], "aeon": []}
    for _ in range(n_runs):
        runs["overhear"].append(ours(program, name, shape))
        runs["aeon"].append(theirs(name, x))
    found = {who: summary(own) for who, own in runs.items()}
    mine, other = (found[who]["both_s"]["median_s"] for who in ("overhear", "aeon"))
    print(f"{name}, {shape}: {mine:.3f} s; aeon {other / mine:.1f} times that", flush=True)
    return {"transform": name, "shape": shape, "sides": found}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "target/release/examples/series_time")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--output", type=pathlib.Path)
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    found = [compare(options.program, name, shape, options.runs) for name in THEIRS for shape in SHAPES]
    if options.output:
        options.output.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
