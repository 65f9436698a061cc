"""Measures Lloyd's iterations beside scikit-learn, scikit-learn-intelex, FAISS and Spark MLlib: same rows, start, iterations and threads.

    kmeans.py [--rows 4000000] [--threads 2] [--only d16 d16k8] [--peers lloyd intelex faiss spark] [--limit 300] [--write]

Makes a matrix for each d in target/bench/kmeans (once), builds our side (tests/benchmark/kmeans.rs), and measures every d and k, one process
at a time. Prints a Markdown table; everything measured goes to target/bench/kmeans/results.json, and with --write the table and the plot go to
tests/benchmark. Needs the packages of requirements.txt, cargo, and Java for Spark.
"""

import argparse
import json
import os
import pathlib
import platform
import re
import signal
import subprocess
import sys
import time

import numpy

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BENCH = ROOT / "target/bench/kmeans"

ITERATIONS = 20
DIMENSIONS = (4, 8, 16, 32, 64)
CLUSTERS = (4, 8, 16, 32)
PEERS = {
    "lloyd": "scikit-learn lloyd",
    "elkan": "scikit-learn elkan",
    "intelex": "scikit-learn-intelex",
    "faiss": "FAISS",
    "spark": "Spark MLlib",
}
# Slow: measured in these cells only, unless they are asked for by name.
SLOW = {"elkan": {(16, 8), (16, 32)}, "spark": {(16, 8), (16, 32)}}
BLOBS = 40
GRID = 2**20
# The largest relative difference of inertia that is still the same work: the peers sum in float32.
SAME = 1e-3


def matrix_of(rows, dimensions):
    """Makes the file once: 40 blobs, 2.4 standard deviations from the middle at any d, so that they overlap."""
    file = BENCH / f"blobs-{rows}x{dimensions}.f32"
    if file.exists() and file.stat().st_size == 4 * rows * dimensions:
        return file
    BENCH.mkdir(parents=True, exist_ok=True)
    chance = numpy.random.default_rng(7)
    centres = chance.standard_normal((BLOBS, dimensions), dtype=numpy.float32) * (2.4 / dimensions**0.5)
    unfinished = file.with_suffix(".unfinished")
    with open(unfinished, "wb") as out:
        for first in range(0, rows, 1 << 18):
            count = min(1 << 18, rows - first)
            block = chance.standard_normal((count, dimensions), dtype=numpy.float32)
            block += centres[chance.integers(BLOBS, size=count)]
            block *= GRID
            # Below 2²³ every whole number is exact in float32, and so is its 2⁻²⁰-fold.
            numpy.rint(block, out=block).clip(-8 * GRID, 8 * GRID, out=block)
            block /= GRID
            out.write(block.astype("<f4").tobytes())
    unfinished.rename(file)
    return file


def inertias_of(file, dimensions, models):
    """Gives Σ min |x − c|² in float64 for the centroids of each model, in one pass."""
    models = [numpy.array(centroids, dtype=float) for centroids in models]
    halves = [(centroids**2).sum(axis=1) / 2 for centroids in models]
    totals, rows = numpy.zeros(len(models)), numpy.memmap(file, dtype="<f4", mode="r").reshape(-1, dimensions)
    for first in range(0, len(rows), 1 << 15):
        block = rows[first : first + (1 << 15)].astype(float)
        nearest = [(half - block @ centroids.T).min(axis=1).sum() for half, centroids in zip(halves, models)]
        totals += numpy.vdot(block, block) + 2 * numpy.array(nearest)
    return totals.tolist()


def built():
    command = ["cargo", "build", "--release", "--workspace", "--bench", "kmeans", "--message-format=json"]
    lines = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True).stdout.splitlines()
    artefacts = [json.loads(line) for line in lines if line.startswith("{")]
    return next(a["executable"] for a in artefacts if a.get("executable") and a["target"]["name"] == "kmeans")


def environment(threads):
    # Settings of a shell must not choose another processor's kernels for a peer.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPENBLAS_", "OMP_", "MKL_"))}
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")
    return {**kept, **{name: str(threads) for name in names}, "PYTHONWARNINGS": "ignore"}


def started(command, options, limit):
    """Runs a process; gives its last lines of JSON, or why there are none."""
    command = [str(part) for part in command]
    # A session of its own, so that what a peer starts (a JVM) ends with it.
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "start_new_session": True}
    with subprocess.Popen(command, env=environment(options.threads), **pipes) as child:
        try:
            stdout, stderr = child.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            return None, f"over {limit} s"
    lines = [json.loads(line) for line in stdout.splitlines() if line.startswith("{")]
    if child.returncode == 0 and lines:
        return lines, None
    reason = (stderr.strip().splitlines() or ["?"])[-1][:200]
    killed = child.returncode == -signal.SIGKILL or any(word in stderr for word in ("MemoryError", "OutOfMemory", "memory"))
    print(f"  {command[2:4]}: exit {child.returncode}: {reason}", file=sys.stderr, flush=True)
    return None, "not enough memory" if killed else "failed"


def ours(program, file, dimensions, clusters, options):
    command = [program, file, "--dimensions", dimensions, "--clusters", clusters, "--threads", options.threads]
    lines, why = started([*command, "--iterations", ITERATIONS, "--repeats", 2], options, None)
    if lines is None:
        sys.exit(f"our side at d = {dimensions}, k = {clusters}: {why}")
    cell = lines[0]
    seconds = [round["seconds"] for round in cell["rounds"]]
    # A full pass: nearly no tile is skipped, and rows do not all move, as in the first.
    full = [round["seconds"] for round in cell["rounds"][1:] if round["tiles"] >= 0.99 * cell["tiles"]]
    return {
        **cell,
        "seconds_of_iteration": sum(seconds) / cell["moves"],
        "full": min(full, default=None),
        "tiles_looked_at": sum(round["tiles"] for round in cell["rounds"]) / (cell["tiles"] * len(seconds)),
        "unproven_share": sum(round["unproven"] for round in cell["rounds"]) / (cell["rows"] * len(seconds)),
    }


def peers(file, dimensions, clusters, options):
    """Gives what each peer measured, with its centroids, or why there is nothing."""
    found = {}
    for peer in PEERS if options.peers is None else options.peers:
        if options.peers is None and (dimensions, clusters) not in SLOW.get(peer, {(dimensions, clusters)}):
            continue
        begun = time.monotonic()
        command = [sys.executable, HERE / "kmeans_peers.py", peer, file, dimensions, clusters, ITERATIONS, options.threads]
        lines, why = started(command, options, options.limit)
        found[peer] = {"why": why} if lines is None else lines[-1]
        print(f"  {peer}: {why or round(found[peer]['seconds'], 2)} ({time.monotonic() - begun:.0f} s in all)", file=sys.stderr, flush=True)
    return found


def compare(file, own, found):
    """Adds how much longer each peer takes, and whether it did the same work."""
    done = {peer: cell for peer, cell in found.items() if "why" not in cell}
    centroids = [own.pop("centroids"), *(cell.pop("centroids") for cell in done.values())]
    known, *inertias = inertias_of(file, own["dimensions"], centroids)
    if abs(known / own["inertia"] - 1) > 1e-9:
        sys.exit(f"our inertia {own['inertia']} is not that of our centroids: {known}")
    for (peer, cell), inertia in zip(done.items(), inertias):
        # What a peer does once, whatever the iterations, is not counted.
        cell["seconds_of_iteration"] = (cell["seconds"] - cell["single"]) / max(cell["moves"] - 1, 1)
        cell["times"] = cell["seconds_of_iteration"] / own["seconds_of_iteration"]
        cell["inertia"], cell["off"] = inertia, inertia / own["inertia"] - 1
        cell["same_work"] = abs(cell["off"]) <= SAME and cell["moves"] == own["moves"]
        print(f"  {peer}: {cell['times']:.1f} times, {cell['moves']} moves, inertia {cell['off']:+.1e}", file=sys.stderr, flush=True)


def wanted(only, dimensions, clusters):
    return not only or any(re.fullmatch(f"(d{dimensions})?(k{clusters})?", name) for name in only)


def share(seconds, cell):
    return 4 * cell["rows"] * cell["dimensions"] / seconds / cell["bandwidth"] if seconds else None


def percent(value):
    return "" if value is None else f"{100 * value:.0f} %"


def table(cells, options):
    measured = [peer for peer in PEERS if any(peer in cell["peers"] for cell in cells)]
    head = ["d", "k", "ours, ms an iteration", "million rows/s and core", "of bandwidth", "full pass, of bandwidth", "tiles looked at"]
    head += [f"{PEERS[peer]}, times" for peer in measured]
    lines = ["| " + " | ".join(head) + " |", "|" + "--:|" * len(head)]
    notes = set()
    for cell in cells:
        own = cell["ours"]
        rate = own["rows"] / own["seconds_of_iteration"] / options.threads / 1e6
        row = [str(own["dimensions"]), str(own["clusters"]), f"{own['seconds_of_iteration'] * 1e3:.1f}", f"{rate:.0f}"]
        row += [percent(share(own["seconds_of_iteration"], own)), percent(share(own["full"], own)), percent(own["tiles_looked_at"])]
        for peer in measured:
            found = cell["peers"].get(peer)
            if found is None:
                row.append("·")
            elif "why" in found:
                row.append(found["why"])
            else:
                row.append(f"{found['times']:.1f}" + ("" if found["same_work"] else " (!)"))
                notes |= set() if found["same_work"] else {"(!): ended elsewhere after these iterations, so it is not the same work."}
        lines.append("| " + " | ".join(row) + " |")
    shown = [abs(found["off"]) for cell in cells for found in cell["peers"].values() if "off" in found]
    stopped = {cell["ours"]["moves"] for cell in cells}
    text = "\n".join(lines) + f"\n\n{cells[0]['ours']['rows']:,} rows, {options.threads} threads; read bandwidth of all threads "
    text += ", ".join(f"{b / 1e9:.0f} GB/s (d = {d})" for d, b in {c["ours"]["dimensions"]: c["ours"]["bandwidth"] for c in cells}.items())
    text += f". Moves of the centroids: {' or '.join(map(str, sorted(stopped)))}."
    text += "".join(f" {note}" for note in sorted(notes))
    if shown:
        text += f" Inertia of the peers' centroids after the same moves differs from ours by {max(shown):.0e} at most."
    if any(peer in measured for peer in SLOW):
        text += " `·`: not measured (elkan and Spark take minutes a cell)."
    return text.rstrip() + "\n"


def plot(cells, file):
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "segmenter", "svg.fonttype": "none", "font.size": 8})
    import matplotlib.pyplot as pyplot

    dimensions = sorted({cell["ours"]["dimensions"] for cell in cells})
    figure, axes = pyplot.subplots(1, len(dimensions), figsize=(2.3 * len(dimensions) + 0.8, 2.8), sharey=True, squeeze=False)
    for axis, d in zip(axes[0], dimensions):
        column = [cell for cell in cells if cell["ours"]["dimensions"] == d]
        clusters = [cell["ours"]["clusters"] for cell in column]

        def rate(cell, seconds):
            return cell["ours"]["rows"] / seconds / cell["ours"]["threads"] / 1e6

        axis.plot(clusters, [rate(c, c["ours"]["seconds_of_iteration"]) for c in column], "k-o", ms=3, label="segmenter")
        for number, peer in enumerate(PEERS):
            points = [(c["ours"]["clusters"], c["peers"].get(peer, {}).get("seconds_of_iteration")) for c in column]
            points = [(k, rate(column[0], seconds)) for k, seconds in points if seconds]
            if points:
                axis.plot(*zip(*points), "-o", ms=3, lw=1, color=f"C{number}", label=PEERS[peer])
        bandwidth = column[0]["ours"]["bandwidth"] / 4 / d / column[0]["ours"]["threads"] / 1e6
        axis.axhline(bandwidth, ls=":", lw=1, color="grey", label="the memory's limit")
        axis.set(title=f"d = {d}", xlabel="k", xscale="log", yscale="log", xticks=clusters, xticklabels=clusters)
        axis.minorticks_off()
        axis.grid(alpha=0.3, lw=0.5)
    axes[0][0].set_ylabel("million rows a second and core")
    handles = {label: handle for axis in axes[0] for handle, label in zip(*axis.get_legend_handles_labels())}
    figure.legend(handles.values(), handles.keys(), loc="lower center", ncols=len(handles), frameon=False)
    figure.tight_layout(rect=(0, 0.08, 1, 1))
    figure.savefig(file, metadata={"Date": None})


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, default=4_000_000)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--only", nargs="+", help="cells: d16, k8 or d16k8")
    options.add_argument("--peers", nargs="*", choices=PEERS, help="default: all, elkan and Spark in two cells only; none: ours alone")
    options.add_argument("--limit", type=int, default=300, help="seconds a peer may take for a cell, with loading")
    options.add_argument("--program", help="our side, where it is built already")
    options.add_argument("--write", action="store_true", help="put table and plot into tests/benchmark")
    options = options.parse_args()
    options.peers = None if options.peers is None else tuple(options.peers)

    program = options.program or built()
    # Whatever starts its own number of threads has no more cores than the others.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
    begun, cells = time.monotonic(), []
    for dimensions in DIMENSIONS:
        clusters = [k for k in CLUSTERS if wanted(options.only, dimensions, k)]
        if not clusters:
            continue
        file = matrix_of(options.rows, dimensions)
        for k in clusters:
            own = ours(program, file, dimensions, k, options)
            print(f"d {dimensions} k {k}: {own['seconds_of_iteration'] * 1e3:.1f} ms an iteration, {own['moves']} moves", file=sys.stderr, flush=True)
            found = peers(file, dimensions, k, options)
            compare(file, own, found)
            cells.append({"ours": own, "peers": found})
    took = time.monotonic() - begun
    record = {"cpu": processor(), "rows": options.rows, "threads": options.threads, "seconds": took, "cells": cells}
    (BENCH / "results.json").write_text(json.dumps(record, indent=1))
    text = table(cells, options)
    print(text)
    print(f"{took / 60:.1f} minutes; {BENCH / 'results.json'}", file=sys.stderr)
    if options.write:
        readme = HERE / "README.md"
        begin, end = "<!-- kmeans.py writes below -->\n", "<!-- kmeans.py writes above -->"
        before, rest = readme.read_text().split(begin)
        plotted = "![million rows a second and core, by k, for each d](kmeans.svg)"
        readme.write_text(before + begin + f"\n{processor()}:\n\n{text}\n{plotted}\n\n" + end + rest.split(end)[1])
        plot(cells, HERE / "kmeans.svg")


def processor():
    found = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text()) if platform.system() == "Linux" else None
    return (found.group(1) if found else platform.processor()) + f", {os.cpu_count()} cores"


main()
