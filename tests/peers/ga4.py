"""Google Analytics 4 beside DuckDB: visits, engagement and conversion by segment, of the nested export and of the flattened one.

    python3 -m venv target/peers && target/peers/bin/pip install -r tests/benchmark/requirements.txt
    target/peers/bin/python tests/peers/ga4.py [--segmenter target/release/segmenter] [--visitors 5000]

DuckDB makes web events in the shape of the export to BigQuery, nested, and flattens them with `unnest` as the query in
deploy/examples/ga4_flat.toml does. Both example jobs run. The figures of each segment are computed anew over the nested file: who is in it, by
the rules written as SQL; before as_of from `features/`, in the four weeks from as_of on from `effectiveness.parquet`. Exits 1 on any
difference above 1e-12.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile
import os

import duckdb

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TOLERANCE = 1e-12

# Sessions by hash, so that the same rows come every time. One visitor in nine has events without a session.
EVENTS = """
create macro h(a, b) as (hash(a * 1000003 + b) % 1000003)::bigint;
create macro text_param(k, v) as struct_pack(key := k, value := struct_pack(string_value := v, int_value := null::bigint,
    float_value := null::double, double_value := null::double));
create macro int_param(k, v) as struct_pack(key := k, value := struct_pack(string_value := null::varchar, int_value := v,
    float_value := null::double, double_value := null::double));
create table raw as
select v, s, e, v || '.' || (1700000000 + v) as user_pseudo_id,
       case when v % 7 < 2 then 'U' || (v // 7) end as user_id,
       epoch_us(timestamp '2026-01-01') + (h(v, s) % 59) * 86400000000 + (h(s, v) % 86400) * 1000000 + e * 5000000 as event_timestamp,
       case when e = 0 then 'session_start' when h(v * 31 + s, e) % 19 = 0 then 'purchase'
            when h(v * 31 + s, e) % 3 = 0 then 'scroll' else 'page_view' end as event_name,
       case when v % 9 <> 0 then 1000 + s end as session, h(v, e) % 40000 as msec
from range({visitors}) t(v), range(6) u(s), range(7) w(e)
where s <= h(v, 1) % 6 and e <= h(v, s + 10) % 7;
create table nested as
select strftime(make_timestamp(event_timestamp), '%Y%m%d') as event_date, event_timestamp, event_name,
       list_filter([
           text_param('page_location', 'https://shop.example/' || (v + e) % 30),
           case when session is not null then int_param('ga_session_id', session) end,
           case when e > 0 and (v + e) % 4 > 0 then int_param('engagement_time_msec', msec) end], lambda p: p is not null) as event_params,
       user_id, user_pseudo_id,
       struct_pack(category := ['mobile', 'desktop', 'tablet'][v % 3 + 1], language := 'de-at') as device,
       struct_pack(name := '(direct)', medium := case when v % 2 = 0 then 'organic' end, source := 'x') as traffic_source,
       case when event_name = 'purchase' then struct_pack(total_item_quantity := 1, purchase_revenue := (h(v, s) % 10000) / 4.0) end as ecommerce
from raw;
"""

FLAT = """
select event_timestamp, event_name, user_id, user_pseudo_id,
       (select p.value.int_value from (select unnest(event_params) as p) where p.key = 'ga_session_id') as ga_session_id,
       (select p.value.string_value from (select unnest(event_params) as p) where p.key = 'page_location') as page_location,
       (select p.value.int_value from (select unnest(event_params) as p) where p.key = 'engagement_time_msec') as engagement_time_msec,
       ecommerce.purchase_revenue as purchase_revenue, traffic_source.medium as medium, device.category as device_category
from nested"""

# By hand, over the nested table: a visit is a session of a browser; events without one are a visit up to a pause of more than half an hour.
THEIRS = """
create macro param(ps, k) as list_filter(ps, lambda p: p.key = k)[1].value;
create table did as
select coalesce(user_id, user_pseudo_id) as id, make_timestamp(event_timestamp) as moment, event_name in ('purchase', 'sign_up', 'generate_lead') as converts,
       user_pseudo_id || '.' || param(event_params, 'ga_session_id').int_value as session,
       param(event_params, 'engagement_time_msec').int_value / 1000 as seconds
from nested;
create table before_as_of as
with pauses as (
    select *, coalesce(epoch_us(moment) - lag(epoch_us(moment)) over (partition by id, session order by moment) > 1800000000, false) as pause
    from did where moment < timestamp '2026-01-31 23:00:00'),
visits as (select *, coalesce(session, id || ':' || sum(pause::int) over (partition by id, session order by moment)) as visit from pauses)
select id, count(distinct visit) as visits, sum(seconds) as engagement, bool_or(converts) as converted from visits group by id;
create table after_as_of as
select id, count(distinct session) as visits, sum(seconds) as engagement, bool_or(converts) as converted
from did where moment >= timestamp '2026-01-31 23:00:00' and moment < timestamp '2026-02-28 23:00:00' group by id;
create table segments as
select id, case when converted then 'converted' when engagement >= 60 then 'reads' when visits > 1 then 'returns' else 'other' end as segment
from before_as_of;
create table theirs as
select segment, count(*) as customers, sum(b.visits) as visits_before, sum(b.engagement) as engagement_before, avg(b.converted::int) as conversion_before,
       sum(coalesce(a.visits, 0)) / count(*) as visits, sum(coalesce(a.engagement, 0)) / count(*) as engagement,
       avg(coalesce(a.converted, false)::int) as web_conversion
from segments join before_as_of b using (id) left join after_as_of a using (id) group by segment order by segment;
"""

OURS = """
select segment_key, count(*)::bigint, sum(web_visits), sum(web_engagement_seconds), avg((web_conversions > 0)::int),
       max((select value from '{run}/effectiveness.parquet' e where e.segment_key = a.segment_key and metric = 'visits' and basis = 'outcome')),
       max((select value from '{run}/effectiveness.parquet' e where e.segment_key = a.segment_key and metric = 'engagement' and basis = 'outcome')),
       max((select value from '{run}/effectiveness.parquet' e where e.segment_key = a.segment_key and metric = 'web_conversion' and basis = 'outcome'))
from '{run}/assignments/visitors/*.parquet' a join '{run}/features/*.parquet' f using (customer_id)
group by segment_key order by segment_key"""


def run(segmenter, job, data, out):
    ran = subprocess.run([segmenter, "run", ROOT / "deploy/examples" / job], env={**os.environ, "DATA": str(data), "OUT": str(out)},
                         capture_output=True, text=True)
    if ran.returncode != 0:
        sys.exit(f"{job}: exit {ran.returncode}\n{ran.stderr}")
    return ran.stdout.strip().splitlines()[-1].removeprefix("file://")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--segmenter", default=ROOT / "target/release/segmenter")
    options.add_argument("--visitors", type=int, default=5_000)
    options = options.parse_args()
    db = duckdb.connect()
    db.sql("set timezone = 'UTC'")
    db.sql(EVENTS.replace("{visitors}", str(options.visitors)))
    db.sql(THEIRS)
    theirs = db.sql("select * from theirs order by segment").fetchall()
    print(f"DuckDB {duckdb.__version__}, {db.sql('select count(*) from nested').fetchall()[0][0]} events")
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for name in ("ga4", "ga4_flat"):
            (folder / name).mkdir()
        db.sql(f"copy nested to '{folder}/ga4/events_1.parquet' (format parquet)")
        db.sql(f"copy ({FLAT}) to '{folder}/ga4_flat/events_1.csv' (header)")
        print("\n| job | segment | customers | visits | engagement s | conversion | visits after | engagement s after | conversion after | largest difference |")
        print("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|")
        for job in ("ga4.toml", "ga4_flat.toml"):
            ours = db.sql(OURS.replace("{run}", run(options.segmenter, job, folder, folder / "out"))).fetchall()
            if [row[:2] for row in ours] != [row[:2] for row in theirs]:
                sys.exit(f"{job}: segments are {ours}, DuckDB has {theirs}")
            for mine, other in zip(ours, theirs):
                difference = max(abs(float(a) - float(b)) / max(abs(float(b)), 1e-300) if a != b else 0.0 for a, b in zip(mine[2:], other[2:]))
                failed |= difference > TOLERANCE
                print(f"| {job} | {mine[0]} | " + " | ".join(f"{float(value):.6g}" for value in mine[1:]) + f" | {difference:.1e} |")
    sys.exit(1 if failed else 0)


main()
