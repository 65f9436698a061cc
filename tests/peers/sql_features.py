"""Features that are queries beside DuckDB: presets and queries of one's own over real and made data, value by value.

    python3 -m venv target/peers && target/peers/bin/pip install -r tests/benchmark/requirements.txt
    target/peers/bin/python tests/peers/sql_features.py ../shared/data [--segmenter target/release/segmenter] [NAME …]

Runs the jobs of tests/peers/sql_features/ (`synth` on data that it makes), computes the same with the SQL beside each job, written anew
in another way over the same rows, and compares each customer's every value. Whole numbers, decimals, texts, dates and times must be equal;
doubles may differ by 1e-12 of the larger, skewness and correlation by 1e-12. Every column of `features/` must be compared. Exits 1 on any difference.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib

import duckdb

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HERE = pathlib.Path(__file__).resolve().parent / "sql_features"
TOLERANCE = 1e-12
SHOWN = 5

# What DuckDB computes in another way, or in floating point, from exact sums of whole numbers. Each is rounded once or twice.
#   quantile_cont of decimals cuts to their scale, ours is rounded half away from zero at scale 4; so is the mean of decimals.
#   skewness and corr of DuckDB lose digits where sums nearly cancel; skewness is the adjusted one of Fisher and Pearson in both.
#   mode takes one of several values in the order of rows, ours the smallest: the queries count and choose.
MACROS = """
create macro units(x) as (x * 10000)::hugeint;
create macro round_div(a, b) as if(a < 0, -((2 * -a + b) // (2 * b)), (2 * a + b) // (2 * b));
create macro money(a) as (a::decimal(34, 0) * 0.0001::decimal(4, 4))::decimal(38, 4);
-- A quantile p / q of a sorted list, times q.
create macro quantile_times(xs, p, q) as
    xs[(len(xs) - 1) * p // q + 1] * (q - (len(xs) - 1) * p % q)
    + ifnull(xs[(len(xs) - 1) * p // q + 2], 0) * ((len(xs) - 1) * p % q);
create macro quantile_money(xs, p, q) as money(round_div(quantile_times(xs, p, q), q));
create macro quantile_whole(xs, p, q) as quantile_times(xs, p, q) / q;
create macro deviation(n, s, s2) as case when n > 1 then sqrt((n * s2 - s * s) / (n::hugeint * (n - 1))) end;
create macro skew(n, s, s2, s3) as case when n > 2 and n * s2 > s * s then
    (n::hugeint * n * s3 - 3 * n * s * s2 + 2 * s * s * s) / pow(n * s2 - s * s, 1.5) * sqrt(n * (n - 1)) / (n - 2) end;
create macro correlation(n, x, y, xx, yy, xy) as case when n * xx > x * x and n * yy > y * y then
    (n * xy - x * y) / (sqrt(n * xx - x * x) * sqrt(n * yy - y * y)) end;
create macro bits(counts) as -list_sum([c / list_sum(counts) * log2(c / list_sum(counts)) for c in counts]);
"""


def run(segmenter, job, data, out):
    environment = {**os.environ, "DATA": str(data), "OUT": str(out)}
    ran = subprocess.run([segmenter, "run", job], env=environment, capture_output=True, text=True)
    if ran.returncode != 0:
        sys.exit(f"{job}: exit {ran.returncode}\n{ran.stderr}")
    return pathlib.Path(ran.stdout.strip().splitlines()[-1].removeprefix("file://"))


def families_of(text):
    """Gives name, defaults and query of each family of a file, and what stands before the first."""
    head, *parts = re.split(r"^-- family: ", text, flags=re.MULTILINE)
    families = []
    for part in parts:
        line, query = part.split("\n", 1)
        name, _, defaults = line.partition(";")
        families.append((name, dict(default.split() for default in defaults.split(",") if default), query))
    return head, families


def differs(column, kind, ours, theirs):
    """Gives the relative difference of two values; infinity where they have to be equal and are not."""
    if ours == theirs:
        return 0.0
    if kind != "DOUBLE" or ours is None or theirs is None:
        return float("inf")
    # Around 0 the terms of skewness and correlation cancel: what is left is rounding of terms that are about 1.
    scale = 1.0 if column.endswith(("_skewness", "_corr")) else 0.0
    return abs(ours - theirs) / max(abs(ours), abs(theirs), scale)


def compare(db, kinds, name, defaults, query):
    """Compares a family's columns; gives how many customers, values and values that are not null there are, the largest difference, and
    what differs."""
    db.sql(f"create or replace table theirs as {query}")
    columns = [row[0] for row in db.sql("describe theirs").fetchall() if row[0] != "id"]
    missing = [column for column in columns if column not in kinds]
    if missing:
        sys.exit(f"{name}: the run has no {missing}")
    # A customer has one row at most in what DuckDB computed, else the join below would hide it.
    if db.sql("select count(*) - count(distinct id) from theirs").fetchall() != [(0,)]:
        sys.exit(f"{name}: several rows of a customer")
    ours = ", ".join(f"ours.{column}" for column in columns)
    theirs = ", ".join(
        f"case when theirs.id is null then {defaults[column]} else theirs.{column} end" if column in defaults else f"theirs.{column}"
        for column in columns)
    rows = db.sql(f"select id, {ours}, {theirs} from population left join theirs using (id) left join ours using (id) order by id").fetchall()
    largest, known, wrong = 0.0, 0, []
    for customer, *values in rows:
        for column, mine, other in zip(columns, values, values[len(columns):]):
            difference = differs(column, kinds[column], mine, other)
            known += mine is not None
            largest = max(largest, difference)
            if difference > TOLERANCE:
                wrong.append(f"{customer}: {column} is {mine!r}, DuckDB has {other!r}")
    return columns, len(rows), known, largest, wrong


def check(name, segmenter, data, out):
    job = HERE / f"{name}.toml"
    settings = tomllib.loads(job.read_text())
    folder = run(segmenter, job, data, out)
    db = duckdb.connect()
    db.sql(MACROS)
    db.sql(f"set variable as_of = timestamp '{settings['as_of']}'")
    # Times are compared as the clocks of the job's time zone show them.
    zone = settings.get("timezone", "UTC")
    db.sql(f"set timezone = '{zone}'")
    key = f"{settings.get('unit', 'customer')}_id"
    db.sql(f"create table ours as select {key} as id, * exclude ({key}) from '{folder}/features/*.parquet'")
    kinds = {column: kind for column, kind, *_ in db.sql("describe ours").fetchall() if column != "id"}
    for column, kind in kinds.items():
        if kind == "TIMESTAMP WITH TIME ZONE":
            db.sql(f"alter table ours alter {column} type timestamp using timezone('{zone}', {column})")
    rows, own = families_of((HERE / f"{name}.sql").read_text().replace("'DATA/", f"'{data}/"))
    # Presets over orders, which all have but the job over companies.
    _, presets = families_of((HERE / "presets.sql").read_text()) if "unit" not in settings else ("", [])
    db.sql(rows)
    others = db.sql("select count(*) from (select id from ours) full join population using (id) "
                    "where id not in (select id from ours) or id not in (select id from population)").fetchall()[0][0]
    if others:
        sys.exit(f"{name}: {others} customers are only in one of the two")
    compared, failed = set(), False
    for family, defaults, query in presets + own:
        columns, customers, known, largest, wrong = compare(db, kinds, family, defaults, query)
        compared.update(columns)
        print(f"| {name} | {family} | {customers} | {customers * len(columns)} | {known} | {largest:.1e} |", flush=True)
        for line in wrong[:SHOWN]:
            print(f"  {line}")
        if wrong:
            print(f"  {len(wrong)} values differ")
            failed = True
    if compared != set(kinds):
        sys.exit(f"{name}: not compared: {sorted(set(kinds) - compared)}")
    return failed


def main():
    options = argparse.ArgumentParser()
    options.add_argument("data", type=pathlib.Path)
    options.add_argument("names", nargs="*")
    options.add_argument("--segmenter", default=ROOT / "target/release/segmenter")
    options = options.parse_intermixed_args()
    print(f"DuckDB {duckdb.__version__}\n\n| data | family | customers | values | not null | largest difference |\n|---|---|--:|--:|--:|--:|")
    failed = False
    for job in sorted(HERE.glob("*.toml")):
        if options.names and job.stem not in options.names:
            continue
        with tempfile.TemporaryDirectory() as folder:
            data = options.data.resolve()
            if job.stem == "synth":
                data = pathlib.Path(folder) / "data"
                subprocess.run([options.segmenter, "synth", data, "--customers", "20000"], check=True, capture_output=True)
            failed |= check(job.stem, options.segmenter, data, pathlib.Path(folder) / "out")
    sys.exit(1 if failed else 0)


main()
