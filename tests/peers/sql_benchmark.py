"""Features that are queries beside DuckDB: time and peak memory over the same Parquet files, and that both have the same sums.

    sql_benchmark.py [--customers 2000000] [--runs 3] [--threads 2] [--memory 512M] [--data FOLDER] [--segmenter target/release/segmenter]

Runs tests/benchmark/sql.toml (windows, distinct counts, medians) and the same three queries in DuckDB, alternating, each in a process of its
own; the first round warms the page cache and is not counted. Of segmenter counts what the stages partition and features take, of DuckDB all
from its connection to the last table: both read and filter the rows and keep the features, segmenter on the disk. CPU time is of the whole
process, of segmenter with assignment, profiles and commit. Needs the packages of
tests/benchmark/requirements.txt. Exits 1 where a sum differs.
"""

import argparse
import decimal
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import time

import duckdb

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BENCH = ROOT / "target/bench"
MEMORY_OF_DUCKDB = "2GB"

ROWS = """
create view orders as
select client_no as customer_id, order_no as order_id, ordered_at as time, quantity * unit_price - discount as amount
from read_parquet('{data}/orders/*.parquet')
where status <> 'cancelled' and client_no is not null and ordered_at < timestamptz '2026-01-01 00:00:00+00'
  and quantity * unit_price - discount is not null"""
QUERIES = {
    "flat": """
select customer_id, count(*) as lines, count(distinct order_id) as orders, sum(amount) as spent, avg(amount) as mean_line,
       max(time) as last_time, count(distinct cast(time as date)) as order_days
from orders group by customer_id""",
    "gaps": """
select customer_id, median(gap) as gap_days_median, max(gap) as gap_days_max
from (select customer_id, day - lag(day) over (partition by customer_id order by day) as gap
      from (select distinct customer_id, cast(time as date) as day from orders))
group by customer_id""",
    "latest": """
select customer_id, amount as last_amount, n as lines_seen
from (select customer_id, amount, row_number() over (partition by customer_id order by time desc, amount) as r,
             count(*) over (partition by customer_id) as n from orders)
where r = 1""",
}

# Times as seconds. The mean of DuckDB is a double, ours a decimal rounded half away from zero at scale 4: made here of sum and count.
MEAN = "((2 * abs(cast(spent * 10000 as hugeint)) + lines) // (2 * lines)) * sign(spent)"
SUMS = """
select count(*), sum(lines), sum(orders), sum(spent), sum({mean}), sum(cast(epoch(last_time) as hugeint)), sum(order_days),
       count(gap_days_median), sum(gap_days_median), sum(gap_days_max), sum(last_amount), sum(lines_seen)
from {table}"""


def peer(data, threads):
    """DuckDB's side, in a process of its own: prints its time and its sums."""
    started = time.monotonic()
    db = duckdb.connect()
    db.execute(f"set threads = {threads}; set memory_limit = '{MEMORY_OF_DUCKDB}'; set preserve_insertion_order = false; set timezone = 'UTC'; "
               f"set temp_directory = '{BENCH}/duckdb'")
    db.execute(ROWS.format(data=data))
    for name, query in QUERIES.items():
        db.execute(f"create table {name} as {query}")
    wall = time.monotonic() - started
    usage = resource.getrusage(resource.RUSAGE_SELF)
    # The peak is that of the queries: what the sums need comes behind.
    with open("/proc/self/status") as status:
        peak = next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
    joined = "(from flat left join gaps using (customer_id) left join latest using (customer_id))"
    sums = db.execute(SUMS.format(mean=MEAN, table=joined)).fetchall()[0]
    print(json.dumps({"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "memory": peak, "sums": [str(value) for value in sums]}))


def peer_of(data, threads):
    ran = subprocess.run([sys.executable, __file__, "--peer", data, "--threads", str(threads)], stdout=subprocess.PIPE, check=True)
    result = json.loads(ran.stdout)
    return result, [decimal.Decimal(value) for value in result.pop("sums")]


def ours(segmenter, data, threads, memory):
    out, scratch = BENCH / "out-sql", BENCH / "scratch"
    for folder in (out, scratch):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    command = [segmenter, "run", ROOT / "tests/benchmark/sql.toml", "--threads", threads, "--memory", memory, "--scratch", scratch]
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
    folder = pathlib.Path(printed.strip().splitlines()[-1].removeprefix("file://"))
    # Who only has rows that are not used has no row in DuckDB's tables.
    table = f"(select * replace (coalesce(lines, 0) as lines) from read_parquet('{folder}/features/*.parquet') where lines > 0)"
    mean = "cast(mean_line * 10000 as hugeint)"
    sums = duckdb.connect().execute(SUMS.format(mean=mean, table=table)).fetchall()[0]
    result = {"wall": seconds["partition"] + seconds["features"], "partition": seconds["partition"], "features": seconds["features"],
              "cpu": usage.ru_utime + usage.ru_stime, "memory": usage.ru_maxrss / 1024}
    return result, [decimal.Decimal(str(value)) for value in sums]


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
    options.add_argument("--peer", type=pathlib.Path, help=argparse.SUPPRESS)
    options = options.parse_args()
    if options.peer:
        return peer(options.peer, options.threads)
    BENCH.mkdir(parents=True, exist_ok=True)
    data = data_of(options)
    print(f"DuckDB {duckdb.__version__}, {data.name}; {options.threads} threads of {os.cpu_count()}", flush=True)
    results = {"segmenter": [], "duckdb": []}
    for number in range(options.runs + 1):
        sums = {}
        for name in results:
            if name == "segmenter":
                result, sums[name] = ours(options.segmenter, data, options.threads, options.memory)
            else:
                result, sums[name] = peer_of(data, options.threads)
            if number > 0:
                results[name].append(result)
            shown = "  ".join(f"{key} {value:.2f}" for key, value in result.items())
            print(f"round {number} {name:<9} {shown}  load {os.getloadavg()[0]:.1f}", flush=True)
        if sums["segmenter"] != sums["duckdb"]:
            sys.exit(f"the sums differ:\nsegmenter {sums['segmenter']}\nDuckDB    {sums['duckdb']}")
    print(f"sums are equal: {', '.join(str(value) for value in sums['segmenter'])}\n")
    medians = {name: {key: statistics.median(run[key] for run in runs) for key in runs[0]} for name, runs in results.items()}
    us, them = medians["segmenter"], medians["duckdb"]
    print(f"| median of {options.runs} | wall, s | CPU of the process, s | peak, MB |\n|---|---|---|---|")
    print(f"| segmenter, partition {us['partition']:.2f} + features {us['features']:.2f} | {us['wall']:.2f} | {us['cpu']:.2f} | {us['memory']:.0f} |")
    print(f"| DuckDB | {them['wall']:.2f} | {them['cpu']:.2f} | {them['memory']:.0f} |")
    print(f"| ratio | {us['wall'] / them['wall']:.2f} | {us['cpu'] / them['cpu']:.2f} | {us['memory'] / them['memory']:.2f} |")


main()
