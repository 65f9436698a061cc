"""The numbers of tests/end_to_end/online_retail.rs and cdnow.rs, computed with other programs.

    python3 -m venv target/peers && target/peers/bin/pip install -r tests/benchmark/requirements.txt
    target/peers/bin/python tests/peers/online_retail.py ../shared/data

Prints row fates, customers, orders, money and repeat rates (DuckDB), and the best inertia of 50 starts of scikit-learn on the
matrix that deploy/examples/online_retail.toml asks for. The constants in the tests are what it printed.
"""

import math
import sys

import duckdb
import numpy
import sklearn
from sklearn.cluster import KMeans

data = sys.argv[1]
db = duckdb.connect()

FIRST = f"'{data}/online_retail/online_retail_II_2009_2010.parquet'"
SECOND = f"'{data}/online_retail/online_retail_2010_2011.parquet'"
CDNOW = f"{data}/cdnow/CDNOW_master.txt"

db.sql(f"""
create view second as
select cast(cast(CustomerID as bigint) as varchar) as id, InvoiceNo as invoice, InvoiceDate as time,
       cast(Quantity * UnitPrice as decimal(18, 4)) as amount, Quantity as quantity, UnitPrice as price
from {SECOND}""")
db.sql(f"""
create view first as
select cast(cast("Customer ID" as bigint) as varchar) as id, Invoice as invoice, cast(InvoiceDate as timestamp) as time,
       cast(Quantity * Price as decimal(18, 4)) as amount, Quantity as quantity, Price as price
from {FIRST}""")
db.sql("create view sales as select * from second where quantity > 0 and price > 0")
db.sql("create view before as select * from first where time < timestamp '2010-12-01'")
db.sql("""
create view both_years as
select 'first' || invoice as invoice, * exclude (invoice) from before
union all select 'second' || invoice, * exclude (invoice) from second""")
db.sql(f"""
create view cdnow as
select substr(line, 2, 5) as id, row_number() over () as invoice, strptime(substr(line, 8, 8), '%Y%m%d') as time,
       cast(trim(substr(line, 20, 7)) as decimal(18, 4)) as amount
from (select unnest(string_split(trim(content, chr(10)), chr(10))) as line from read_text('{CDNOW}'))
where line not like '%customer_id%'""")

for view in ["first", "before", "second", "sales", "both_years", "cdnow"]:
    rows, used, anonymous, customers, net = db.sql(f"""
        select count(*), count(id), count(*) filter (id is null), count(distinct id), sum(amount) filter (id is not null)
        from {view}""").fetchall()[0]
    buyers, orders, repeaters = db.sql(f"""
        select count(*), sum(n), count(*) filter (n >= 2)
        from (select count(distinct invoice) as n from {view} where id is not null and amount >= 0 group by id)""").fetchall()[0]
    print(f"{view}: rows {rows} used {used} anonymous {anonymous} customers {customers} net {net} "
          f"buyers {buyers} orders {orders} repeaters {repeaters} repeat rate {repeaters / buyers:.6f}")

# Recency, orders and revenue as of 2011-12-10; log(1 + x); winsorised at 0.5 % by nearest rank; z-scores.
matrix = numpy.array(db.sql("""
    select date_diff('day', max(time)::date, date '2011-12-10'), count(distinct invoice), sum(amount)::double
    from sales where id is not null group by id order by id""").fetchall(), dtype=float)
matrix = numpy.log1p(matrix)
for column in matrix.T:
    ordered = numpy.sort(column)
    low, high = (ordered[math.ceil(p * len(ordered)) - 1] for p in (0.005, 0.995))
    column.clip(low, high, out=column)
for ddof in (0, 1):
    scaled = (matrix - matrix.mean(axis=0)) / matrix.std(axis=0, ddof=ddof)
    inertias = [KMeans(5, n_init=1, random_state=start, tol=0, max_iter=1000).fit(scaled).inertia_ for start in range(50)]
    print(f"scikit-learn {sklearn.__version__}, std with n - {ddof}: best inertia of 50 starts {min(inertias):.4f}, "
          f"worst {max(inertias):.4f}, of {len(scaled)} customers")
