"""Measures a cluster of worker processes beside the embedded mode: same machine, data, tables and threads.

    cluster.py [--customers 2000000] [--runs 3] [--workers 2] [--memory 2G]
    cluster.py traffic [--customers 1000000 10000000] [--workers 2]

The first prints wall and CPU time and peak memory, alternating the two, and the bytes between coordinator and workers by stage. The second
runs a job with one k-means over data of several sizes and prints the bytes of its rounds. Needs built programs in target/release, nothing else.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BENCH = ROOT / "target/bench"
SEGMENTER = ROOT / "target/release/segmenter"
WORKER = ROOT / "target/release/segmenter-worker"


class Process:
    """A process whose own time and peak memory are measured."""

    def __init__(self, command, environment, stdout):
        self.started = time.monotonic()
        self.stderr = []
        self.child = subprocess.Popen(
            [str(part) for part in command], stdout=stdout, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment}
        )
        self.reader = threading.Thread(target=lambda: self.stderr.extend(self.child.stderr), daemon=True)
        self.reader.start()

    def event(self, name):
        while True:
            for line in list(self.stderr):
                if line.startswith("{") and json.loads(line).get("event") == name:
                    return json.loads(line)
            if self.child.poll() is not None:
                sys.exit("".join(self.stderr))
            time.sleep(0.005)

    def end(self):
        _, status, usage = os.wait4(self.child.pid, 0)
        self.child.returncode = os.waitstatus_to_exitcode(status)
        self.reader.join()
        if self.child.returncode != 0:
            sys.exit(f"exit {self.child.returncode}\n" + "".join(self.stderr))
        wall = time.monotonic() - self.started
        return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "memory": usage.ru_maxrss / 1024}


def data_of(customers):
    data = BENCH / f"data-{customers}"
    BENCH.mkdir(parents=True, exist_ok=True)
    if not (data / "job.toml").exists():
        shutil.rmtree(data, ignore_errors=True)
        subprocess.run([SEGMENTER, "synth", data, "--customers", str(customers)], check=True, stdout=subprocess.DEVNULL)
    return data


def run(job, data, name, workers, memory):
    """Runs the job; gives the figures of the coordinator and of all processes, and run.json."""
    out, scratch = BENCH / f"out-{name}", BENCH / "scratch"
    for folder in (out, scratch):
        shutil.rmtree(folder, ignore_errors=True)
    scratch.mkdir()
    environment = {"DATA": str(data), "OUT": str(out)}
    command = [SEGMENTER, "run", job, "--threads", 2, "--memory", memory, "--scratch", scratch]
    if workers:
        command += ["--listen", "127.0.0.1:0", "--workers", workers]
    with open(BENCH / "stdout", "w+") as stdout:
        coordinator = Process(command, environment, stdout)
        others = []
        if workers:
            url = coordinator.event("listening")["url"]
            share = f"{int(memory.removesuffix('G')) * 1024 // workers}M"
            others = [Process([WORKER, "--coordinator", url, "--threads", 1, "--memory", share], environment, subprocess.DEVNULL) for _ in range(workers)]
        own = coordinator.end()
        figures = [own] + [process.end() for process in others]
        stdout.seek(0)
        folder = pathlib.Path(stdout.read().strip().splitlines()[-1].removeprefix("file://"))
    total = {"wall": own["wall"], "cpu": sum(f["cpu"] for f in figures), "memory": max(f["memory"] for f in figures)}
    return own, total, json.loads((folder / "run.json").read_text())


def compare(options):
    data = data_of(options.customers[0])
    results = {"embedded": [], "cluster": []}
    for number in range(options.runs + 1):
        for name in results:
            own, total, record = run(HERE / "job.toml", data, name, options.workers if name == "cluster" else 0, options.memory)
            # The first round warms the page cache and is not counted.
            if number > 0:
                results[name].append((own, total, record))
            print(f"round {number} {name:<9} wall {own['wall']:6.2f} s  cpu {total['cpu']:6.2f} s  coordinator {own['memory']:5.0f} MB  largest {total['memory']:5.0f} MB", flush=True)

    def median(name, which, key):
        return statistics.median(result[which][key] for result in results[name])

    print(f"\n| median of {options.runs} | wall, s | CPU of all, s | coordinator's peak, MB | largest peak, MB |\n|---|---|---|---|---|")
    for name in results:
        print(f"| {name} | {median(name, 0, 'wall'):.2f} | {median(name, 1, 'cpu'):.2f} | {median(name, 0, 'memory'):.0f} | {median(name, 1, 'memory'):.0f} |")
    print(f"| ratio | {median('cluster', 0, 'wall') / median('embedded', 0, 'wall'):.2f} | {median('cluster', 1, 'cpu') / median('embedded', 1, 'cpu'):.2f} | | |")
    print("\n| stage | embedded, s | cluster, s | skew | to workers, kB | from workers, kB |\n|---|---|---|---|---|---|")
    embedded = {stage["stage"]: stage for stage in results["embedded"][-1][2]["stages"]}
    for stage in results["cluster"][-1][2]["stages"]:
        alone = embedded[stage["stage"]]["seconds"]
        print(f"| {stage['stage']} | {alone:.2f} | {stage['seconds']:.2f} | {stage['skew'] or ''} | {stage['sent_bytes'] / 1e3:.0f} | {stage['received_bytes'] / 1e3:.0f} |")


def traffic(options):
    print("| customers | shards | k-means rounds | to workers a round, bytes | from workers a round, bytes |\n|---|---|---|---|---|")
    for customers in options.customers:
        _, _, record = run(HERE / "traffic.toml", data_of(customers), "traffic", options.workers, options.memory)
        rounds = record["clustering"]["behaviour"]["rounds"]
        sent, received = rounds["sent_bytes"] / rounds["count"], rounds["received_bytes"] / rounds["count"]
        print(f"| {customers} | {record['shards']} | {rounds['count']} | {sent:.0f} | {received:.0f} |", flush=True)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("what", nargs="?", choices=["compare", "traffic"], default="compare")
    options.add_argument("--customers", type=int, nargs="+")
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--memory", default="2G")
    options = options.parse_args()
    options.customers = options.customers or ([2_000_000] if options.what == "compare" else [1_000_000, 10_000_000])
    compare(options) if options.what == "compare" else traffic(options)


main()
