"""Training and predicting: one fold after another of the same generated rows, ours and theirs in turn.

Rows are scaled inside our clock and outside of theirs. Ours sorts the whole table once for all folds and learners:
that time stands apart.
"""
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
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "crates/learn/tests/recorded"))

import numpy as np  # noqa: E402
import peers  # noqa: E402
from generated import folds, table, wide  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402

# rows of the table; the support vector machine trains on 20,000
ROWS = {"svm": 22_222}
USUAL_ROWS = 210_000
LEARNERS = ("knn", "decision_tree", "adaboost", "random_forest", "extra_trees", "ridge", "svm", "neural_network", "gradient_boosting")
# these see columns whose values come in pairs of equals, as n=2 has them, and columns without
PAIRS = (True, False)


def ours(program, name, rows, fold, pairs, columns, cores):
    arguments = [program, name, rows, fold, int(pairs), fold, *([columns] if columns else [])]
    environment = {**os.environ, "RAYON_NUM_THREADS": str(cores)}
    run = subprocess.run([str(a) for a in arguments], check=True, capture_output=True, env=environment)
    return json.loads(run.stdout)


def theirs(who, name, data, fold, cores):
    x, y, fold_of_row = data
    test = fold_of_row == fold
    scaler = StandardScaler().fit(x[~test])
    train_x, test_x = scaler.transform(x[~test]), scaler.transform(x[test])
    model = peers.learner(name, fold, cores, who)
    start = time.perf_counter()
    model.fit(train_x, y[~test])
    fitted = time.perf_counter()
    told = model.predict(test_x)
    done = time.perf_counter()
    return {"fit_s": fitted - start, "predict_s": done - fitted, "accuracy": float(np.mean(told == y[test]))}


def summary(runs):
    both = [run["fit_s"] + run["predict_s"] for run in runs]
    out = {"both_s": clock.spread(both)}
    for key in ("fit_s", "predict_s"):
        out[key] = statistics.median(run[key] for run in runs)
    out["accuracy"] = statistics.mean(run["accuracy"] for run in runs)
    if "memory_mb" in runs[0]:
        out["memory_mb"] = max(run["memory_mb"] for run in runs)
        out["presort_s"] = statistics.median(run["presort_s"] for run in runs)
    return out


def compare(program, name, pairs, options):
    rows, columns = options.rows or ROWS.get(name, USUAL_ROWS), options.columns
    x, y = wide(1, rows, columns) if columns else table(1, rows, 2, pairs)
    data = (x, y, folds(99, rows, 10))
    cores = options.cores
    runs = {"overhear": [], **{who: [] for who in peers.with_learner(name, options.without)}}
    for fold in range(options.folds):
        runs["overhear"].append(ours(program, name, rows, fold, pairs, columns, cores))
        for who in runs:
            if who != "overhear":
                runs[who].append(theirs(who, name, data, fold, cores))
    found = {who: summary(own) for who, own in runs.items()}
    mine = found["overhear"]["both_s"]["median_s"]
    said = ", ".join(f"{who} {own['both_s']['median_s'] / mine:.1f}" for who, own in found.items() if who != "overhear")
    print(f"{name}, {rows} rows, columns={columns or 14}, pairs={pairs}, {cores} cores: {mine:.3f} s; times that: {said}", flush=True)
    return {"learner": name, "rows": rows, "pairs": pairs, "columns": columns, "cores": cores, "sides": found}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("learners", nargs="*", default=LEARNERS)
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "target/release/examples/learner_time")
    parser.add_argument("--folds", type=int, default=10)
    parser.add_argument("--rows", type=int)
    parser.add_argument("--columns", type=int, help="a table of so many columns instead of one like windows'")
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--without", nargs="*", default=[])
    parser.add_argument("--output", type=pathlib.Path)
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[: options.cores]))
    pairs = lambda name: PAIRS if name == "knn" else PAIRS[:1]
    found = [compare(options.program, name, p, options) for name in options.learners for p in pairs(name)]
    if options.output:
        options.output.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
