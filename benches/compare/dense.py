"""Times kNN, SVM and the neural network against scikit-learn and PyTorch: same rows, one thread, in turn.

    cargo build --release -p overhear-learn --example dense_time
    python benches/compare/dense.py knn svm neural_network --runs 3

Prints medians of seconds, their ratios, and accuracies. Needs numpy, scikit-learn 1.9 and, for the network,
torch. Both sides fit on the first rows of the generated table and predict the rest; rows are
scaled inside our clock and outside of theirs, which favours them.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time
import warnings

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ[variable] = "1"

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "crates/learn/tests/recorded"))

import numpy as np  # noqa: E402
from generated import table  # noqa: E402
from sklearn.neighbors import KNeighborsClassifier  # noqa: E402
from sklearn.neural_network import MLPClassifier  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.svm import SVC  # noqa: E402

# learner: training rows, test rows
SIZES = {"knn": (189_000, 21_000), "svm": (20_000, 5_000), "neural_network": (189_000, 21_000)}


class Torch:
    """The network in PyTorch, with its fastest optimiser for the processor."""

    def __init__(self, seed):
        import torch

        torch.set_num_threads(1)
        torch.manual_seed(seed)
        self.torch = torch

    def fit(self, x, y):
        torch = self.torch
        x, y = torch.as_tensor(x, dtype=torch.float32), torch.as_tensor(y)
        layer, relu = torch.nn.Linear, torch.nn.ReLU
        self.net = torch.nn.Sequential(layer(x.shape[1], 200), relu(), layer(200, 100), relu(), layer(100, 2))
        adam = torch.optim.Adam(self.net.parameters(), lr=1e-3, weight_decay=1e-4 / 64, fused=True)
        loss = torch.nn.CrossEntropyLoss()
        for _ in range(5):
            order = torch.randperm(len(x))
            for a, b in zip(x[order].split(64), y[order].split(64)):
                adam.zero_grad()
                loss(self.net(a), b).backward()
                adam.step()
        return self

    def predict(self, x):
        with self.torch.no_grad():
            return self.net(self.torch.as_tensor(x, dtype=self.torch.float32)).argmax(1).numpy()


def mlp(seed):
    return MLPClassifier(hidden_layer_sizes=(200, 100), max_iter=5, batch_size=64, random_state=seed)


PEERS = {
    "knn": {"scikit-learn": lambda seed: KNeighborsClassifier(n_jobs=1)},
    "svm": {"scikit-learn": lambda seed: SVC()},
    "neural_network": {"scikit-learn": mlp, "torch": Torch},
}


def ours(name, pairs, seed):
    n_train, n_test = SIZES[name]
    program = ROOT / "target/release/examples/dense_time"
    command = [program, name, str(n_train), str(n_test), str(int(pairs)), str(seed)]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def theirs(build, data, seed):
    a, y, b, truth = data
    start = time.perf_counter()
    model = build(seed).fit(a, y)
    fitted = time.perf_counter()
    predicted = model.predict(b)
    return dict(
        fit_s=fitted - start,
        predict_s=time.perf_counter() - fitted,
        accuracy=float(np.mean(predicted == truth)),
    )


def rows(name, pairs):
    n_train, n_test = SIZES[name]
    x, y = table(1, n_train + n_test, 2, pairs)
    scaler = StandardScaler().fit(x[:n_train])
    return scaler.transform(x[:n_train]), y[:n_train], scaler.transform(x[n_train:]), y[n_train:]


def report(who, runs):
    middle = {key: statistics.median(run[key] for run in runs) for key in ("fit_s", "predict_s")}
    both = statistics.median(run["fit_s"] + run["predict_s"] for run in runs)
    accuracy = statistics.mean(run["accuracy"] for run in runs)
    print(
        f"  {who:13} fit {middle['fit_s']:8.3f} s  predict {middle['predict_s']:7.3f} s  "
        f"both {both:8.3f} s  accuracy {accuracy:.6f}", flush=True)
    return both, accuracy


def main():
    warnings.filterwarnings("ignore")  # the network stops before it converges, on purpose
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("learners", nargs="*", default=list(PEERS))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peers", nargs="*", default=["scikit-learn", "torch"])
    arguments = parser.parse_args()
    for name in arguments.learners:
        peers = {who: build for who, build in PEERS[name].items() if who in arguments.peers}
        for pairs in (True, False):
            data = rows(name, pairs)
            runs = {"overhear": [], **{who: [] for who in peers}}
            for seed in range(arguments.runs):
                runs["overhear"].append(ours(name, pairs, seed))
                for who, build in peers.items():
                    runs[who].append(theirs(build, data, seed))
            print(f"{name}, {SIZES[name][0]} + {SIZES[name][1]} rows, pairs={pairs}")
            mine, accuracy = report("overhear", runs["overhear"])
            for who in peers:
                both, other = report(who, runs[who])
                print(f"    {who} / overhear = {both / mine:.1f}; accuracy {100 * (accuracy - other):+.4f} points")


if __name__ == "__main__":
    main()
