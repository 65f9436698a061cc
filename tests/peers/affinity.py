"""What goes together, beside mlxtend and DuckDB, over real baskets.

    python3 -m venv target/peers && target/peers/bin/pip install -r tests/benchmark/requirements.txt
    target/peers/bin/python tests/peers/affinity.py ../shared/data [--segmenter target/release/segmenter]

Runs deploy/examples/online_retail.toml and complete_journey.toml with affinities within baskets and by customer, over everybody and by segment.
Baskets with each item and with each pair are counted by a self join of DuckDB, and must be equal; which pairs are told, and their order, must
follow from those counts; support, confidence and lift are those of mlxtend's association_rules, and intervals those of the delta method with
the gradient taken by numbers, cell by cell. Exits 1 where a figure differs by more than 1e-9 of the larger.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

import duckdb
import numpy
import pandas
from mlxtend.frequent_patterns import apriori, association_rules

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TOLERANCE = 1e-9
ITEMS, TOP, FEWEST, MIN_CELL = 60, 20, 20, 20
Z = statistics.NormalDist().inv_cdf(0.975)
JOBS = {
    "online_retail": (
        "value",
        "select cast(cast(CustomerID as bigint) as text) as customer, InvoiceNo as order_no, StockCode as item"
        " from read_parquet('{data}/online_retail/online_retail_2010_2011.parquet')"
        " where CustomerID is not null and Quantity > 0 and UnitPrice > 0",
    ),
    "complete_journey": (
        "taste",
        "select cast(household_id as text) as customer, cast(basket_id as text) as order_no, cast(product_id as text) as item"
        " from read_parquet('{data}/complete_journey/transactions.parquet')"
        " where transaction_timestamp < timestamp '2017-10-01' and sales_value >= 0",
    ),
}
AFFINITIES = """
[[affinity]]
name         = "baskets"
segmentation = "{segmentation}"
max_items    = {items}
top          = {top}
[[affinity]]
name         = "by_customer"
within       = "customer"
segmentation = "{segmentation}"
max_items    = {items}
top          = {top}
"""


class Compared:
    def __init__(self):
        self.figures, self.wrong, self.largest = 0, [], 0.0

    def same(self, what, ours, theirs):
        self.figures += 1
        distance = abs(ours - theirs) / max(abs(ours), abs(theirs), 1e-300)
        self.largest = max(self.largest, distance)
        if distance > TOLERANCE:
            self.wrong.append(f"{what}: {ours} beside {theirs}")

    def equal(self, what, ours, theirs):
        self.figures += 1
        if ours != theirs:
            self.wrong.append(f"{what}: {ours} beside {theirs}")


def interval(both, first, second, everything):
    """Of the lift, with the gradient of ln(lift) in each cell of the table taken by numbers."""
    cells = numpy.array([both, first - both, second - both, everything - first - second + both], dtype=float) / everything

    def log_lift(cells):
        one, other = cells[0] + cells[1], cells[0] + cells[2]
        return numpy.log(cells[0] * cells.sum() / (one * other))

    gradient = numpy.zeros(4)
    for cell in range(4):
        # Complex steps have no rounding of differences.
        moved = cells.astype(complex)
        moved[cell] += 1e-30j
        gradient[cell] = log_lift(moved).imag / 1e-30
    variance = ((cells * gradient**2).sum() - (cells * gradient).sum() ** 2) / everything
    half, centre = Z * numpy.sqrt(max(variance, 0)), log_lift(cells)
    return numpy.exp(centre - half), numpy.exp(centre + half)


def taken(connection, unit):
    """The items that most baskets or customers have, of equals the first by name; over everybody."""
    counts = connection.execute(f"select item, count(*) from (select distinct {unit}, item from lines) group by item").fetchall()
    counts = sorted(((item, n) for item, n in counts if n >= FEWEST), key=lambda count: (-count[1], count[0].encode()))
    return {item for item, _ in counts[:ITEMS]}


def group(compared, what, connection, unit, items, own, where):
    everything = connection.execute(f"select count(*) from (select distinct {unit} from lines where {where})").fetchone()[0]
    connection.execute(f"create or replace temp table one as select distinct {unit}, customer, item from lines where {where}")
    n = dict(connection.execute(f"select item, count(*) from one group by item").fetchall())
    same = " and ".join(f"a.{column} = b.{column}" for column in unit.split(", "))
    # By customer, all items of all baskets have more pairs than memory has room for.
    connection.execute("create or replace temp table two as select * from one where item in (select unnest(?))", [sorted(items)])
    pairs = connection.execute(
        f"select a.item, b.item, count(*), count(distinct a.customer) from two a join two b on {same} and a.item <> b.item group by all"
    ).fetchall()
    pairs = [pair for pair in pairs if pair[2] >= FEWEST and pair[3] >= MIN_CELL]
    expected = {}
    for first, second, both, customers in pairs:
        low, high = interval(both, n[first], n[second], everything)
        expected.setdefault(first, []).append((low, both, second, customers, high))
    told = {}
    for row in own.itertuples():
        told.setdefault(row.item, []).append(row)
    compared.equal(f"{what}: first items", sorted(told), sorted(expected))
    for first, rows in told.items():
        of = {second: (both, customers, low, high) for low, both, second, customers, high in expected.get(first, [])}
        compared.equal(f"{what}: pairs of {first}", len(rows), min(TOP, len(of)))
        # Those that are told have no lower end below that of one that is not.
        least = min(row.ci_low for row in rows)
        untold = [low for second, (_, _, low, _) in of.items() if second not in {row.then_item for row in rows}]
        compared.equal(f"{what}: pairs of {first} by their lower ends", all(low <= least * (1 + 1e-9) for low in untold), True)
        for row in rows:
            both, customers, low, high = of.get(row.then_item, (0, 0, 1, 1))
            name = f"{what}: {first} and {row.then_item}"
            ours = (row.n, row.n_item, row.n_then, row.n_both, row.customers)
            compared.equal(name, ours, (everything, n[first], n.get(row.then_item), both, customers))
            compared.same(f"{name}, low", row.ci_low, low)
            compared.same(f"{name}, high", row.ci_high, high)
    # mlxtend, over everybody that is of the group.
    marks = connection.execute(f"select {unit}, item from one where item in (select unnest(?))", [sorted(items)]).df()
    if own.empty or marks.empty:
        return
    table = pandas.crosstab([marks[column] for column in unit.split(", ")], marks["item"]).astype(bool)
    nothing = pandas.DataFrame(False, index=range(everything - len(table)), columns=table.columns)
    table = pandas.concat([table.reset_index(drop=True), nothing], ignore_index=True)
    found = apriori(table, min_support=(FEWEST - 0.5) / everything, use_colnames=True, max_len=2, low_memory=True)
    rules = association_rules(found, num_itemsets=everything, metric="lift", min_threshold=0.0)
    rules = {(*rule.antecedents, *rule.consequents): rule for rule in rules.itertuples()}
    for row in own.itertuples():
        rule = rules.get((row.item, row.then_item))
        if rule is None:
            compared.wrong.append(f"{what}: mlxtend does not know {row.item} and {row.then_item}")
            continue
        for column in ["support", "confidence", "lift"]:
            compared.same(f"{what}: {column} of {row.item} and {row.then_item}", getattr(row, column), getattr(rule, column))


def compare(segmenter, data, name):
    segmentation, lines = JOBS[name]
    compared, connection = Compared(), duckdb.connect()
    with tempfile.TemporaryDirectory() as out:
        job = pathlib.Path(out) / "job.toml"
        text = (ROOT / f"deploy/examples/{name}.toml").read_text()
        job.write_text(text + AFFINITIES.format(segmentation=segmentation, items=ITEMS, top=TOP))
        ran = subprocess.run(
            [segmenter, "run", job], env=os.environ | {"DATA": str(data), "OUT": out}, capture_output=True, text=True
        )
        if ran.returncode:
            sys.exit(ran.stderr)
        run = pathlib.Path(ran.stdout.strip().removeprefix("file://"))
        table = connection.execute(f"select * from read_parquet('{run}/affinity.parquet')").df()
        segments = connection.execute(
            f"select customer_id, segment_key from read_parquet('{run}/assignments/{segmentation}/*.parquet')"
        ).df()
    connection.register("segments", segments)
    connection.execute("create table lines as select l.*, s.segment_key from (" + lines.format(data=data) + ") l"
                       " join segments s on s.customer_id = l.customer")
    for affinity, unit in [("baskets", "customer, order_no"), ("by_customer", "customer")]:
        items = taken(connection, unit)
        own = table[table.affinity == affinity]
        group(compared, f"{name}, {affinity}", connection, unit, items, own[own.segment_key.isna()], "true")
        for key in sorted(set(segments.segment_key) - {"out_of_scope"}):
            of_segment = own[own.segment_key == key]
            group(compared, f"{name}, {affinity}, {key}", connection, unit, items, of_segment, f"segment_key = '{key}'")
    print(f"{name}: {len(table):,} pairs, {compared.figures:,} figures, largest difference {compared.largest:.1e}")
    return compared.wrong


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("data", type=pathlib.Path)
    arguments.add_argument("--segmenter", default=ROOT / "target/release/segmenter")
    arguments = arguments.parse_args()
    wrong = [line for name in JOBS for line in compare(arguments.segmenter, arguments.data.resolve(), name)]
    print("\n".join(wrong[:20]) or "everything is the same")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
