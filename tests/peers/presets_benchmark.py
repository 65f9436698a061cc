"""All presets over orders together beside DuckDB and Polars: time and peak memory over the same Parquet files, and that all have the same results.

    python3 -m venv target/peers && target/peers/bin/pip install -r tests/benchmark/requirements.txt
    target/peers/bin/python tests/peers/presets_benchmark.py [--customers 2000000] [--runs 3] [--threads 2] [--memory 512M] [--data FOLDER]

`--customers 200000` has some 2 million lines, 2,000,000 some 20 million. Runs tests/benchmark/presets.toml (14 presets), and the same features written
anew in SQL (presets_benchmark/duckdb.sql) and in Polars (presets_benchmark/in_polars.py), alternating, each in a process of its own; the first
round warms the page cache and is not counted. Of segmenter counts what the stages before the segmentation take, of the others all from the
first read to the last table. CPU time is of the whole process, of segmenter with assignment, profiles and commit. Every column is compared: sums of
numbers to 1e-9, of decimals that are rounded a customer to half a ten-thousandth each, texts by how many customers have each. Exits 1 where one
differs.
"""

import argparse
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BENCH = ROOT / "target/bench"
HERE = pathlib.Path(__file__).resolve().parent / "presets_benchmark"
sys.path.insert(0, str(HERE))

# The mean and the middle of decimals are rounded at scale 4 here, and are doubles there.
ROUNDED = {"average_order_value", "basket_value_mean", "basket_value_median"}
TOLERANCE = 1e-9
# Stages that come behind the features.
LATER = ("fit", "assign", "measure", "commit")


def peak():
    """The peak of this process in MB."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))


def sums_of(db, tables):
    found = {}
    for table in tables:
        for name, kind, *_ in db.execute(f"describe {table}").fetchall():
            if name in ("customer_id", "last", "first") or name.startswith("customer_id"):
                continue
            if kind == "VARCHAR":
                rows = db.execute(f"select {name}, count(*) from {table} where {name} is not null group by 1").fetchall()
                found[name] = dict(rows)
            else:
                value = f"{name}::int" if kind == "BOOLEAN" else name
                found[name] = float(db.execute(f"select coalesce(sum({value}), 0) from {table}").fetchall()[0][0])
    return found


def in_duckdb(data, threads):
    import duckdb
    started = time.monotonic()
    db = duckdb.connect()
    db.execute(f"set threads = {threads}; set preserve_insertion_order = false; set timezone = 'UTC'; set temp_directory = '{BENCH}/duckdb'")
    db.execute((HERE / "duckdb.sql").read_text().replace("{data}", str(data)))
    wall, usage, most = time.monotonic() - started, resource.getrusage(resource.RUSAGE_SELF), peak()
    tables = [name for (name,) in db.execute("select table_name from information_schema.tables where table_type = 'BASE TABLE'").fetchall() if name != "days"]
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "memory": most, "sums": sums_of(db, tables), "version": duckdb.__version__}


def in_polars(data, threads):
    os.environ["POLARS_MAX_THREADS"] = str(threads)
    import polars
    import in_polars as side
    started = time.monotonic()
    tables = side.presets(data)
    wall, usage, most = time.monotonic() - started, resource.getrusage(resource.RUSAGE_SELF), peak()
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "memory": most, "sums": side.sums(tables), "version": polars.__version__}


def ours(options, data):
    import duckdb
    out, scratch = BENCH / "out-presets", BENCH / "scratch"
    for folder in (out, scratch):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    command = [options.segmenter, "run", ROOT / "tests/benchmark/presets.toml", "--threads", options.threads, "--memory", options.memory,
               "--scratch", scratch]
    environment = {**os.environ, "DATA": str(data), "OUT": str(out)}
    with open(BENCH / "stdout", "w+") as stdout, open(BENCH / "stderr", "w+") as stderr:
        child = subprocess.Popen([str(part) for part in command], env=environment, stdout=stdout, stderr=stderr)
        # wait4 gives this child's own peak, not the largest of all children so far.
        _, status, usage = os.wait4(child.pid, 0)
        stdout.seek(0), stderr.seek(0)
        printed, told = stdout.read(), stderr.read()
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"segmenter ended with {child.returncode}\n{told}")
    events = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    seconds = {event["stage"]: event["seconds"] for event in events if event["event"] == "stage"}
    wall = sum(took for stage, took in seconds.items() if not stage.startswith(LATER))
    folder = pathlib.Path(printed.strip().splitlines()[-1].removeprefix("file://"))
    db = duckdb.connect()
    db.execute(f"create view features as select * from read_parquet('{folder}/features/*.parquet')")
    # Who never bought is a prospect, and has no row on the other sides.
    sums = sums_of(db, ["features"])
    sums["lifecycle"].pop("prospect", None)
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "memory": usage.ru_maxrss / 1024, "sums": sums, "stages": seconds}


def differing(mine, other, customers):
    """Gives the columns in which two sides differ."""
    wrong = []
    for name in sorted(mine.keys() | other.keys()):
        a, b = mine.get(name), other.get(name)
        if a is None or b is None or isinstance(a, dict):
            same = a == b
        else:
            room = customers * 0.00005 if name in ROUNDED else TOLERANCE * max(abs(a), abs(b), 1.0)
            same = abs(a - b) <= room
        if not same:
            wrong.append(f"{name}: {a} here, {b} there")
    return wrong


def side_of(name, options, data):
    command = [sys.executable, __file__, "--side", name, "--threads", str(options.threads), "--data", str(data)]
    ran = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return json.loads(ran.stdout)


def data_of(options):
    if options.data:
        return options.data.resolve()
    data = BENCH / f"data-{options.customers}"
    if not (data / "job.toml").exists():
        shutil.rmtree(data, ignore_errors=True)
        subprocess.run([options.segmenter, "synth", data, "--customers", str(options.customers)], check=True, stdout=subprocess.DEVNULL)
    return data


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--customers", type=int, default=2_000_000)
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--memory", default="512M")
    options.add_argument("--data", type=pathlib.Path)
    options.add_argument("--segmenter", default=ROOT / "target/release/segmenter")
    options.add_argument("--side", choices=["duckdb", "polars"], help=argparse.SUPPRESS)
    options = options.parse_args()
    if options.side:
        side = {"duckdb": in_duckdb, "polars": in_polars}[options.side]
        return print(json.dumps(side(options.data, options.threads)))
    BENCH.mkdir(parents=True, exist_ok=True)
    data = data_of(options)
    results = {"segmenter": [], "duckdb": [], "polars": []}
    versions = {}
    for number in range(options.runs + 1):
        sums = {}
        for name in results:
            result = ours(options, data) if name == "segmenter" else side_of(name, options, data)
            sums[name] = result.pop("sums")
            versions[name] = result.pop("version", "")
            stages = result.pop("stages", {})
            if number > 0:
                results[name].append(result)
            shown = "  ".join(f"{key} {value:.2f}" for key, value in [*result.items(), *stages.items()])
            print(f"round {number} {name:<9} {shown}  load {os.getloadavg()[0]:.1f}", flush=True)
        customers = sum(sums["segmenter"]["lifecycle"].values())
        for name in ("duckdb", "polars"):
            wrong = differing(sums["segmenter"], sums[name], customers)
            if wrong:
                sys.exit(f"{name} differs:\n  " + "\n  ".join(wrong))
    print(f"{len(sums['segmenter'])} columns are equal for {customers} customers who bought\n")
    print(f"| {data.name}, {options.threads} threads, median of {options.runs} | wall, s | CPU of the process, s | peak, MB |\n|---|--:|--:|--:|")
    medians = {name: {key: statistics.median(run[key] for run in runs) for key in runs[0]} for name, runs in results.items() if runs}
    for name, of in medians.items():
        print(f"| {name} {versions[name]} | {of['wall']:.2f} | {of['cpu']:.2f} | {of['memory']:.0f} |")


main()
