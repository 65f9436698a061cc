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


def inertia_of(file, dimensions, centroids):
    """Gives Σ min |x − c|² in float64."""
    centroids = numpy.array(centroids, dtype=float)
    half = (centroids**2).sum(axis=1) / 2
    total, rows = 0.0, numpy.memmap(file, dtype="<f4", mode="r").reshape(-1, dimensions)
    for first in range(0, len(rows), 1 << 16):
        block = rows[first : first + (1 << 16)].astype(float)
        total += numpy.vdot(block, block) + 2 * (half - block @ centroids.T).min(axis=1).sum()
    return total


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
    try:
        ran = subprocess.run(command, env=environment(options.threads), capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return None, f"over {limit} s"
    lines = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    if ran.returncode == 0 and lines:
        return lines, None
    reason = (ran.stderr.strip().splitlines() or ["?"])[-1][:200]
    killed = ran.returncode < 0 or "memory" in reason.lower()
    print(f"  {command[2:4]}: exit {ran.returncode}: {reason}", file=sys.stderr, flush=True)
    return None, "not enough memory" if killed else "failed"


def ours(program, file, dimensions, clusters, options):
    command = [program, file, "--dimensions", dimensions, "--clusters", clusters, "--threads", options.threads]
    lines, why = started([*command, "--iterations", ITERATIONS, "--repeats", 3], options, None)
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


def peers(file, dimensions, clusters, own, options):
    found = {}
    for peer in options.peers or PEERS:
        if (dimensions, clusters) not in SLOW.get(peer, {(dimensions, clusters)}) and peer not in (options.peers or ()):
            continue
        begun = time.monotonic()
        command = [sys.executable, HERE / "kmeans_peers.py", peer, file, dimensions, clusters, ITERATIONS, options.threads]
        lines, why = started(command, options, options.limit)
        if lines is None:
            found[peer] = {"why": why}
        else:
            cell = lines[-1]
            # What a peer does once, whatever the iterations, is not counted.
            cell["seconds_of_iteration"] = (cell["seconds"] - cell["single"]) / max(cell["moves"] - 1, 1)
            cell["inertia"] = inertia_of(file, dimensions, cell.pop("centroids"))
            cell["off"] = cell["inertia"] / own["inertia"] - 1
            cell["times"] = cell["seconds_of_iteration"] / own["seconds_of_iteration"]
            cell["same_work"] = abs(cell["off"]) <= SAME and cell["moves"] == own["moves"]
            found[peer] = cell
        said = found[peer].get("why") or f"{cell['times']:.1f}x, {cell['moves']} moves, inertia {cell['off']:+.1e}"
        print(f"  {peer}: {said} ({time.monotonic() - begun:.0f} s in all)", file=sys.stderr, flush=True)
    return found


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
            off = inertia_of(file, dimensions, own["centroids"]) / own["inertia"] - 1
            if abs(off) > 1e-9:
                sys.exit(f"our inertia is not that of our centroids: {off:+.1e}")
            compared = {} if options.peers == () else peers(file, dimensions, k, own, options)
            cells.append({"ours": {key: value for key, value in own.items() if key != "centroids"}, "peers": compared})
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
