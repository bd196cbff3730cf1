"""Writes what was measured as docs/benchmarks.md."""
import json

import figure


def read(folder, name):
    path = folder / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]) + "\n"


def seconds(s):
    return f"{s:.0f}" if s >= 100 else f"{s:.1f}" if s >= 10 else f"{s:.2f}" if s >= 0.1 else f"{s:.4f}"


def spread(s):
    return f"{seconds(s['min_s'])} to {seconds(s['max_s'])}"


def ratio(r):
    return f"{r:.0f}" if r >= 20 else f"{r:.1f}"


def packets(found):
    n, sides = found["packets"], found["sides"]
    features = sides["overhear, all features in columns"]["median_s"]
    closed = sides["overhear, all windows closed"]["median_s"]
    rows = []
    for name, taken in sides.items():
        differs = found["largest_difference"].get(name)
        agrees = "–" if differs is None else f"{differs:.0e}"
        median = taken["median_s"]
        rate = f"{n / median / 1e6:.3f}" if n else "–"
        rows.append([name, seconds(median), spread(taken), rate, ratio(median / closed), ratio(median / features), agrees])
    head = ["", "median, s", "spread", "million packets/s", "÷ windows closed", "÷ features in columns", "largest difference"]
    return (
        f"{n:,} packets, {found['capture_mb']:.0f} MB, all 20 windowings and 15 features, one core, whole processes. "
        "`windows closed` (`features --count`) keeps every window's sums, `all features in columns` computes the features as well and "
        "writes nothing: what the peers do; `full features` are all 113 in t=15, n=20 and t=60. The capture is read into the page cache before each run; ours are so short that they run "
        "five times in each turn. "
        "`largest difference` compares every value of every window. DuckDB gets a ready-made Parquet table, so "
        "decoding is not in its time. NFStream makes flows, not windows: it is there for scale and cannot be compared.\n\n"
        + table(head, rows)
    )


def large(found):
    n, sides = found["records"], found["sides"]
    one = sides["windows closed, one thread"]["median_s"]
    features = sides["all features in columns"]["median_s"]
    rows = [
        [name, seconds(taken["median_s"]), spread(taken), f"{n / taken['median_s'] / 1e6:.1f}",
         ratio(taken["median_s"] / one), ratio(taken["median_s"] / features),
         f"{found['peak_mb'][name]:.0f}" if name in found["peak_mb"] else "–"]
        for name, taken in sides.items()
    ]
    same = "the same bytes" if found["two_threads_same_bytes"] else "OTHER BYTES"
    head = ["", "median, s", "spread", "million packets/s", "÷ one thread", "÷ features in columns", "peak MB"]
    return (
        f"{n:,} packets, {found['capture_mb'] / 1000:.2f} GB in the page cache, all 20 windowings. `windows closed` is `features "
        "--count`: every window's sums, no means and deviations; `all features in columns` computes all 15 of every window "
        "(an example program of the library) and is what writing compares with. The walk reads through a buffer of 256 KiB "
        f"and follows record headers, nothing else. Two threads write {same} as one. The tables: "
        + ", ".join(f"{kind} {mb:.0f} MB" for kind, mb in found["written_mb"].items()) + ".\n\n"
        + table(head, rows)
    )


def training(found):
    rows = []
    for cell in found:
        mine = cell["sides"]["overhear"]
        for who, own in cell["sides"].items():
            if who == "overhear":
                continue
            part = {key: own[key] / mine[key] for key in ("fit_s", "predict_s")}
            rows.append([
                f"`{cell['learner']}`, {columns(cell)}", who, f"{cell['rows']:,}",
                seconds(mine["both_s"]["median_s"]), seconds(own["both_s"]["median_s"]),
                ratio(own["both_s"]["median_s"] / mine["both_s"]["median_s"]), ratio(part["fit_s"]),
                ratio(part["predict_s"]), f"{100 * (mine['accuracy'] - own['accuracy']):+.2f}", f"{mine['memory_mb']:.0f}",
            ])
    head = ["learner, columns", "peer", "rows", "ours, s", "theirs, s", "ratio", "of fitting", "of predicting",
            "accuracy, points", "our MB"]
    presort = max(cell["sides"]["overhear"]["presort_s"] for cell in found)
    return (
        "One fold fitted and predicted, medians over folds; each fold has a seed of its own, the same number on "
        "both sides. Rows are scaled inside our clock and outside of theirs; sorting the table's columns, "
        f"at most {seconds(presort)} s once for all folds and learners, is outside of ours.\n\n" + table(head, rows)
    )


def columns(cell):
    """What is said of a table's columns."""
    if cell.get("columns"):
        return f"{cell['columns']:,}"
    return "pairs" if cell["pairs"] else "no pairs"


def series(found):
    rows = []
    for cell in found:
        mine, theirs = cell["sides"]["overhear"], cell["sides"]["aeon"]
        n, channels, steps = cell["shape"]
        part = {key: theirs[key] / mine[key] for key in ("fit_s", "transform_s")}
        both = [side["both_s"]["median_s"] for side in (mine, theirs)]
        rows.append([f"`{cell['transform']}`", f"{n:,} × {channels} × {steps:,}", f"{mine['features']:,}", *map(seconds, both),
                     ratio(both[1] / both[0]), ratio(part["fit_s"]), ratio(part["transform_s"]), f"{mine['memory_mb']:.0f}"])
    head = ["transform", "series × channels × steps", "features", "ours, s", "aeon, s", "ratio", "of fitting", "of transforming",
            "our MB"]
    return (
        "Fitted to all series, which are then transformed; one core, medians. Counts like packets and bytes in bins of a second: "
        "minutes, five minutes and rounds of 24 pairs of half an hour. aeon is compiled before the clock starts.\n\n" + table(head, rows)
    )


def paper(found):
    mine = found["overhear"]
    rows = [
        [f"`{name}`", seconds(own["overhear_s"]), seconds(own["theirs_s"]), ratio(own["theirs_s"] / own["overhear_s"]),
         f"{-100 * own['mean_accuracy_gap']:+.2f}"]
        for name, own in found["learners"].items()
    ]
    return (
        f"{len(found['windowings'])} windowings, 2 tasks, 5 learners, 10 folds on {found['cores']} cores. `overhear reproduce`, from "
        f"captures to report and with nine learners: {seconds(mine['median_s'])} s ({spread(mine)}), "
        f"{found['overhear_peak_mb']:.0f} MB. The five learners in scikit-learn and PyTorch, from tables in memory, one "
        f"process a core: {seconds(found['theirs_s'])} s, **{ratio(found['theirs_s'] / mine['median_s'])} times as long**. "
        "Seconds of fitting and predicting, all cells together:\n\n"
        "![Seconds of both sides, learner by learner](images/paper-speed.svg)\n\n"
        + table(["learner", "ours, s", "theirs, s", "ratio", "accuracy, points"], rows)
    )


# why a curve rises faster than n log n; one that does and is not here says so
WHY = {
    "knn": "a million rows of 14 columns, 56 MB in single precision, no longer fit the last cache; up to 100,000 rows they do",
    "decision_tree": "columns of many values keep their samples in order, a list a column, which no longer fit a core's cache",
    "random_forest": "a tree's samples and their bytes no longer fit a core's cache",
    "svm": "a solver of the dual: steps and the length of a kernel row both grow with the rows, as in every program of this kind",
}


def growth(found):
    rows, notes = [], []
    for curve in found:
        name = f"`{curve['name']}`" if curve["unit"] == "windows" else curve["name"]
        n_log_n = curve["n_log_n"]
        worse = n_log_n is not None and curve["slope"] > n_log_n
        said = "; ".join(f"{size:,}: {seconds(s)}" for size, s in curve["points"])
        slope = f"**{curve['slope']:.2f}**" if worse else f"{curve['slope']:.2f}"
        rows.append([name, curve["unit"], said, slope, "–" if n_log_n is None else f"{n_log_n:.2f}"])
        if worse:
            notes.append(f"- {name}: {WHY.get(curve['name'], 'not explained yet')}.")
    peak = found[0]["peak_mb"]
    return (
        "Seconds at each size, and the slope of log seconds over log size: 1 where twice as much takes twice as long. `packets` come "
        "through a pipe from a program that repeats a capture with later times, all 20 windowings, one thread; the pipe is the limit, and the "
        f"most memory was {peak:.0f} MB. Learners fit nine tenths of the windows and predict one, one thread; audits use both cores.\n\n"
        "![Seconds over size, for packets and for learners](images/growth.svg)\n\n"
        + table(["what", "size", "seconds", "slope", "of n log n"], rows)
        + ("\nWorse than n log n:\n\n" + "\n".join(notes) + "\n" if notes else "")
    )


SECTIONS = {
    "packets": ("Packets to features", packets), "large": ("A large capture", large),
    "training": ("Training", training), "wide": ("Training on many columns", training), "series": ("Transforms of series", series),
    "threads": ("Training on two threads", training),
    "paper": ("The whole paper", paper), "growth": ("How cost grows", growth),
}


FIGURES = {"paper": ("paper-speed.svg", figure.paper), "growth": ("growth.svg", figure.growth)}


def sections_before(path):
    """Sections of the page as it is, by title: what was not measured here stays."""
    parts = path.read_text().split("\n## ")[1:] if path.exists() else []
    return {part.split("\n", 1)[0]: f"## {part.rstrip()}\n" for part in parts}


def write(folder, docs):
    about = read(folder, "about")
    machine, versions = about["machine"], about["versions"]
    left_out = ", ".join(about["without"]) or "none"
    text = [
        "# Benchmarks\n",
        "Written by `benches/compare/compare.py`, which installs the peers, makes the inputs (generated traffic), checks that "
        "answers agree and times all sides in turn on the same cores.\n",
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}; "
        + ", ".join(f"{name} {version}" for name, version in versions.items())
        + f", Python {machine['python']}. Peers left out: {left_out}. Sections may be of different days and commits, which each tells.\n",
    ]
    before = sections_before(docs / "benchmarks.md")
    for name, (title, say) in SECTIONS.items():
        found = read(folder, name)
        if found is None and title in before:
            text.append(before[title])
        if found is not None:
            measured = read(folder, f"{name}.measured")
            text += [f"## {title}\n", f"*Measured {measured['date']} at commit {measured['commit']}.*\n", say(found)]
        if found is not None and name in FIGURES:
            file, draw = FIGURES[name]
            (docs / "images" / file).write_text(draw(found))
    (docs / "benchmarks.md").write_text("\n".join(text))
