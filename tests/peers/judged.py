"""Who comes back, and what experiments did, beside lifelines, tea-tasting, SciPy and DuckDB, over real orders.

    python3 -m venv target/peers && target/peers/bin/pip install -r tests/benchmark/requirements.txt
    target/peers/bin/python tests/peers/judged.py ../shared/data [--segmenter target/release/segmenter]

Runs deploy/examples/online_retail.toml as of 2011-09-01 with an outcome window of 90 days and an experiment whose arms follow from the
customers' numbers. What customers bought, and when, is computed by DuckDB from the file again; curves with their intervals and medians by
lifelines; means, adjusted means and their intervals by tea-tasting; shares, relative differences, sizes of arms and heterogeneity by SciPy;
the share that segments explain by numpy. Exits 1 where a figure differs by more than 1e-9 of the larger, or a null is none.
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
import pandas
import tea_tasting
from lifelines import KaplanMeierFitter
from scipy import stats

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
JOB = ROOT / "deploy/examples/online_retail.toml"
AS_OF, DAYS = "2011-09-01", 90
START, END = "2011-09-05", "2011-10-20"
LENGTH = 45
JUDGED = f"""
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
[[effectiveness.experiment]]
name       = "autumn"
arms       = "arm"
control    = "rest"
shares     = {{ rest = 0.6, some = 0.4 }}
randomised = true
start      = "{START}"
end        = "{END}"
metrics    = ["revenue_per_customer", "conversion", "average_order_value", "repeat_rate", "pieces", "price"]
[[source]]
name  = "arms"
kind  = "customers"
uri   = "${{OUT}}/arms.csv"
[source.columns]
customer_id = "id"
arm         = "arm"
"""
TOLERANCE = 1e-9
LEVEL = 0.95
LINES = """
create table lines as
select cast(cast(CustomerID as bigint) as text) as id, InvoiceNo as order_no, InvoiceDate as time, Quantity as quantity,
       round(cast(Quantity as decimal(18, 4)) * cast(UnitPrice as decimal(18, 4)), 4) as amount
from read_parquet(?) where CustomerID is not null and Quantity > 0 and UnitPrice > 0
"""
WINDOW = """
select id, count(distinct order_no) filter (inside)::double as orders, coalesce(sum(amount) filter (inside), 0)::double as revenue,
       coalesce(sum(quantity) filter (inside), 0)::double as pieces
from (select *, time >= ?::timestamp and time < ?::timestamp as inside from lines) group by id
"""
GAPS = """
select id, day - before as gap from (
  select id, day, lag(day) over (partition by id order by day) as before
  from (select distinct id, time::date as day from lines where time < ?::timestamp)) where before is not null
"""
COHORTS = """
with own as (select id, date_trunc('month', time)::date as month, amount from lines where time < ?::timestamp),
     first as (select id, min(month) as cohort from own group by id)
select cohort::text as cohort, datediff('month', cohort, month) as since, count(distinct own.id) as active, sum(amount)::double as revenue
from own join first using (id) group by all
"""


def run(segmenter, job, data, out):
    environment = {**os.environ, "DATA": str(data), "OUT": str(out)}
    ran = subprocess.run([segmenter, "run", job], env=environment, capture_output=True, text=True)
    if ran.returncode != 0:
        sys.exit(f"{job}: exit {ran.returncode}\n{ran.stderr}")
    return pathlib.Path(ran.stdout.strip().splitlines()[-1].removeprefix("file://"))


class Compared:
    def __init__(self):
        self.count, self.wrong = 0, []

    def same(self, what, ours, theirs):
        self.count += 1
        missing = pandas.isna
        if missing(ours) or missing(theirs):
            equal = missing(ours) and missing(theirs)
        else:
            equal = abs(float(ours) - float(theirs)) <= TOLERANCE * max(abs(float(ours)), abs(float(theirs)), 1e-300)
        if not equal:
            self.wrong.append(f"{what}: {ours} and {theirs}")


def curves(compared, table, segmentation, groups, times):
    """Compares curves; `groups` are ids by key (none: all), `times` has of each id durations and whether they ended."""
    for key, ids in groups.items():
        own = table[(table.segmentation == segmentation) & (table.segment_key.isna() if key is None else table.segment_key == key)]
        for basis, of in times.items():
            rows = own[own.basis == basis].sort_values("day")
            pairs = [pair for id in ids for pair in of.get(id, [])]
            if len(rows) == 1 and rows.iloc[0].day == 0:
                continue
            fitted = KaplanMeierFitter(alpha=1 - LEVEL).fit(*map(numpy.array, zip(*pairs)))
            events, bands = fitted.event_table, fitted.confidence_interval_
            told = events[events.observed > 0].index.union([events.index.max()])
            compared.same(f"{segmentation} {key} {basis} rows", len(rows), len(told))
            median = fitted.median_survival_time_
            for row in rows.itertuples():
                what = f"{segmentation} {key} {basis} {row.day}"
                compared.same(what + " at_risk", row.at_risk, events.at_risk[row.day])
                compared.same(what + " not_yet", row.not_yet, fitted.survival_function_at_times(row.day).iloc[0])
                compared.same(what + " median", row.median_days, None if math.isinf(median) else median)
                if basis == "outcome" and 0 < row.not_yet < 1:
                    compared.same(what + " low", row.ci_low, bands.loc[row.day].iloc[0])
                    compared.same(what + " high", row.ci_high, bands.loc[row.day].iloc[1])


def of_shares(own, rest):
    (a, n), (b, m) = own, rest
    (low_a, high_a), (low_b, high_b) = (stats.binomtest(x, k).proportion_ci(LEVEL, "wilson") for x, k in (own, rest))
    p, q = a / n, b / m
    z = stats.norm.ppf((1 + LEVEL) / 2)
    difference = p - q
    pooled = (a + b) / (n + m)
    smallest = min(a + b, n + m - a - b) * min(n, m) / (n + m)
    tested = 2 * stats.norm.sf(abs(difference) / math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m)))
    error = math.sqrt(1 / a - 1 / n + 1 / b - 1 / m) if 0 < a < n and 0 < b < m else None
    return {
        "value": p, "control_value": q, "difference": difference,
        "ci_low": difference - math.hypot(p - low_a, high_b - q), "ci_high": difference + math.hypot(high_a - p, q - low_b),
        "relative": p / q - 1 if b else None,
        "relative_low": p / q * math.exp(-z * error) - 1 if error else None,
        "relative_high": p / q * math.exp(z * error) - 1 if error else None,
        "p_value": tested if smallest >= 5 else stats.fisher_exact([[a, n - a], [b, m - b]])[1],
        "smallest_difference": (z + stats.norm.ppf(0.8)) * math.sqrt(p * (1 - p) / n + q * (1 - q) / m),
        "variance": pooled * (1 - pooled) * (1 / n + 1 / m) if smallest >= 5 else 0,
    }


def of_estimates(own, rest):
    """Welch and Fieller of estimates: value, squared error, degrees of freedom."""
    (a, va, da), (b, vb, db) = own, rest
    variance = va + vb
    degrees = variance**2 / (va**2 / da + vb**2 / db)
    t = stats.t.ppf((1 + LEVEL) / 2, degrees)
    below = b * b - t * t * vb
    root = math.sqrt((a * b) ** 2 - (a * a - t * t * va) * below) if below > 0 else None
    z = stats.norm.ppf((1 + LEVEL) / 2) + stats.norm.ppf(0.8)
    return {
        "value": a, "control_value": b, "difference": a - b,
        "ci_low": a - b - t * math.sqrt(variance), "ci_high": a - b + t * math.sqrt(variance),
        "relative": a / b - 1 if b > 0 else None,
        "relative_low": (a * b - root) / below - 1 if root is not None and b > 0 else None,
        "relative_high": (a * b + root) / below - 1 if root is not None and b > 0 else None,
        "p_value": 2 * stats.t.sf(abs(a - b) / math.sqrt(variance), degrees),
        "smallest_difference": z * math.sqrt(variance), "variance": variance,
    }


def of_mean(values):
    return values.mean(), values.var(ddof=1) / len(values), len(values) - 1


def of_ratio(top, bottom):
    ratio = top.sum() / bottom.sum()
    z = top - ratio * bottom
    return ratio, len(z) * (z @ z) / (len(z) - 1) / bottom.sum() ** 2, len(z) - 1


def adjusted(own, rest, value, before):
    """tea-tasting's CUPED of two arms."""
    frame = pandas.DataFrame({
        "variant": [1] * len(own) + [0] * len(rest),
        "value": numpy.concatenate([own[value], rest[value]]), "before": numpy.concatenate([own[before], rest[before]]),
    })
    metric = tea_tasting.Mean("value", covariate="before", confidence_level=LEVEL, equal_var=False)
    found = tea_tasting.Experiment(metric=metric, plain=tea_tasting.Mean("value", confidence_level=LEVEL)).analyze(frame, control=0)
    of = found["metric"]
    return {"adjusted_difference": of.effect_size, "adjusted_low": of.effect_size_ci_lower, "adjusted_high": of.effect_size_ci_upper}, found["plain"]


def experiment(compared, table, customers, keys):
    arms = table.iloc[0]
    sizes = [(customers.arm == arm).sum() for arm in ("rest", "some")]
    expected = [sum(sizes) * share for share in (0.6, 0.4)]
    compared.same("sample ratio", arms.sample_ratio_p, stats.chisquare(sizes, expected).pvalue)
    differences = {}
    for row in table.itertuples():
        members = customers if pandas.isna(row.segment_key) else customers[customers.index.map(keys) == row.segment_key]
        own, rest = (members[members.arm == arm] for arm in (row.arm, row.control))
        what = f"experiment {row.segment_key} {row.metric}"
        compared.same(what + " assigned", row.assigned, len(own))
        bought = [int((of.orders > 0).sum()) for of in (own, rest)]
        shown = bought if row.metric in ("average_order_value", "repeat_rate") else [len(own), len(rest)]
        if min(shown) < 20:
            compared.same(what + " few", row.value, None)
            continue
        more = {}
        if row.metric in ("conversion", "repeat_rate"):
            among = (own, rest) if row.metric == "conversion" else (own[own.orders > 0], rest[rest.orders > 0])
            if not all(map(len, among)):
                compared.same(what, row.value, None)
                continue
            least = 0 if row.metric == "conversion" else 1
            said = of_shares(*((int((of.orders > least).sum()), len(of)) for of in among))
        elif row.metric in ("average_order_value", "price"):
            top, bottom = ("revenue", "orders") if row.metric == "average_order_value" else ("revenue", "pieces")
            among = (own[own.orders > 0], rest[rest.orders > 0]) if row.metric == "average_order_value" else (own, rest)
            if not all(len(of) > 1 for of in among) or not all(of[bottom].sum() > 0 for of in among):
                continue
            said = of_estimates(*(of_ratio(of[top].to_numpy(), of[bottom].to_numpy()) for of in among))
        else:
            value = {"revenue_per_customer": "revenue", "pieces": "pieces"}[row.metric]
            if any(of[value].var() == 0 for of in (own, rest)):
                continue
            if any(0 < (of[value] <= 0).sum() and (of[value] > 0).sum() < 100 for of in (own, rest)):
                compared.same(what + " few above 0", row.ci_low, None)
                compared.same(what + " few above 0, adjusted", row.adjusted_low, None)
                continue
            said = of_estimates(of_mean(own[value]), of_mean(rest[value]))
            more, plain = adjusted(own, rest, value, value + "_before")
            for name, theirs in (("difference", plain.effect_size), ("ci_low", plain.effect_size_ci_lower), ("p_value", plain.pvalue)):
                compared.same(f"{what} {name} of tea-tasting", getattr(row, name), theirs)
        if not pandas.isna(row.segment_key) and said["variance"] > 0:
            differences.setdefault((row.metric, row.heterogeneity, row.heterogeneity_p), []).append((said["difference"], said["variance"]))
        for name, theirs in {**said, **more}.items():
            if name != "variance":
                compared.same(f"{what} {name}", getattr(row, name), theirs)
    for (metric, q, p), known in differences.items():
        if len(known) > 1:
            d, v = map(numpy.array, zip(*known))
            mean = (d / v).sum() / (1 / v).sum()
            theirs = ((d - mean) ** 2 / v).sum()
            compared.same(f"heterogeneity of {metric}", q, theirs)
            compared.same(f"heterogeneity of {metric} p", p, stats.chi2.sf(theirs, len(known) - 1))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--segmenter", default=str(ROOT / "target/release/segmenter"))
    arguments = parser.parse_args()
    compared = Compared()
    database = duckdb.connect()
    database.execute(LINES, [str(arguments.data / "online_retail/online_retail_2010_2011.parquet")])
    with tempfile.TemporaryDirectory() as scratch:
        ids = [id for (id,) in database.execute("select distinct id from lines order by id").fetchall()]
        rows = "".join(f"{id},{'some' if int(id) * 7919 % 100 < 41 else 'rest'}\n" for id in ids if int(id) % 13)
        (pathlib.Path(scratch) / "arms.csv").write_text("id,arm\n" + rows)
        job = pathlib.Path(scratch) / "job.toml"
        text = JOB.read_text().replace('"2011-12-10"', f'"{AS_OF}"', 1).replace("[features]", "[population]\nexclude_list = { uri = \"${OUT}/late.csv\", customer_id = \"id\" }\n[features]")
        late = database.execute("select id from lines group by id having min(time) >= ?::timestamp", [AS_OF]).fetchall()
        (pathlib.Path(scratch) / "late.csv").write_text("id\n" + "".join(f"{id}\n" for (id,) in late))
        job.write_text(text + JUDGED)
        folder = run(arguments.segmenter, str(job), arguments.data.resolve(), scratch)
        read = lambda name: database.execute(f"select * from read_parquet('{folder}/{name}')").df()
        tables = {name: read(f"{name}.parquet") for name in ("repeat_curve", "cohorts", "experiments", "scorecard", "segments")}
        assigned = {name: read(f"assignments/{name}/*.parquet").set_index("customer_id").segment_key for name in ("value", "behaviour")}

    window = lambda start, end: database.execute(WINDOW, [start, end]).df().set_index("id")
    end_of_window = str(pandas.Timestamp(AS_OF) + pandas.Timedelta(days=DAYS))
    first = database.execute(
        "select id, (min(time)::date - ?::date) + 1 as day from lines where time >= ?::timestamp and time < ?::timestamp group by id",
        [AS_OF, AS_OF, end_of_window]).df().set_index("id").day.to_dict()
    gaps, last = {}, database.execute("select id, ?::date - max(time)::date as open from lines where time < ?::timestamp group by id",
                                      [AS_OF, AS_OF]).df().set_index("id").open.to_dict()
    for id, gap in database.execute(GAPS, [AS_OF]).fetchall():
        gaps.setdefault(id, []).append((gap, True))
    for id, left in last.items():
        gaps.setdefault(id, []).append((left, False))
    population = list(assigned["value"].index)
    times = {"outcome": {id: [(first[id], True) if id in first else (DAYS, False)] for id in population}, "in_sample": gaps}
    for name, keys in assigned.items():
        groups = {None: population, **{key: list(keys.index[keys == key]) for key in keys.unique()}}
        curves(compared, tables["repeat_curve"], name, groups, times)

    theirs = {(row[0], row[1]): row for row in database.execute(COHORTS, [AS_OF]).fetchall()}
    for row in tables["cohorts"].itertuples():
        if not pandas.isna(row.active):
            found = theirs.get((str(row.cohort)[:10], row.months_since))
            compared.same(f"cohort {row.cohort} {row.months_since}", row.active, found[2] if found else 0)
            if not pandas.isna(row.revenue):
                compared.same(f"revenue of cohort {row.cohort} {row.months_since}", row.revenue, found[3] if found else 0)

    after = window(AS_OF, end_of_window).revenue.reindex(population).fillna(0)
    capped = after.clip(upper=numpy.sort(after)[math.ceil(0.999 * len(after)) - 1])
    for name, keys in assigned.items():
        mean = capped.groupby(keys.reindex(population)).transform("mean")
        r_squared = ((mean - capped.mean()) ** 2).sum() / ((capped - capped.mean()) ** 2).sum()
        own = tables["scorecard"]
        for ours in own[(own.segmentation == name) & (own.measure == "r_squared")].value:
            compared.same(f"R² of {name}", ours, r_squared)

    during = window(START, END)
    before = window(str(pandas.Timestamp(AS_OF) - pandas.Timedelta(days=LENGTH)), AS_OF).add_suffix("_before")
    arm = dict(line.split(",") for line in rows.splitlines())
    customers = during.join(before).reindex(population).fillna(0)
    customers["arm"] = [arm.get(id) for id in population]
    for name, keys in assigned.items():
        own = tables["experiments"]
        experiment(compared, own[own.segmentation.isna() | (own.segmentation == name)], customers[customers.arm.notna()], keys.to_dict())

    print(f"{compared.count} figures compared, {len(compared.wrong)} differ")
    print("\n".join(compared.wrong[:40]))
    sys.exit(1 if compared.wrong or compared.count < 3000 else 0)


if __name__ == "__main__":
    main()
