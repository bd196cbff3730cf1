"""Times sides of a comparison in turn, so that a busy machine slows all of them, and says what was measured."""
import json
import os
import platform
import statistics
import subprocess
import sys
import threading
import time


def one_core():
    """Libraries that start threads of their own keep to one."""
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"):
        os.environ[variable] = "1"


def in_turn(sides, runs, capture=None, again=()):
    """Seconds of each side's runs: one of each, then one of each again. A side is a function; what it says of its
    own time, a number, counts instead of the clock's. Before each the capture is read into the page cache. Those of
    `again` are so short that a single run says little: they run five times each time."""
    taken = {name: [] for name in sides}
    for _ in range(runs):
        for name, side in sides.items():
            for _ in range(5 if name in again else 1):
                if capture:
                    warm(capture)
                start = time.perf_counter()
                own = side()
                taken[name].append(own if isinstance(own, float) else time.perf_counter() - start)
    return taken


def warm(path):
    """Reads a file into the page cache."""
    with open(path, "rb", buffering=0) as file:
        while file.read(1 << 20):
            pass


def command(arguments, stdin=None):
    """Runs a command to its end, its output thrown away; (seconds, peak MB of the process).

    A small process of its own starts it and holds the clock: to start one from a program that has gigabytes of
    tables takes as long as all of Overhear's work."""
    run = [sys.executable, __file__, *map(str, arguments)]
    said = subprocess.run(run, stdin=stdin, stdout=subprocess.PIPE)
    if said.returncode != 0:
        raise SystemExit(f"{' '.join(run[2:])}: exit status {said.returncode}")
    return json.loads(said.stdout)


def hold_the_clock(arguments):
    """Runs the command and prints its seconds and its peak."""
    start = time.perf_counter()
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL)
    peak, done = [0.0], threading.Event()
    watch = threading.Thread(target=lambda: keep_peak(process.pid, peak, done))
    watch.start()
    status = process.wait()
    seconds = time.perf_counter() - start
    done.set()
    watch.join()
    print(json.dumps([seconds, peak[0]]))
    return status


def keep_peak(pid, peak, done):
    """Looks up a process's peak again and again, first every 10 ms, then every 50: a second thread's core is not to be
    taken from it. What wait4 says of the peak counts this program too, which began it."""
    looks = 0
    while not done.wait(0.01 if looks < 10 else 0.05):
        looks += 1
        try:
            with open(f"/proc/{pid}/status") as lines:
                found = next((l.split()[1] for l in lines if l.startswith("VmHWM")), 0)
        except OSError:
            return
        peak[0] = max(peak[0], int(found) / 1024)


def spread(seconds):
    """Median, smallest and largest."""
    return {"median_s": statistics.median(seconds), "min_s": min(seconds), "max_s": max(seconds), "runs": len(seconds)}


def machine():
    """What it was measured on."""
    model = "unknown"
    try:
        with open("/proc/cpuinfo") as lines:
            model = next((l.split(":")[1].strip() for l in lines if l.startswith("model name")), model)
    except OSError:
        pass
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


if __name__ == "__main__":
    sys.exit(hold_the_clock(sys.argv[1:]))
