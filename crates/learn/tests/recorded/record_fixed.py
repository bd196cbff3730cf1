"""Records what scikit-learn's ridge classifier and the transforms of series in aeon and NumPy make of fixed inputs.

    python record_fixed.py

Needs numpy, scikit-learn, and aeon with numba and torch. Writes `fixed.json` beside this file, which tests of
`learner/ridge` and `sequence` read. Inputs are drawn by `generated.uniforms`, so that Rust has them bit for bit.

aeon's MiniRocket draws its channels and takes its biases from series that it draws: both are recorded, and the tests
give them to ours. Ours takes its biases from all series: `quantile_biases` is that in NumPy, and aeon's own transform
is run with them as well. aeon's QUANT works in single precision: it is run in double precision here, by making torch's
`float` do nothing and doubles its default, and how far its own single precision is off is recorded beside it.
"""
import json
import pathlib
from itertools import combinations

import aeon
import numba
import numpy as np
import sklearn
import torch
from aeon.transformations.collection.convolution_based import MiniRocket
from aeon.transformations.collection.interval_based import QUANTTransformer
from sklearn.linear_model import RidgeClassifierCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from generated import table, uniforms

PHI = (np.sqrt(5) + 1) / 2


def series(seed, n, channels, steps, fractions):
    """Counts with many zeros, or numbers from -3 to 7 (n x channels x steps)."""
    size = n * channels * steps
    u = uniforms(seed, np.arange(2 * size, dtype=np.uint64)).reshape(size, 2)
    values = u[:, 0] * 10.0 - 3.0 if fractions else np.floor(u[:, 0] * u[:, 0] * 12.0) * (u[:, 1] < 0.6)
    return values.reshape(n, channels, steps)


def short(numbers, digits):
    return [float(f"{v:.{digits}g}") for v in np.asarray(numbers, dtype=np.float64).ravel()]


def convolutions(x, parameters):
    """Of each combination of dilation and kernel, the convolution of all series, in aeon's order of additions."""
    per_combination, indices, dilations, _, _ = parameters
    x, first, combination = x.astype(np.float32), 0, 0
    for dilation in dilations:
        moved = lambda v, by: np.concatenate([v[..., by:], np.zeros_like(v[..., :by])], -1) if by >= 0 else (
            np.concatenate([np.zeros_like(v[..., by:]), v[..., :by]], -1))
        total = -x
        for place in (0, 1, 2, 3, 5, 6, 7, 8):
            total = total + moved(-x, (place - 4) * dilation)
        for three in combinations(range(9), 3):
            channels = indices[first : first + per_combination[combination]]
            one = total
            for place in three:
                one = one + moved(np.float32(3) * x, (place - 4) * dilation)
            yield sum(one[:, channel] for channel in channels)
            first += per_combination[combination]
            combination += 1


def quantile_biases(x, parameters):
    """Quantiles of each convolution over all series."""
    features = np.repeat(parameters[3], 84)
    ends = np.cumsum(features)
    return np.concatenate([
        np.quantile(c.astype(np.float64).ravel(), (np.arange(end - n + 1, end + 1) * PHI) % 1)
        for c, n, end in zip(convolutions(x, parameters), features, ends)
    ]).astype(np.float32)


def sums(numbers):
    """Two sums, the second weighted by place, of many numbers."""
    numbers = np.asarray(numbers, dtype=np.float64).ravel()
    return [float(numbers.sum()), float((numbers * (np.arange(numbers.size) % 97)).sum())]


def minirocket(seed, n, channels, steps, fractions, n_features):
    x = series(seed, n, channels, steps, fractions)
    transform = MiniRocket(n_kernels=n_features, random_state=seed)
    theirs = transform.fit_transform(x)
    per_combination, indices, dilations, features, biases = transform.parameters
    ours = quantile_biases(x, transform.parameters)
    transform.parameters = (per_combination, indices, dilations, features, ours)
    with_ours = transform.transform(x)
    out = dict(
        seed=seed, n=n, channels=channels, steps=steps, fractions=fractions, n_features=n_features,
        dilations=dilations.tolist(), features=features.tolist(),
        channels_per_combination=per_combination.tolist(), channel_indices=indices.tolist(),
    )
    if n_features > 1000:
        return out | dict(quantile_bias_sums=sums(ours), quantile_feature_sums=sums(with_ours))
    return out | dict(
        biases=short(biases, 9), theirs=short(theirs, 7),
        quantile_biases=short(ours, 9), quantile_features=short(with_ours, 7),
    )


def dilations_of(steps):
    """Dilations and features of series of so many steps."""
    from aeon.transformations.collection.convolution_based._minirocket import _fit_dilations

    dilations, features = _fit_dilations(steps, 10_000, 32)
    return dilations.tolist(), features.tolist()


def quant(seed, n, channels, steps, fractions):
    x = series(seed, n, channels, steps, fractions)
    single = QUANTTransformer().fit_transform(x).astype(np.float64)
    as_it_was = torch.Tensor.float
    torch.Tensor.float = lambda self: self
    torch.set_default_dtype(torch.float64)
    double = QUANTTransformer().fit_transform(x)
    torch.Tensor.float = as_it_was
    torch.set_default_dtype(torch.float32)
    assert double.dtype == np.float64
    return dict(
        seed=seed, n=n, channels=channels, steps=steps, fractions=fractions, features=short(double, 12),
        single_precision_is_off=float(np.abs(single - double).max()),
    )


def cumul_of_sizes(sizes):
    """As the authors' program has it: totals in and out, then the interpolation without its first place."""
    sizes = sizes[sizes != 0]
    total, signed = np.cumsum(np.abs(sizes)), np.cumsum(sizes)
    curve = np.interp(np.linspace(total[0], total[-1], 101), total, signed)[1:]
    inward, out = sizes[sizes > 0], -sizes[sizes < 0]
    return np.concatenate([[inward.size, out.size, inward.sum(), out.sum()], curve])


def cumul_of_bins(bins):
    """The same where a step is a bin: packets out and in, bytes out and in."""
    n_out, n_in, out, inward = bins
    some = out + inward > 0
    total, signed = np.cumsum((inward + out)[some]), np.cumsum((inward - out)[some])
    curve = np.interp(np.linspace(total[0], total[-1], 101), total, signed)[1:]
    return np.concatenate([[n_in.sum(), n_out.sum(), inward.sum(), out.sum()], curve])


def cumul(seed, n, channels, steps):
    x = series(seed, n, channels, steps, False)
    if channels == 1:
        x = x - 4.0 * (x > 4.0) * x
        rows = np.array([cumul_of_sizes(one[0]) for one in x])
    else:
        rows = np.array([cumul_of_bins(one) for one in x])
    scaled = MinMaxScaler((-1, 1)).fit(rows[: n - 1]).transform(rows)
    return dict(seed=seed, n=n, channels=channels, steps=steps, features=short(scaled, 12))


def ridge(seed, n_classes, wide):
    x, y = table(seed, 60, n_classes, False)
    if wide:
        x = np.column_stack([x] + [x[:, i] * x[:, j] for i in range(14) for j in range(i)])
    model = make_pipeline(StandardScaler(with_mean=False), RidgeClassifierCV(alphas=np.logspace(-3, 3, 10)))
    model.fit(x[:40], y[:40])
    return dict(
        seed=seed, n_classes=n_classes, wide=wide, alpha=float(model[-1].alpha_),
        decisions=short(model.decision_function(x[40:]), 12),
    )


def main():
    recorded = dict(
        versions=dict(
            numpy=np.__version__, sklearn=sklearn.__version__, aeon=aeon.__version__, numba=numba.__version__,
            torch=torch.__version__.split("+")[0],
        ),
        ridge=[ridge(seed, n, wide) for seed, n in ((11, 2), (12, 3)) for wide in (False, True)],
        cumul=[cumul(21, 4, 1, 40), cumul(22, 4, 4, 30)],
        minirocket=[
            minirocket(31, 5, 4, 60, False, 420),
            minirocket(32, 4, 1, 33, True, 420),
            minirocket(33, 3, 3, 150, True, 420),
            minirocket(34, 2, 12, 9, False, 84),
            minirocket(35, 4, 4, 60, False, 10_000),
        ],
        dilations=[dict(steps=steps, of=dilations_of(steps)) for steps in (9, 10, 60, 61, 300, 513, 1800, 3600, 86_400)],
        quant=[
            quant(41, 2, 2, 60, False), quant(42, 1, 1, 61, True), quant(43, 2, 1, 9, True),
            quant(44, 2, 1, 3, False), quant(45, 1, 1, 134, True),
        ],
    )
    path = pathlib.Path(__file__).with_name("fixed.json")
    path.write_text(json.dumps(recorded, indent=None, separators=(",", ":")).replace('},{', '},\n{') + "\n")


if __name__ == "__main__":
    main()
