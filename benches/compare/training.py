"""Times training of ours and of scikit-learn (LightGBM for gradient boosting) on the same rows, in turn.

    cargo build --release -p overhear-learn --example training_time
    python benches/compare/training.py [--rows 210000] [--folds 5] [learner ...]

The table is the generated one of `crates/learn/tests/recorded/generated.py`; each fold trains on nine tenths.
One core each (n_jobs=1). Fold after fold, first ours, then theirs, so that a busy machine slows both; medians
are compared. Ours sorts the whole table once for all folds: that time is shown apart, as is peak memory.
Needs scikit-learn, lightgbm and numpy.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import time
import warnings

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "crates/learn/tests/recorded"))

import lightgbm
import numpy as np
from sklearn.ensemble import AdaBoostClassifier, RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from generated import folds, table

THEIRS = {
    "decision_tree": lambda: DecisionTreeClassifier(random_state=0),
    "adaboost": lambda: AdaBoostClassifier(random_state=0),
    "random_forest": lambda: RandomForestClassifier(random_state=0, n_jobs=1),
    "gradient_boosting": lambda: lightgbm.LGBMClassifier(num_threads=1, verbose=-1),
}


def ours(learner, rows, fold):
    """(presort, accuracy, fit, predict, peak MB of the whole program) of one fold."""
    program = ROOT / "target/release/examples/training_time"
    run = subprocess.run(
        [str(program), learner, str(rows), str(fold), "1"],
        capture_output=True, text=True, check=True,
    )
    first, second, third = run.stdout.splitlines()
    accuracy, fit, predict = map(float, second.split()[1:])
    return float(first.split()[1]), accuracy, fit, predict, float(third.split()[1])


def theirs(learner, x, y, fold):
    """(accuracy, fit, predict) of one fold."""
    model = THEIRS[learner]()
    start = time.perf_counter()
    model.fit(x[~fold], y[~fold])
    fitted = time.perf_counter()
    predicted = model.predict(x[fold])
    done = time.perf_counter()
    return np.mean(predicted == y[fold]), fitted - start, done - fitted


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=210_000)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("learners", nargs="*", default=list(THEIRS))
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    x, y = table(1, options.rows, 2, True)
    fold = folds(99, options.rows, 10)
    print("learner            ours fit  theirs fit  ratio | ours predict  theirs  ratio | accuracy ours  theirs | MB")
    for learner in options.learners or THEIRS:
        a, b = [], []
        for k in range(options.folds):
            a.append(ours(learner, options.rows, k))
            b.append(theirs(learner, x, y, fold == k))
        _, _, fit_a, predict_a, memory = (statistics.median(column) for column in zip(*a))
        _, fit_b, predict_b = (statistics.median(column) for column in zip(*b))
        score_a, score_b = np.mean([r[1] for r in a]), np.mean([r[0] for r in b])
        print(
            f"{learner:18} {fit_a:8.3f} s {fit_b:8.3f} s {fit_b / fit_a:6.1f} |"
            f" {predict_a:10.4f} s {predict_b:6.3f} s {predict_b / predict_a:6.1f} |"
            f" {score_a:13.4f} {score_b:7.4f} | {memory:.0f}",
            flush=True,
        )
    presorts = [r[0] for r in a]
    print(f"presort of the whole table: {statistics.median(presorts):.3f} s, once for all folds and learners")


if __name__ == "__main__":
    main()
