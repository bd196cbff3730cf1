"""Records what scikit-learn scores on the generated tables, for the tests in `tests/against_sklearn*.rs`.

    python record.py            # all learners, a quarter of an hour
    python record.py svc mlp    # these alone; the others keep what was recorded

Needs scikit-learn 1.9, numpy and lightgbm. Writes `sklearn.json` beside this file. Learners that draw random
numbers are fitted with several seeds and the mean is kept, so that the tests compare with little noise.
"""
import json
import pathlib
import sys

import lightgbm
import numpy as np
import sklearn
from sklearn.ensemble import AdaBoostClassifier, ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import RidgeClassifierCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from generated import checksum, folds, table

# name: table's seed, rows, classes, pairs
TABLES = {
    "two_classes": dict(seed=1, n_rows=20_000, n_classes=2, pairs=True),
    "three_classes": dict(seed=2, n_rows=20_000, n_classes=3, pairs=False),
}
FOLD_SEED, N_FOLDS = 99, 5

# name: how it is built from a seed, seeds, rows used (the first ones of the table), scaled or not
LEARNERS = {
    "knn": (lambda s: KNeighborsClassifier(), 1, 20_000, True),
    "decision_tree": (lambda s: DecisionTreeClassifier(random_state=s), 5, 20_000, False),
    "adaboost": (lambda s: AdaBoostClassifier(random_state=s), 1, 20_000, False),
    "random_forest": (lambda s: RandomForestClassifier(random_state=s, n_jobs=1), 5, 20_000, False),
    "lightgbm": (lambda s: lightgbm.LGBMClassifier(num_threads=1, verbose=-1), 1, 20_000, False),
    "svc": (lambda s: SVC(), 1, 5_000, True),
    "mlp": (
        lambda s: MLPClassifier(hidden_layer_sizes=(200, 100), max_iter=5, batch_size=64, random_state=s),
        5, 20_000, True,
    ),
    "extra_trees": (lambda s: ExtraTreesClassifier(n_estimators=200, random_state=s, n_jobs=1), 5, 20_000, False),
    # scaled or not centred makes no difference: the fit centres
    "ridge": (lambda s: RidgeClassifierCV(alphas=np.logspace(-3, 3, 10)), 1, 20_000, True),
}


def scores(x, y, fold, build, n_seeds, scaled):
    """Accuracy of each fold, the mean over the seeds (N_FOLDS)."""
    out = []
    for k in range(N_FOLDS):
        train, test = fold != k, fold == k
        scaler = StandardScaler(with_mean=scaled, with_std=scaled).fit(x[train])
        a, b = scaler.transform(x[train]), scaler.transform(x[test])
        hits = [np.mean(build(s).fit(a, y[train]).predict(b) == y[test]) for s in range(n_seeds)]
        out.append(float(np.mean(hits)))
    return out


def main():
    import warnings

    warnings.filterwarnings("ignore")  # the network stops before it converges, on purpose
    path = pathlib.Path(__file__).with_name("sklearn.json")
    wanted = sys.argv[1:] or list(LEARNERS)
    recorded = json.loads(path.read_text()) if path.exists() else {"tables": {}}
    recorded["versions"] = dict(
        sklearn=sklearn.__version__, numpy=np.__version__, lightgbm=lightgbm.__version__
    )
    recorded["fold_seed"], recorded["n_folds"] = FOLD_SEED, N_FOLDS
    for name, settings in TABLES.items():
        x, y = table(**settings)
        entry = recorded["tables"].setdefault(name, {"learners": {}})
        entry.update(settings, checksum=str(checksum(x, y)))
        for learner in wanted:
            build, n_seeds, n_rows, scaled = LEARNERS[learner]
            fold = folds(FOLD_SEED, n_rows, N_FOLDS)
            accuracy = scores(x[:n_rows], y[:n_rows], fold, build, n_seeds, scaled)
            entry["learners"][learner] = dict(n_rows=n_rows, seeds=n_seeds, fold_accuracy=accuracy)
            print(name, learner, np.mean(accuracy), flush=True)
            path.write_text(json.dumps(recorded, indent=1) + "\n")


if __name__ == "__main__":
    main()
