"""What segments are worth beside SciPy: every value, interval, p and q of effectiveness.parquet, over real orders.

    python3 -m venv target/peers && target/peers/bin/pip install -r tests/benchmark/requirements.txt
    target/peers/bin/python tests/peers/effectiveness.py ../shared/data [--segmenter target/release/segmenter]

Runs deploy/examples/online_retail.toml as of 2011-09-01 with an outcome window of 90 days and metrics of one's own. What customers bought in
the window and before it is computed by DuckDB from the file again, and the rest by SciPy: Student, Welch, Wilson, Clopper and Pearson, the
pooled z test, Fisher, and Benjamini and Hochberg. Exits 1 where a figure differs by more than 1e-9 of the larger, or a null is none.
"""

import argparse
import math
import os
import pathlib
import subprocess
import sys
import tempfile

import duckdb
import numpy
from scipy import stats

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
JOB = ROOT / "deploy/examples/online_retail.toml"
AS_OF, DAYS = "2011-09-01", 90
OUTCOME = f"""
[effectiveness]
outcome = "{DAYS}d"
[[effectiveness.metric]]
name  = "pieces"
kind  = "mean"
query = "select customer_id, sum(quantity) as value from transactions group by customer_id"
[[effectiveness.metric]]
name  = "price"
kind  = "ratio"
query = "select customer_id, sum(amount) as value, sum(quantity) as per from transactions group by customer_id"
[[effectiveness.metric]]
name  = "mugs"
kind  = "rate"
query = "select customer_id, count(*) filter (where product_id = '22423') as value from transactions group by customer_id"
"""
TOLERANCE = 1e-9
LEVEL = 0.95

BOUGHT = """
with lines as (
  select cast(cast(CustomerID as bigint) as text) as id, InvoiceNo as order_no, InvoiceDate as time, Quantity as quantity, StockCode as product,
         round(cast(Quantity as decimal(18, 4)) * cast(UnitPrice as decimal(18, 4)), 4) as amount
  from read_parquet(?) where CustomerID is not null and Quantity > 0 and UnitPrice > 0)
select id, count(distinct order_no) filter (in_window)::double as orders, coalesce(sum(amount) filter (in_window), 0)::double as revenue,
       count(distinct order_no) filter (before)::double as orders_before, coalesce(sum(quantity) filter (in_window), 0)::double as pieces,
       count(*) filter (in_window and product = '22423')::double as mugs
from (select *, time >= ?::timestamp and time < ?::timestamp + to_days(?) as in_window,
             time < ?::timestamp and time >= ?::timestamp - to_days(?) as before from lines)
group by id
"""


def run(segmenter, job, data, out):
    environment = {**os.environ, "DATA": str(data), "OUT": str(out)}
    ran = subprocess.run([segmenter, "run", job], env=environment, capture_output=True, text=True)
    if ran.returncode != 0:
        sys.exit(f"{job}: exit {ran.returncode}\n{ran.stderr}")
    return pathlib.Path(ran.stdout.strip().splitlines()[-1].removeprefix("file://"))


def share(count, of):
    return count / of if of else None


def of_shares(own, rest):
    """Gives the interval of a share and the p-value beside another: so many of so many."""
    (a, n), (b, m) = own, rest
    if n == 0:
        return None, None
    interval = stats.binomtest(a, n).proportion_ci(LEVEL, "wilson" if min(a, n - a) >= 12 else "exact")
    counted, everybody = a + b, n + m
    if m == 0 or counted in (0, everybody):
        return interval, None
    if min(counted, everybody - counted) * min(n, m) / everybody < 5:
        return interval, stats.fisher_exact([[a, n - a], [b, m - b]])[1]
    pooled = counted / everybody
    z = (a / n - b / m) / math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    return interval, 2 * stats.norm.sf(abs(z))


def of_means(own, rest):
    """Gives the interval of a mean and Welch's p-value."""
    if len(own) < 2 or numpy.ptp(own) == 0:
        return None, None
    interval = stats.t.interval(LEVEL, len(own) - 1, numpy.mean(own), stats.sem(own))
    if len(rest) < 2 or numpy.ptp(rest) == 0:
        return interval, None
    return interval, stats.ttest_ind(own, rest, equal_var=False).pvalue


def of_ratios(own, rest):
    """Gives the interval of a ratio of sums and the p-value of Welch, with the residuals of each (the delta method)."""

    def estimate(top, bottom):
        if len(top) < 2:
            return None
        ratio = top.sum() / bottom.sum()
        z = top - ratio * bottom
        variance = len(z) * (z @ z) / (len(z) - 1) / bottom.sum() ** 2
        return (ratio, variance, len(z) - 1) if variance > 0 else None

    own, rest = estimate(*own), estimate(*rest)
    if own is None:
        return None, None
    half = stats.t.ppf((1 + LEVEL) / 2, own[2]) * math.sqrt(own[1])
    interval = (own[0] - half, own[0] + half)
    if rest is None:
        return interval, None
    variance = own[1] + rest[1]
    degrees = variance**2 / (own[1] ** 2 / own[2] + rest[1] ** 2 / rest[2])
    return interval, 2 * stats.t.sf(abs(own[0] - rest[0]) / math.sqrt(variance), degrees)


def expected(own, rest):
    """Gives value, interval and p by metric, of customers as columns of numbers."""

    def count(of, truth):
        return int(truth(of).sum())

    def shares(counted, among):
        pairs = [(count(of, lambda of: counted(of) & among(of)), count(of, among)) for of in (own, rest)]
        return share(*pairs[0]), *of_shares(*pairs)

    buys = lambda of: of["orders"] > 0
    bought_before = lambda of: of["orders_before"] > 0
    everybody = lambda of: numpy.ones(len(of["orders"]), bool)
    buyers = [{name: values[buys(of)] for name, values in of.items()} for of in (own, rest)]
    ratios = [(of["revenue"], of["orders"]) for of in buyers]
    prices = [(of["revenue"], of["pieces"]) for of in (own, rest)]
    mean = lambda values: values.mean() if len(values) else None
    ratio = lambda top, bottom: top.sum() / bottom.sum() if bottom.sum() > 0 else None
    return {
        "customers": (float(len(own["orders"])), None, None),
        "active": (float(count(own, buys)), None, None),
        "orders": (own["orders"].sum(), None, None),
        "revenue": (own["revenue"].sum(), None, None),
        "revenue_per_customer": (mean(own["revenue"]), *of_means(own["revenue"], rest["revenue"])),
        "average_order_value": (ratio(*ratios[0]), *of_ratios(*ratios)),
        "conversion": shares(buys, everybody),
        "repeat_rate": shares(lambda of: of["orders"] > 1, buys),
        "retention": shares(buys, bought_before),
        "churn": shares(lambda of: ~buys(of), bought_before),
        "pieces": (mean(own["pieces"]), *of_means(own["pieces"], rest["pieces"])),
        "price": (ratio(*prices[0]), *(of_ratios(*prices) if prices[0][1].sum() > 0 else (None, None))),
        "mugs": shares(lambda of: of["mugs"] > 0, everybody),
    }


def same(ours, theirs):
    if ours is None or theirs is None or math.isnan(ours) or math.isnan(theirs):
        return (ours is None or math.isnan(ours)) and (theirs is None or math.isnan(theirs))
    return abs(ours - theirs) <= TOLERANCE * max(abs(ours), abs(theirs), 1e-300)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--segmenter", default=str(ROOT / "target/release/segmenter"))
    arguments = parser.parse_args()
    compared, wrong = 0, []
    with tempfile.TemporaryDirectory() as scratch:
        job = pathlib.Path(scratch) / "job.toml"
        job.write_text(JOB.read_text().replace('"2011-12-10"', f'"{AS_OF}"', 1) + OUTCOME)
        folder = run(arguments.segmenter, str(job), arguments.data.resolve(), scratch)
        orders = str(arguments.data / "online_retail/online_retail_2010_2011.parquet")
        database = duckdb.connect()
        bought = database.execute(BOUGHT, [orders, AS_OF, AS_OF, DAYS, AS_OF, AS_OF, DAYS]).fetchnumpy()
        known = {id: row for row, id in enumerate(bought["id"])}
        columns = {name: numpy.asarray(values, dtype=float) for name, values in bought.items() if name != "id"}
        found = database.execute(f"select * from read_parquet('{folder}/effectiveness.parquet') where basis = 'outcome'")
        names = [column[0] for column in found.description]
        table = {tuple(row[:3]): dict(zip(names, row)) for row in found.fetchall()}
        for segmentation in sorted({key[0] for key in table}):
            parts = f"{folder}/assignments/{segmentation}/*.parquet"
            assigned = database.execute(f"select customer_id, segment_key from read_parquet('{parts}')").fetchall()
            p_values, q_values = [], []
            for key in sorted({key for _, key in assigned} - {"out_of_scope"}):
                rows = [numpy.array([known[id] for id, own in assigned if (own == key) == is_own and own != "out_of_scope"], int) for is_own in (True, False)]
                own, rest = [{name: values[chosen] for name, values in columns.items()} for chosen in rows]
                for metric, (value, interval, p_value) in expected(own, rest).items():
                    row = table[segmentation, key, metric]
                    low, high = interval if interval is not None else (None, None)
                    for column, theirs in [("value", value), ("ci_low", low), ("ci_high", high), ("p_value", p_value)]:
                        compared += 1
                        if not same(row[column], None if theirs is None else float(theirs)):
                            wrong.append(f"{segmentation} {key} {metric} {column}: {row[column]} and {theirs}")
                    if p_value is not None:
                        p_values.append(float(p_value))
                        q_values.append((key, metric, row["q_value"], row["tests"]))
            for (key, metric, ours, tests), theirs in zip(q_values, stats.false_discovery_control(p_values)):
                compared += 1
                if not same(ours, theirs) or tests != len(p_values):
                    wrong.append(f"{segmentation} {key} {metric} q_value: {ours} and {theirs} of {len(p_values)} tests, told {tests}")
    print(f"{compared} figures compared, {len(wrong)} differ", *wrong[:20], sep="\n")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
