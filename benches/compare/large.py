"""A capture of gigabytes, in the page cache: packets a second, memory, writing, and a second thread."""
import argparse
import hashlib
import json
import os
import pathlib
import subprocess

import clock
import tables


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("capture", type=pathlib.Path)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--walk", type=pathlib.Path, required=True)
    parser.add_argument("--columns", type=pathlib.Path, required=True)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    options = parser.parse_args()
    peaks = {}
    windowings = [part for windowing in tables.WINDOWINGS for part in ("-W", windowing)]
    records = int(subprocess.run([options.walk, options.capture], check=True, capture_output=True).stdout)

    def features(name, *more, threads=1, stdin=False, cores=None):
        def run():
            source = "-" if stdin else options.capture
            arguments = [options.program, "features", source, *windowings, *more, "--threads", threads, "-q"]
            if cores is not None:
                arguments = ["taskset", "-c", cores, *arguments]
            feed = subprocess.Popen(["cat", options.capture], stdout=subprocess.PIPE) if stdin else None
            seconds, peak = clock.command(arguments, stdin=feed and feed.stdout)
            if feed:
                feed.stdout.close()
                feed.wait()
            peaks[name] = max(peaks.get(name, 0.0), peak)
            return seconds

        return run

    def example(program):
        return lambda: clock.command(["taskset", "-c", "0", program, options.capture])[0]

    # what is written goes to files in memory where there are any, and nowhere: a disk's speed is not the question
    into = shared if (shared := pathlib.Path("/dev/shm")).is_dir() else options.output.parent
    tables_of = {kind: into / f"overhear-large.{kind}" for kind in ("parquet", "csv")}
    nowhere = {kind: into / f"overhear-nowhere.{kind}" for kind in tables_of}
    for link in nowhere.values():
        link.unlink(missing_ok=True)
        link.symlink_to("/dev/null")
    sides = {
        "walk over record headers": example(options.walk),
        "windows closed, one thread": features("windows closed, one thread", "--count", cores="0"),
        "windows closed, two threads": features("windows closed, two threads", "--count", threads=2),
        "windows closed, from standard input": features("windows closed, from standard input", "--count", stdin=True),
        "all features in columns": example(options.columns),
        "made Parquet, thrown away": features("made Parquet, thrown away", "-o", nowhere["parquet"], cores="0"),
        "made CSV, thrown away": features("made CSV, thrown away", "-o", nowhere["csv"], cores="0"),
        "written as Parquet": features("written as Parquet", "-o", tables_of["parquet"], cores="0"),
        "written as CSV": features("written as CSV", "-o", tables_of["csv"], cores="0"),
    }
    taken = clock.in_turn(sides, options.runs, options.capture)

    def digest(path):
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    csv = tables_of["csv"]
    features("", "-o", csv)()
    one = digest(csv)
    features("", "-o", csv, threads=2)()
    found = {
        "capture_mb": os.path.getsize(options.capture) / 1e6,
        "records": records,
        "sides": {name: clock.spread(seconds) for name, seconds in taken.items()},
        "peak_mb": {name: peak for name, peak in peaks.items() if name},
        "written_mb": {kind: os.path.getsize(path) / 1e6 for kind, path in tables_of.items()},
        "two_threads_same_bytes": digest(csv) == one,
    }
    for path in (*tables_of.values(), *nowhere.values()):
        path.unlink()
    options.output.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
