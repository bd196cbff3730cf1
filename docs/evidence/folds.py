#!/usr/bin/env python3
"""scikit-learn's scores on a table of events, on folds that Overhear can take from the table it writes.

    folds.py EVENTS.csv WITH_FOLDS.csv [SEED]

EVENTS.csv: what `overhear events` makes of the voice commands (docs/evidence.md). WITH_FOLDS.csv: the same with a
column `fold`, five stratified folds drawn by SEED (default 0), in front. Columns up to start_ns are no features.

Needs scikit-learn; written for 1.9.
"""
import csv
import sys

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.model_selection import StratifiedKFold

LEARNERS = {
    "extra_trees": lambda seed: ExtraTreesClassifier(200, random_state=seed),
    "random_forest": lambda seed: RandomForestClassifier(100, random_state=seed),
}
SEEDS = range(1, 6)


def accuracy(x, y, folds, learner, seed):
    right = 0
    for fold in np.unique(folds):
        test = folds == fold
        model = learner(seed).fit(x[~test], y[~test])
        right += (model.predict(x[test]) == y[test]).sum()
    return right / len(y)


def main(source, target, seed="0"):
    with open(source, newline="") as file:
        head, *rows = csv.reader(file)
    column = lambda name: np.array([row[head.index(name)] for row in rows])
    first = head.index("start_ns") + 1
    x = np.array([[float(cell or 0) for cell in row[first:]] for row in rows])
    y = column("command")
    fold = np.empty(len(y), int)
    splitter = StratifiedKFold(5, shuffle=True, random_state=int(seed))
    for number, (_, test) in enumerate(splitter.split(x, y)):
        fold[test] = number
    with open(target, "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["fold", *head])
        out.writerows([number, *row] for number, row in zip(fold, rows))
    print(f"{source}: {len(y)} events, {x.shape[1]} features; accuracy, mean of {len(SEEDS)} seeds (lowest to highest)")
    for split, folds in (("five random folds", fold), ("across collectors", column("collector"))):
        for name, learner in LEARNERS.items():
            scores = [accuracy(x, y, folds, learner, seed) for seed in SEEDS]
            print(f"  {split}, {name:13} {np.mean(scores):.3f} ({min(scores):.3f} to {max(scores):.3f})")


if __name__ == "__main__":
    if not 3 <= len(sys.argv) <= 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
