"""Drawings of what was measured: both sides of the paper's grid, and how cost grows."""
import math

NAMES = {
    "knn": "nearest neighbours", "decision_tree": "decision tree", "adaboost": "AdaBoost",
    "random_forest": "random forest", "neural_network": "neural network", "gradient_boosting": "gradient boosting",
    "svm": "support vectors",
}
WIDTH, LEFT, RIGHT, TOP, ROW = 760, 178, 96, 78, 44
STYLE = """
    svg { background: #ffffff; font: 14px system-ui, sans-serif; font-variant-numeric: tabular-nums; }
    text { fill: #1b1f24; } .muted { fill: #5a636d; font-size: 12px; } .title { font-size: 16px; font-weight: 600; }
    .grid { stroke: #e7eaed; } .gap { stroke: #c3c9cf; stroke-width: 6; }
    .line { fill: none; stroke: #1f619c; stroke-width: 2; } .worse { stroke: #a8431a; } .dot { fill: #1f619c; }
    .dot.worse { fill: #a8431a; stroke: none; } .lead { stroke: #b4bbc2; }
    .ours { fill: #1f619c; } .theirs { fill: #ffffff; stroke: #a8431a; stroke-width: 2.5; }
    @media (prefers-color-scheme: dark) {
      svg { background: #15181c; } text { fill: #e6e8ea; } .muted { fill: #a3adb8; } .grid { stroke: #2b3138; }
      .gap { stroke: #454d56; } .ours { fill: #6fa8dc; }
      .lead { stroke: #59626c; } .line { stroke: #6fa8dc; } .dot { fill: #6fa8dc; } .line.worse { stroke: #ee8a5e; } .dot.worse { fill: #ee8a5e; } .theirs { fill: #15181c; stroke: #ee8a5e; }
    }
"""


def said(seconds):
    return f"{seconds:,.0f} s" if seconds >= 10 else f"{seconds:.2g} s"


def paper(found):
    """An SVG of `found["learners"]`, the largest gap first."""
    learners = sorted(found["learners"].items(), key=lambda item: -item[1]["theirs_s"] / item[1]["overhear_s"])
    every = [own[side] for _, own in learners for side in ("overhear_s", "theirs_s")]
    low, high = math.floor(math.log10(min(every))), math.ceil(math.log10(max(every)))
    height = TOP + ROW * len(learners) + 40
    bottom = height - 40

    def x(seconds):
        return LEFT + (math.log10(seconds) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    parts = [
        f'<text x="16" y="28" class="title">Fitting and predicting, {len(found["windowings"])} windowings, 2 tasks, 10 folds</text>',
        f'<circle cx="22" cy="50" r="6" class="ours"/><text x="34" y="55">Overhear</text>'
        f'<rect x="113" y="44" width="12" height="12" class="theirs"/><text x="132" y="55">scikit-learn, PyTorch for the network</text>',
        f'<text x="{WIDTH - 16}" y="55" text-anchor="end" class="muted">times as long</text>',
    ]
    for power in range(low, high + 1):
        at = x(10.0**power)
        parts.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{TOP - 8}" y2="{bottom}" class="grid"/>'
                     f'<text x="{at:.1f}" y="{bottom + 18}" text-anchor="middle" class="muted">{10.0**power:,g} s</text>')
    for i, (name, own) in enumerate(learners):
        y = TOP + ROW * i + 22
        a, b = x(own["overhear_s"]), x(own["theirs_s"])
        parts.append(
            f'<text x="{LEFT - 20}" y="{y + 5}" text-anchor="end">{NAMES.get(name, name)}</text>'
            f'<line x1="{a:.1f}" x2="{b:.1f}" y1="{y}" y2="{y}" class="gap"/>'
            f'<circle cx="{a:.1f}" cy="{y}" r="7" class="ours"/>'
            f'<rect x="{b - 6:.1f}" y="{y - 6}" width="12" height="12" class="theirs"/>'
            f'<text x="{a:.1f}" y="{y - 12}" text-anchor="middle" class="muted">{said(own["overhear_s"])}</text>'
            f'<text x="{b:.1f}" y="{y - 12}" text-anchor="middle" class="muted">{said(own["theirs_s"])}</text>'
            f'<text x="{WIDTH - 16}" y="{y + 5}" text-anchor="end">{own["theirs_s"] / own["overhear_s"]:.0f} ×</text>')
    return drawing(height, parts)


def drawing(height, parts):
    body = "\n  ".join(parts)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">\n'
            f"  <style>{STYLE}  </style>\n  {body}\n</svg>\n")


def growth(curves):
    """An SVG of seconds over packets or windows, both axes logarithmic; what rises faster than n log n stands out."""
    curves = [curve for curve in curves if curve["unit"] in ("packets", "windows")]
    left, right, top, bottom = 66, 226, 84, 420
    every = [point for curve in curves for point in curve["points"]]
    spans = [(math.floor(math.log10(min(part) * 1.5)), math.ceil(math.log10(max(part)))) for part in zip(*every)]
    (x_low, x_high), (y_low, y_high) = spans

    def x(size):
        return left + (math.log10(size) - x_low) / (x_high - x_low) * (WIDTH - left - right)

    def y(seconds):
        return bottom - (math.log10(seconds) - y_low) / (y_high - y_low) * (bottom - top)

    parts = [
        '<text x="16" y="28" class="title">Seconds over size: twice as much, twice as long has slope 1</text>',
        '<line x1="16" x2="40" y1="50" y2="50" class="line"/><text x="48" y="55">at most n log n</text>'
        '<line x1="176" x2="200" y1="50" y2="50" class="line worse"/><text x="208" y="55">worse</text>'
        f'<text x="{WIDTH - 16}" y="55" text-anchor="end" class="muted">slope</text>',
    ]
    for power in range(x_low, x_high + 1):
        at = x(10.0**power)
        parts.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{top}" y2="{bottom}" class="grid"/>'
                     f'<text x="{at:.1f}" y="{bottom + 18}" text-anchor="middle" class="muted">{10**power:,}</text>')
    for power in range(y_low, y_high + 1):
        at = y(10.0**power)
        parts.append(f'<line x1="{left}" x2="{WIDTH - right}" y1="{at:.1f}" y2="{at:.1f}" class="grid"/>'
                     f'<text x="{left - 8}" y="{at + 4:.1f}" text-anchor="end" class="muted">{10.0**power:g} s</text>')
    parts.append(f'<text x="{(left + WIDTH - right) / 2:.0f}" y="{bottom + 38}" text-anchor="middle" class="muted">packets, or windows of 14 features</text>')
    # labels beside the lines' ends, from the top down and never on one another
    below = -math.inf
    for curve in sorted(curves, key=lambda curve: y(curve["points"][-1][1])):
        worse = " worse" if curve["slope"] > curve["n_log_n"] else ""
        places = [(x(size), y(seconds)) for size, seconds in curve["points"]]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
        at = max(places[-1][1], below + 19)
        below = at
        parts.append(f'<polyline points="{path}" class="line{worse}"/>'
                     + "".join(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3.5" class="dot{worse}"/>' for a, b in places)
                     + f'<line x1="{places[-1][0] + 6:.1f}" y1="{places[-1][1]:.1f}" x2="{WIDTH - right + 12}" y2="{at:.1f}" class="lead"/>'
                     f'<text x="{WIDTH - right + 18}" y="{at + 5:.1f}">{NAMES.get(curve["name"], curve["name"])}</text>'
                     f'<text x="{WIDTH - 16}" y="{at + 5:.1f}" text-anchor="end">{curve["slope"]:.2f}</text>')
    return drawing(bottom + 52, parts)
