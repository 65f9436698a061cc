"""Measures `segmenter run` beside peer.py (DuckDB and scikit-learn) on the same machine, data, tables and threads.

    run.py [--customers 2000000] [--runs 5] [--threads 2] [--memory 2G]

The runs alternate, so that a change of the machine's mood meets both. Prints wall time, CPU time and peak memory: every run, medians, ratios,
and the stages of both. Needs the packages of requirements.txt and a built target/release/segmenter.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SEGMENTER = ROOT / "target/release/segmenter"


def measured(command, environment):
    """Runs a command; gives wall and CPU seconds, peak memory in MB, and both streams."""
    started = time.monotonic()
    with open(ROOT / "target/bench/stdout", "w+") as out, open(ROOT / "target/bench/stderr", "w+") as err:
        child = subprocess.Popen(command, stdout=out, stderr=err, env={**os.environ, **environment})
        # wait4 gives this child's own peak, not the largest of all children so far.
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - started
        out.seek(0), err.seek(0)
        stdout, stderr = out.read(), err.read()
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{command} ended with {child.returncode}\n{stdout}\n{stderr}")
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "memory": usage.ru_maxrss / 1024}, stdout, stderr


def peer_stages(stderr):
    return [json.loads(line) for line in stderr.splitlines() if line.startswith("{")]


def product_stages(stdout):
    folder = pathlib.Path(stdout.strip().splitlines()[-1].removeprefix("file://"))
    return json.loads((folder / "run.json").read_text())["stages"]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--customers", type=int, default=2_000_000)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--memory", default="2G")
    options = options.parse_args()

    bench = ROOT / "target/bench"
    data = bench / f"data-{options.customers}"
    bench.mkdir(parents=True, exist_ok=True)
    if not (data / "job.toml").exists():
        shutil.rmtree(data, ignore_errors=True)
        subprocess.run([SEGMENTER, "synth", data, "--customers", str(options.customers)], check=True)
    size = sum(file.stat().st_size for file in data.rglob("*") if file.is_file())
    files = len(list((data / "orders").iterdir()))
    print(f"{options.customers} customers, {files} files of orders, {size / 1e6:.0f} MB in all; {options.threads} threads of {os.cpu_count()}")

    results = {"segmenter": [], "peer": []}
    stages = {}
    for number in range(options.runs + 1):
        for name in results:
            out = bench / f"out-{name}"
            shutil.rmtree(out, ignore_errors=True)
            shutil.rmtree(bench / "scratch", ignore_errors=True)
            (bench / "scratch").mkdir()
            if name == "segmenter":
                command = [SEGMENTER, "run", HERE / "job.toml", "--threads", options.threads, "--memory", options.memory, "--scratch", bench / "scratch"]
            else:
                command = [sys.executable, HERE / "peer.py", data, out, options.threads, options.memory + "B"]
            result, stdout, stderr = measured([str(part) for part in command], {"DATA": str(data), "OUT": str(out)})
            # The first round warms the page cache and is not counted.
            if number > 0:
                results[name].append(result)
                stages[name] = product_stages(stdout) if name == "segmenter" else peer_stages(stderr)
            print(f"round {number} {name:<9} wall {result['wall']:7.2f} s  cpu {result['cpu']:7.2f} s  peak {result['memory']:7.0f} MB", flush=True)

    print("\n| median of", options.runs, "| wall, s | CPU, s | peak, MB |\n|---|---|---|---|")
    medians = {name: {key: statistics.median(run[key] for run in runs) for key in ("wall", "cpu", "memory")} for name, runs in results.items()}
    for name, label in (("segmenter", "segmenter"), ("peer", "DuckDB + scikit-learn")):
        m = medians[name]
        print(f"| {label} | {m['wall']:.2f} | {m['cpu']:.2f} | {m['memory']:.0f} |")
    ratio = {key: medians["segmenter"][key] / medians["peer"][key] for key in ("wall", "cpu", "memory")}
    print(f"| ratio | {ratio['wall']:.2f} | {ratio['cpu']:.2f} | {ratio['memory']:.2f} |")
    print("\nstages of the last run:")
    for name, found in stages.items():
        for stage in found:
            print(f"  {name}: {json.dumps(stage)}")


main()
