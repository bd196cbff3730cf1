#!/usr/bin/env python3
"""Overhear beside what its users would pick instead: installs them, makes the inputs, checks that answers agree,
times both sides in turn on the same cores, and writes the tables.

    benches/compare/compare.py                          # everything; PyTorch brings 6 GB
    benches/compare/compare.py --without torch nfstream
    benches/compare/compare.py --only packets --runs 5

Peers from PyPI go into a virtual environment under target/compare; tshark has to be there (`apt-get install tshark`).
Writes docs/benchmarks.md and target/compare/*.json.
"""
import argparse
import datetime
import json
import pathlib
import shutil
import subprocess
import sys
import venv

import clock
import report

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
WORK = ROOT / "target/compare"
RELEASE = ROOT / "target/release"
SECTIONS = ("packets", "large", "training", "wide", "series", "threads", "paper", "growth")
# what a peer is called in its registry; numpy and pandas carry the comparison itself
PACKAGES = {
    "pandas": "pandas", "scikit-learn": "scikit-learn", "scikit-learn-intelex": "scikit-learn-intelex",
    "lightgbm": "lightgbm", "torch": "torch", "duckdb": "duckdb", "nfstream": "nfstream", "dpkt": "dpkt", "aeon": "aeon",
}
NEEDED = ("pandas", "scikit-learn")


def install(without):
    """The Python of the peers' environment."""
    python = WORK / "venv/bin/python"
    if not python.exists():
        venv.create(WORK / "venv", with_pip=True)
    wanted = [package for peer, package in PACKAGES.items() if peer in NEEDED or peer not in without]
    subprocess.run([python, "-m", "pip", "install", "-q", *wanted], check=True)
    return python


def versions(python):
    out = subprocess.run([python, "-m", "pip", "list", "--format", "json"], check=True, capture_output=True).stdout
    known = {entry["name"].lower(): entry["version"] for entry in json.loads(out)}
    found = {peer: known[package.lower()] for peer, package in PACKAGES.items() if package.lower() in known}
    if shutil.which("tshark"):
        said = subprocess.run(["tshark", "--version"], capture_output=True, text=True).stdout
        found["tshark"] = said.split()[2].rstrip(".")
    found["rustc"] = subprocess.run(["rustc", "--version"], capture_output=True, text=True).stdout.split()[1]
    return found


def commit():
    """What was measured; changed files are told by a plus sign."""
    git = ["git", "describe", "--always", "--abbrev=7", "--dirty=+"]
    return subprocess.run(git, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def build():
    cargo = ["cargo", "build", "--release", "-q"]
    subprocess.run([*cargo, "-p", "overhear-cli", "--features", "parquet"], cwd=ROOT, check=True)
    for package, example in (("overhear-learn", "learner_time"), ("overhear-learn", "series_time"), ("overhear-synth", "generated_capture"),
                             ("overhear-traffic", "walk"), ("overhear-traffic", "feature_columns")):
        subprocess.run([*cargo, "-p", package, "--example", example], cwd=ROOT, check=True)


def capture(campaigns, name):
    path = WORK / name
    if not path.exists():
        subprocess.run([RELEASE / "examples/generated_capture", str(campaigns), path], check=True)
    return path


def campaign():
    path = WORK / "campaign"
    if not path.exists():
        subprocess.run([RELEASE / "overhear", "synth", "-o", path, "-q"], check=True, stdout=subprocess.DEVNULL)
    return path


def arguments_of(section, options):
    """The script of a section and what it is told."""
    program, columns, runs = RELEASE / "overhear", RELEASE / "examples/feature_columns", options.runs
    without = ["--without", *options.without] if options.without else []
    match section:
        case "packets":
            return ["packets.py", capture(1, "day.pcap"), "--program", program, "--columns", columns,
                    "--runs", runs, *without]
        case "large":
            return ["large.py", capture(10, "large.pcap"), "--program", program, "--walk", RELEASE / "examples/walk",
                    "--columns", columns, "--runs", max(runs, 5)]
        case "training":
            return ["training.py", "--folds", options.folds, *without]
        case "wide":
            return ["training.py", "extra_trees", "ridge", "--rows", 2000, "--columns", 10_000, "--folds",
                    min(options.folds, 5), *without]
        case "series":
            return ["series.py", "--runs", runs]
        case "threads":
            return ["training.py", "random_forest", "--cores", 2, "--folds", min(options.folds, 3), *without]
        case "paper":
            return ["paper.py", campaign(), "--program", program, *without]
        case "growth":
            small = WORK / "small.pcap"
            day = capture(1, "day.pcap")
            return ["growth.py", "--program", program, "--learner-time", RELEASE / "examples/learner_time", "--capture",
                    day, "--small", first_packets(day, small, 100_000), "--packets-of-capture", n_packets(day),
                    "--runs", min(runs, 3)]


def first_packets(source, target, n):
    """The beginning of a pcap, so many packets."""
    with open(source, "rb") as file, open(target, "wb") as out:
        out.write(file.read(24))
        for _ in range(n):
            head = file.read(16)
            out.write(head + file.read(int.from_bytes(head[8:12], "little")))
    return target


def n_packets(path):
    n = 0
    with open(path, "rb") as file:
        file.seek(24)
        while head := file.read(16):
            file.seek(int.from_bytes(head[8:12], "little"), 1)
            n += 1
    return n


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--without", nargs="*", default=[], choices=[*PACKAGES, "tshark"], help="peers to leave out")
    parser.add_argument("--only", nargs="*", default=SECTIONS, choices=SECTIONS)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folds", type=int, default=10)
    parser.add_argument("--report-only", action="store_true", help="write the tables of what was measured before")
    options = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    if not shutil.which("tshark"):
        options.without.append("tshark")
    if {"aeon", "torch"} & set(options.without):  # QUANT is written in PyTorch
        options.only = [section for section in options.only if section != "series"]
    if not options.report_only:
        python = install(options.without)
        build()
        for section in options.only:
            print(f"== {section}", flush=True)
            command = [python, *arguments_of(section, options), "--output", WORK / f"{section}.json"]
            command[1] = HERE / command[1]
            subprocess.run([str(part) for part in command], check=True)
            measured = {"date": datetime.date.today().isoformat(), "commit": commit()}
            (WORK / f"{section}.measured.json").write_text(json.dumps(measured) + "\n")
        about = {"machine": clock.machine(), "versions": versions(python), "without": sorted(set(options.without))}
        (WORK / "about.json").write_text(json.dumps(about, indent=2) + "\n")
    report.write(WORK, ROOT / "docs")


if __name__ == "__main__":
    sys.exit(main())
