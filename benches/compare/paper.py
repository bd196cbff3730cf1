"""The whole paper: 20 windowings, 2 tasks, 5 learners, 10 folds; Overhear's `reproduce` against scikit-learn and PyTorch.

Both sides get the same generated campaign and two cores: theirs as two processes that take one (task, windowing,
learner) after another. Their clock starts with the tables of windows in memory; ours reads captures, makes windows,
runs nine learners in place of five, importances and the report.
"""
import argparse
import concurrent.futures
import json
import pathlib
import subprocess
import time

import clock

clock.one_core()

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

import peers  # noqa: E402
import tables  # noqa: E402

TASKS = (("mic_off", "mic_on"), ("mic_on", "mic_on_noise"))
LEARNERS = ("knn", "decision_tree", "adaboost", "random_forest", "neural_network")
FOLDS = 10


def vector(windowing):
    left_out = "duration_s" if windowing.startswith("t=") else "n_packets"
    return [feature for feature in tables.FEATURES if feature != left_out]


def score(job):
    """One cell: mean accuracy, seconds of fitting and of predicting, all folds together."""
    path, task, windowing, name, without = job
    from sklearn.model_selection import StratifiedKFold
    from sklearn.preprocessing import StandardScaler

    who = [peer for peer in ("torch", "scikit-learn") if peer in peers.with_learner(name, without)][0]
    x, y = np.load(path)["x"], np.load(path)["y"]
    fit_s, predict_s, right = 0.0, 0.0, []
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(x, y):
        start = time.perf_counter()
        scaler = StandardScaler().fit(x[train])
        model = peers.learner(name, 0, 1, who).fit(scaler.transform(x[train]), y[train])
        fitted = time.perf_counter()
        told = model.predict(scaler.transform(x[test]))
        predict_s += time.perf_counter() - fitted
        fit_s += fitted - start
        right.append(float(np.mean(told == y[test])))
    return {"task": task, "windowing": windowing, "learner": name, "accuracy": float(np.mean(right)),
            "fit_s": fit_s, "predict_s": predict_s}


def arrays(program, campaign, folder, windowings):
    """A file of each task's and windowing's rows; (path, task, windowing)."""
    found = []
    for capture in sorted((campaign / "rounds").iterdir()):
        condition = capture.stem.split("-", 1)[1]
        path = folder / f"{condition}.csv"
        options = [part for windowing in windowings for part in ("-W", windowing)]
        subprocess.run([program, "features", capture, *options, "--condition", condition, "-o", path, "-q"], check=True)
        found.append(pd.read_csv(path))
    whole = pd.concat(found)
    out = []
    for negative, positive in TASKS:
        for windowing in windowings:
            rows = whole[(whole.windowing == windowing) & whole.condition.isin([negative, positive])]
            path = folder / f"{negative}-{windowing}.npz"
            x = rows[vector(windowing)].fillna(0).to_numpy(float)
            np.savez(path, x=x, y=(rows.condition == positive).to_numpy(int))
            out.append((path, f"{negative}/{positive}", windowing, len(rows)))
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("campaign", type=pathlib.Path)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--windowings", nargs="*", default=tables.WINDOWINGS)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--without", nargs="*", default=[])
    parser.add_argument("--output", type=pathlib.Path, required=True)
    options = parser.parse_args()
    folder = options.output.parent
    report = folder / "reproduce"
    arguments = [options.program, "reproduce", options.campaign, "-o", report, "--threads", options.cores, "-q"]
    before, _ = clock.command(arguments)
    data = arrays(options.program, options.campaign, folder, options.windowings)
    # the longest first, so that neither process ends long before the other
    data.sort(key=lambda cell: -cell[3])
    jobs = [(path, task, w, name, options.without) for path, task, w, _ in data for name in LEARNERS]
    start = time.perf_counter()
    cells = []
    with concurrent.futures.ProcessPoolExecutor(options.cores) as pool:
        for cell in pool.map(score, jobs):
            cells.append(cell)
            print(f"{time.perf_counter() - start:8.1f} s  {len(cells)}/{len(jobs)}", end="\r", flush=True)
    theirs = time.perf_counter() - start
    after, peak = clock.command(arguments)
    own = pd.read_csv(report / "training_time.csv").merge(pd.read_csv(report / "accuracy.csv"), on=["task", "windowing", "learner"])
    own = own[own.windowing.isin(options.windowings)]
    learners = {}
    for name in LEARNERS:
        mine, other = own[own.learner == name], [cell for cell in cells if cell["learner"] == name]
        accuracy = {(c["task"], c["windowing"]): c["accuracy"] for c in other}
        gaps = [accuracy[(r.task, r.windowing)] - r.accuracy for r in mine.itertuples()]
        learners[name] = {
            # a fold's mean, in the report
            "overhear_s": float((mine.fit_s + mine.predict_s).sum()) * FOLDS,
            "theirs_s": sum(c["fit_s"] + c["predict_s"] for c in other),
            "mean_accuracy_gap": float(np.mean(gaps)),
            "largest_accuracy_gap": float(np.max(np.abs(gaps))),
        }
    result = {
        "cores": options.cores,
        "overhear": clock.spread([before, after]),
        "theirs_s": theirs,
        "overhear_peak_mb": peak,
        "windowings": options.windowings,
        "learners": learners,
        "cells": cells,
    }
    options.output.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
