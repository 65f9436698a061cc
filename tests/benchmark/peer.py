"""The benchmark's job with DuckDB and scikit-learn: the same inputs, the same tables, written as a careful analyst would.

    peer.py DATA OUT THREADS MEMORY
"""

import math
import pathlib
import sys
import time

import duckdb
import numpy
import pyarrow
from scipy import stats
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

data, out, threads, memory = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
out.mkdir(parents=True, exist_ok=True)
db = duckdb.connect(config={"threads": threads, "memory_limit": memory})
db.execute(f"set temp_directory = '{out / 'temp'}'")
started = time.monotonic()


def stage(name):
    global started
    print(f'{{"stage": "{name}", "seconds": {time.monotonic() - started:.2f}}}', file=sys.stderr)
    started = time.monotonic()


def write(relation, name):
    db.execute(f"copy ({relation}) to '{out / name}.parquet' (format parquet, compression zstd)")


# Days since 1970 in UTC: the zone-aware functions need an extension that pip does not bring.
AS_OF = "(date '2026-01-01' - date '1970-01-01')"

# Features: rows before as_of of known customers; refunds count in monetary only.
db.execute(f"""
create table features as
with lines as (
    select cast(client_no as varchar) as customer_id, order_no, epoch_us(ordered_at) // 86400000000 as day,
           cast(quantity * unit_price - discount as decimal(18, 4)) as amount, discount <> 0 as is_promoted, gift_wrap as is_gift
    from read_parquet('{data}/orders/*.parquet')
    where status <> 'cancelled' and client_no is not null and ordered_at < timestamptz '2026-01-01 00:00:00+00'
      and quantity is not null and unit_price is not null and discount is not null)
select customer_id,
       {AS_OF} - max(day) filter (amount >= 0) as recency_days,
       count(distinct order_no) filter (amount >= 0) as frequency,
       sum(amount) as monetary,
       {AS_OF} - min(day) filter (amount >= 0) as tenure_days,
       sum(amount) filter (amount >= 0) / nullif(count(distinct order_no) filter (amount >= 0), 0) as average_order_value,
       avg(is_promoted::int) as promo_share, avg(is_gift::int) as gift_share
from lines group by customer_id""")
stage("features")

# RFM: nearest-rank cuts, equal values share a score.
cuts = {}
for name in ["recency_days", "frequency", "monetary"]:
    cuts[name] = db.execute(f"select quantile_disc({name}, [0.2, 0.4, 0.6, 0.8]) from features where frequency > 0").fetchall()[0][0]


def score(name):
    return "1 + " + " + ".join(f"({name} > {cut})::int" for cut in cuts[name])


db.execute(f"""
create table scored as
select *, 6 - ({score('recency_days')}) as r_score, {score('frequency')} as f_score, {score('monetary')} as m_score from features""")
db.execute("""
create table value as
select customer_id, case
    when frequency = 0 then 'no_purchases'
    when r_score <= 2 then case when f_score <= 2 then 'hibernating' when f_score <= 4 then 'at_risk' else 'cant_lose' end
    when r_score = 3 then case when f_score <= 2 then 'about_to_sleep' when f_score = 3 then 'need_attention' else 'loyal' end
    when r_score = 4 then case when f_score = 1 then 'promising' when f_score <= 3 then 'potential_loyalist' else 'loyal' end
    else case when f_score = 1 then 'new' when f_score <= 3 then 'potential_loyalist' else 'champions' end end as segment_key
from scored""")
stage("rfm")

# k-means on log, winsorised, standardised features.
FEATURES = ["recency_days", "frequency", "average_order_value", "promo_share", "gift_share"]
table = db.sql(
    f"select customer_id, {', '.join(f'{name}::float as {name}' for name in FEATURES)} from features where frequency > 0 order by customer_id"
).to_arrow_table()
matrix = numpy.column_stack([table[name].to_numpy() for name in FEATURES]).astype(numpy.float32)
matrix[:, :3] = numpy.log1p(matrix[:, :3])
for column in matrix.T:
    low, high = (numpy.partition(column, at := math.ceil(p * len(column)) - 1)[at] for p in (0.005, 0.995))
    numpy.clip(column, low, high, out=column)
matrix -= matrix.mean(axis=0, dtype=numpy.float64).astype(numpy.float32)
matrix /= matrix.std(axis=0, dtype=numpy.float64).astype(numpy.float32)
with threadpool_limits(threads):
    # As the product does: ten starts on a sample of 100,000, the best goes on over all.
    chosen = numpy.random.default_rng(7).choice(len(matrix), min(100_000, len(matrix)), replace=False)
    start = KMeans(5, n_init=10, random_state=7).fit(matrix[chosen])
    model = KMeans(5, init=start.cluster_centers_, n_init=1, tol=0, max_iter=300).fit(matrix)
    distances = model.transform(matrix)
order = numpy.argsort(-numpy.bincount(model.labels_, minlength=5))
key_of = numpy.empty(5, dtype=int)
key_of[order] = numpy.arange(1, 6)
nearest = numpy.sort(distances, axis=1)[:, :2]
clusters = pyarrow.table({
    "customer_id": table["customer_id"],
    "segment_key": [f"c{key:02}" for key in key_of[model.labels_]],
    "distance": nearest[:, 0],
    "margin": (nearest[:, 1] - nearest[:, 0]) / nearest[:, 1],
})
db.register("clusters", clusters)
db.execute("""
create table behaviour as
select customer_id, coalesce(segment_key, 'out_of_scope') as segment_key, distance, margin
from features left join clusters using (customer_id)""")
stage("kmeans")

# Segments, profiles, effectiveness.
segments, profiles, effectiveness = [], [], []
NUMBERS = ["recency_days", "frequency", "monetary", "tenure_days", "average_order_value", "promo_share", "gift_share"]
for segmentation in ["value", "behaviour"]:
    joined = f"{segmentation} join scored using (customer_id)"
    segments.append(f"""
        select '{segmentation}' as segmentation, segment_key, count(*) as customers,
               count(*) / sum(count(*)) over () as share from {segmentation} group by segment_key""")
    for name in NUMBERS:
        profiles.append(f"""
            with segment as (
                select segment_key, count({name}) as n, count(*) - count({name}) as nulls, avg({name})::double as mean,
                       stddev_samp({name}::double) as std, quantile_disc({name}, [0.25, 0.5, 0.75]) as p
                from {joined} group by segment_key),
            everybody as (select avg({name})::double as mean, stddev_pop({name}::double) as std, count({name}) as n from scored)
            select '{segmentation}' as segmentation, segment_key, '{name}' as feature, segment.n, nulls, segment.mean, segment.std,
                   p[1]::double as p25, p[2]::double as p50, p[3]::double as p75, everybody.mean as population_mean,
                   (segment.mean - everybody.mean) / nullif(everybody.std, 0) as z_score,
                   sum(segment.n * (segment.mean - everybody.mean) ** 2) over () / nullif(everybody.n * everybody.std ** 2, 0) as eta_squared
            from segment, everybody""")
    rows = db.execute(f"""
        select segment_key, count(*), count(*) filter (frequency >= 1), count(*) filter (frequency >= 2), sum(frequency)::double,
               sum(monetary)::double, sum(monetary::double ** 2), sum(average_order_value * frequency)::double
        from {joined} group by segment_key order by segment_key""").fetchall()
    total = [sum(row[i] or 0 for row in rows) for i in range(1, 8)]
    for key, *mine in rows:
        mine = [value or 0 for value in mine]
        rest = [t - m for t, m in zip(total, mine)]
        n, buyers, repeaters, orders, revenue, squares, gross = mine
        p, q = repeaters / max(buyers, 1), rest[2] / max(rest[1], 1)
        z = stats.norm.ppf(0.975)
        half = z * math.sqrt(p * (1 - p) / max(buyers, 1) + z * z / (4 * max(buyers, 1) ** 2)) / (1 + z * z / max(buyers, 1))
        centre = (p + z * z / (2 * max(buyers, 1))) / (1 + z * z / max(buyers, 1))
        pooled = (repeaters + rest[2]) / (buyers + rest[1])
        error = math.sqrt(pooled * (1 - pooled) * (1 / max(buyers, 1) + 1 / max(rest[1], 1)))
        p_rate = 2 * stats.norm.sf(abs(p - q) / error) if error else None
        welch = stats.ttest_ind_from_stats(
            revenue / n, math.sqrt(max(squares / n - (revenue / n) ** 2, 0)), n,
            rest[4] / max(rest[0], 1), math.sqrt(max(rest[5] / max(rest[0], 1) - (rest[4] / max(rest[0], 1)) ** 2, 0)), max(rest[0], 2),
            equal_var=False).pvalue
        for metric, value, low, high, other, p_value in [
            ("customers", n, None, None, rest[0], None), ("orders", orders, None, None, rest[3], None),
            ("revenue", revenue, None, None, rest[4], None),
            ("revenue_per_customer", revenue / n, None, None, rest[4] / max(rest[0], 1), welch),
            ("average_order_value", gross / max(orders, 1), None, None, rest[6] / max(rest[3], 1), None),
            ("repeat_rate", p, centre - half, centre + half, q, p_rate),
        ]:
            effectiveness.append((segmentation, key, metric, float(value), low, high, float(other), p_value))
db.execute("create table metrics (segmentation text, segment_key text, metric text, value double, ci_low double, ci_high double, rest_value double, p_value double)")
db.executemany("insert into metrics values (?, ?, ?, ?, ?, ?, ?, ?)", effectiveness)
write(" union all ".join(segments) + " order by segmentation, segment_key", "segments")
write(" union all ".join(f"from ({each})" for each in profiles) + " order by segmentation, segment_key, feature", "profiles")
write("from metrics", "effectiveness")
stage("measure")

write("select * from scored order by customer_id", "features")
write("select * from value order by customer_id", "assignments-value")
write("select * from behaviour order by customer_id", "assignments-behaviour")
stage("write")
