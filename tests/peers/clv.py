"""Lifetime value beside SciPy, mpmath and lifetimes: constants, likelihoods, errors and forecasts of CDNOW, and what the forecasts came to.

    python3 -m venv target/peers && target/peers/bin/pip install -r tests/benchmark/requirements.txt
    target/peers/bin/python tests/peers/clv.py ../shared/data [--segmenter target/release/segmenter]

Runs deploy/examples/cdnow_lifetime.toml with each model of orders, in weeks and in days. The histories are computed from the file again, the
likelihoods are written again with SciPy's ln Γ and climbed by Nelder and Mead, the errors are by differences of them, and BG/NBD and
Gamma-Gamma are fitted by lifetimes too. Forecasts of each customer are by ₂F₁ of mpmath with 30 digits. Exits 1 where a figure differs by
more than the tolerance beside it.
"""

import argparse
import collections
import datetime
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile

import lifetimes
import mpmath
import numpy
import pyarrow.parquet as parquet
from scipy import optimize, special

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
JOB = ROOT / "deploy/examples/cdnow_lifetime.toml"
END = datetime.date(1997, 9, 30)
HORIZON, MARGIN, DISCOUNT = 273, 0.3, 0.1
failures = 0


def same(what, found, expected, tolerance):
    global failures
    found, expected = numpy.asarray(found, float), numpy.asarray(expected, float)
    if found.shape != expected.shape or (numpy.isnan(found) != numpy.isnan(expected)).any():
        worst = math.inf
    else:
        worst = float(numpy.nanmax(numpy.abs(found - expected) / numpy.maximum(numpy.abs(expected), 1e-12)))
    good = worst <= tolerance
    failures += not good
    print(f"  {'ok  ' if good else 'DIFF'} {what}: {found.size} figures, largest relative difference {worst:.1e} (at most {tolerance:.0e})")


def histories(data):
    """x, days from the first to the last order, days to the end, mean value of repeat orders, orders afterwards; by customer."""
    days = collections.defaultdict(lambda: collections.defaultdict(float))
    for line in (data / "cdnow/CDNOW_sample.txt").read_text().splitlines():
        _, customer, day, _, dollars = line.split()
        days[customer][datetime.date(int(day[:4]), int(day[4:6]), int(day[6:]))] += float(dollars)
    rows = {}
    for customer, orders in days.items():
        seen = sorted(day for day in orders if day <= END)
        if seen:
            repeats = [orders[day] for day in seen[1:]]
            value = sum(repeats) / len(repeats) if repeats else math.nan
            rows[customer] = (len(repeats), (seen[-1] - seen[0]).days, (END - seen[0]).days, value)
    return [rows[customer] for customer in sorted(rows)]


def orders_likelihood(model, logs, x, last, age):
    r, alpha, a, b = numpy.exp(logs)
    stayed = x + (model == "mbg_nbd")
    common = special.gammaln(r + x) - special.gammaln(r) + r * math.log(alpha)
    common = common + special.gammaln(a + b) - special.gammaln(b) + special.gammaln(b + stayed) - special.gammaln(a + b + stayed)
    there = -(r + x) * numpy.log(alpha + age)
    left = math.log(a) - numpy.log(b + numpy.maximum(stayed, 1) - 1) - (r + x) * numpy.log(alpha + last)
    return float(numpy.sum(common + numpy.logaddexp(there, numpy.where(stayed > 0, left, -numpy.inf))))


def value_likelihood(logs, x, value):
    p, q, v = numpy.exp(logs)
    terms = special.gammaln(p * x + q) - special.gammaln(p * x) - special.gammaln(q) + q * math.log(v)
    return float(numpy.sum(terms + (p * x - 1) * numpy.log(value) + p * x * numpy.log(x) - (p * x + q) * numpy.log(v + x * value)))


def climbed(likelihood, start):
    at = numpy.log(start)
    for _ in range(3):
        found = optimize.minimize(lambda logs: -likelihood(logs), at, method="Nelder-Mead", options={"xatol": 1e-11, "fatol": 1e-11, "maxiter": 20000})
        at = found.x
    step, size = 1e-3, len(at)
    moved = lambda row, one, column, other: likelihood(at + one * step * numpy.eye(size)[row] + other * step * numpy.eye(size)[column])
    bend = [
        [(moved(i, 1, j, 1) - moved(i, 1, j, -1) - moved(i, -1, j, 1) + moved(i, -1, j, -1)) / (4 * step**2) for j in range(size)]
        for i in range(size)
    ]
    errors = numpy.sqrt(numpy.diag(numpy.linalg.inv(-numpy.array(bend))))
    return numpy.exp(at), errors * numpy.exp(at), -found.fun


def forecast(model, orders, value, rows, step):
    """Probability alive, orders, value and discounted value, by the formulas of the papers."""
    mpmath.mp.dps = 30
    r, alpha, a, b = map(mpmath.mpf, orders)
    p, q, v = value
    ends = [min((number + 1) * step, HORIZON) for number in range(math.ceil(HORIZON / step))]
    known, found = {}, []
    for x, last, age, mean in rows:
        stays = b + x + (model == "mbg_nbd")
        if (x, age) not in known:
            of = []
            for end in ends:
                t, seen = mpmath.mpf(end) / step, alpha + mpmath.mpf(age) / step
                z = t / (seen + t)
                f = mpmath.hyp2f1(r + x, stays, a + stays - 1, z)
                of.append((a + stays - 1) / (a - 1) * (1 - (1 - z) ** (r + x) * f))
            known[x, age] = of
        of = known[x, age]
        alive = mpmath.mpf(1)
        if x > 0 or model == "mbg_nbd":
            ratio = (alpha + mpmath.mpf(age) / step) / (alpha + mpmath.mpf(last) / step)
            alive = 1 / (1 + a / (stays - 1) * ratio ** (r + x))
        worth = p * (v + x * (mean if x else 0)) / (p * x + q - 1)
        if x and mean <= 0:
            worth = math.nan
        discounted = sum((of[at] - (of[at - 1] if at else 0)) * (1 + DISCOUNT) ** (-end / 365) for at, end in enumerate(ends))
        found.append((float(alive), float(alive * of[-1]), worth, float(alive * of[-1]) * worth, MARGIN * float(alive * discounted) * worth))
    return numpy.array(found).T


def run(segmenter, data, job):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "segmenter.toml"
        path.write_text(job)
        environment = {**os.environ, "DATA": str(data), "OUT": folder + "/out"}
        done = subprocess.run([segmenter, "run", path], env=environment, check=True, capture_output=True, text=True)
        committed = pathlib.Path(done.stdout.strip().splitlines()[-1].removeprefix("file://"))
        known = json.loads((committed / "model.json").read_text())["population"]["lifetimes"][0]
        features = parquet.read_table(committed / "features").sort_by("customer_id")
        return known, features


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--segmenter", default=ROOT / "target/release/segmenter")
    arguments = parser.parse_args()
    data = arguments.data.resolve()
    rows = histories(data)
    x, last, age, value = map(numpy.array, zip(*rows))
    fitted = lambda model: numpy.array([constant["value"] for constant in model["constants"]])
    errors = lambda model: numpy.array([constant["standard_error"] for constant in model["constants"]])
    text = JOB.read_text()
    for model in ("bg_nbd", "mbg_nbd"):
        for name, step in (("week", 7.0), ("day", 1.0)):
            print(f"{model} in units of a {name}")
            job = text.replace('model = "bg_nbd"', f'model = "{model}", step = "{name}"')
            known, features = run(arguments.segmenter, data, job)
            column = lambda name: numpy.array([math.nan if cell is None else float(cell) for cell in features[name].to_pylist()])
            for name, expected in (("repeat_orders", x), ("repeat_span_days", last), ("purchase_age_days", age)):
                same(name, column(name), expected, 0)
            same("repeat_order_value", column("repeat_order_value"), value, 1e-4)
            orders, order_value = known["orders"], known["order_value"]
            likelihood = lambda logs: orders_likelihood(model, logs, x, last / step, age / step)
            constants, deviations, top = climbed(likelihood, (0.4, 5.0 * 7 / step, 0.8, 2.0))
            same("r, alpha, a, b", fitted(orders), constants, 1e-5)
            same("their standard errors", errors(orders), deviations, 1e-3)
            same("log-likelihood", orders["log_likelihood"], top, 1e-11)
            valued = (x > 0) & (value > 0)
            constants, deviations, top = climbed(lambda logs: value_likelihood(logs, x[valued], value[valued]), (6.0, 4.0, 15.0))
            same("p, q, v", fitted(order_value), constants, 1e-5)
            same("their standard errors", errors(order_value), deviations, 1e-3)
            same("log-likelihood of values", order_value["log_likelihood"], top, 1e-8)
            names = ("probability_alive", "expected_orders", "expected_order_value", "expected_value", "clv")
            # Means of values have four digits behind the point in the features.
            seen = [(*row[:3], mean) for row, mean in zip(rows, column("repeat_order_value"))]
            for name, expected in zip(names, forecast(model, fitted(orders), fitted(order_value), seen, step)):
                same(name, column(name), expected, 1e-9)
            if model == "bg_nbd" and step == 7.0:
                peer = lifetimes.BetaGeoFitter().fit(x, last / 7, age / 7)
                same("r, alpha, a, b of lifetimes", fitted(orders), peer.params_.values, 1e-3)
                theirs = peer.conditional_expected_number_of_purchases_up_to_time(HORIZON / 7, x, last / 7, age / 7)
                same("their forecasts, by their constants", column("expected_orders"), theirs, 1e-3)
                peer = lifetimes.GammaGammaFitter().fit(x[valued], value[valued])
                same("p, q, v of lifetimes", fitted(order_value), peer.params_.values, 1e-3)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
