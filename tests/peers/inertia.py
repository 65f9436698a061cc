"""Inertia of `segmenter run` beside the best of 50 starts of scikit-learn, on the same matrices of real data.

    python3 -m venv target/peers && target/peers/bin/pip install -r tests/benchmark/requirements.txt
    target/peers/bin/python tests/peers/inertia.py ../shared/data [--segmenter target/release/segmenter] [NAME …]

Runs the jobs of tests/peers/inertia/, builds each matrix again from `features/` and `model.json` (imputed, cut, transformed, centred, scaled,
clipped, put on the grid), asserts that it is the one that was clustered (the inertia of the committed centroids, to the unit), and lets
scikit-learn cluster it 50 times. The constants in tests/end_to_end/inertia_of_peers.rs are what it printed.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import duckdb
import numpy
import sklearn
from sklearn.cluster import KMeans

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
GRID = 2**20
STARTS = 50


def run(segmenter, job, data, out):
    environment = {**os.environ, "DATA": str(data), "OUT": str(out)}
    ran = subprocess.run([segmenter, "run", job], env=environment, capture_output=True, text=True)
    if ran.returncode != 0:
        sys.exit(f"{job}: exit {ran.returncode}\n{ran.stderr}")
    return pathlib.Path(ran.stdout.strip().splitlines()[-1].removeprefix("file://"))


def matrix_of(folder, model):
    """Gives the grid values, in order of customer, of those in the scope of a segmentation: the numbers, then, of each with nulls, its
    indicator's two dimensions, known and missing."""
    names = [feature["name"] for feature in model["features"]]
    columns = ", ".join(f'cast("{name}" as double)' for name in names)
    rows = duckdb.sql(f"""
        select {columns} from '{folder}/features/*.parquet'
        semi join (select customer_id from '{folder}/assignments/{model["segmentation"]}/*.parquet' where distance is not null)
        using (customer_id) order by customer_id""").fetchall()
    matrix = numpy.array(rows, dtype=float)
    indicators = []
    for feature, column in zip(model["features"], matrix.T):
        missing = ~numpy.isfinite(column)
        if feature["indicator"]:
            indicators += [indicator * feature["indicator"]["units"] for indicator in (~missing, missing)]
        column[missing] = feature["imputed"]
        column.clip(feature["lower"], feature["upper"], out=column)
        forward = {"none": lambda x: x, "log": numpy.log1p, "asinh": numpy.arcsinh}[feature["transform"]]
        scaled = (forward(column) - feature["center"]) / feature["scale"] if feature["scale"] else numpy.zeros_like(column)
        units = scaled.clip(-8, 8) * GRID
        column[:] = numpy.trunc(units + numpy.copysign(0.5, units))
    return numpy.column_stack([matrix, *indicators]).astype(numpy.int64)


def inertia_of(matrix, centroids):
    distances = [((matrix - centroid) ** 2).sum(axis=1) for centroid in centroids]
    return sum(int(distance) for distance in numpy.min(distances, axis=0))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("data", type=pathlib.Path)
    options.add_argument("names", nargs="*")
    options.add_argument("--segmenter", default=ROOT / "target/release/segmenter")
    options = options.parse_args()
    print(f"scikit-learn {sklearn.__version__}, {STARTS} starts (k-means++), tol=0\n")
    print("| data | rows | d | k | ours, 10 restarts | scikit-learn, best | worst | ours / best |\n|---|--:|--:|--:|--:|--:|--:|--:|")
    for job in sorted((ROOT / "tests/peers/inertia").glob("*.toml")):
        if options.names and job.stem not in options.names:
            continue
        with tempfile.TemporaryDirectory() as out:
            folder = run(options.segmenter, job, options.data.resolve(), out)
            record = json.loads((folder / "run.json").read_text())["clustering"]
            for model in json.loads((folder / "model.json").read_text())["segmentations"]:
                matrix = matrix_of(folder, model)
                centroids = [cluster["centroid_units"] for cluster in model["clusters"]]
                own = record[model["segmentation"]]
                mine = inertia_of(matrix, numpy.array(centroids, dtype=numpy.int64))
                # A logarithm that differs in its last bit moves a value by one unit in 2²⁰ now and then, no more.
                known = int(own["inertia_exact_units"])
                if abs(mine - known) > 1e-9 * known:
                    sys.exit(f"{job.stem}: the matrix is another: inertia {mine}, in run.json {known}")
                scaled = matrix / GRID
                best, worst = numpy.inf, 0.0
                for start in range(STARTS):
                    fit = KMeans(len(centroids), n_init=1, random_state=start, tol=0, max_iter=1000).fit(scaled)
                    best, worst = min(best, fit.inertia_), max(worst, fit.inertia_)
                print(f"| {job.stem} | {matrix.shape[0]} | {matrix.shape[1]} | {len(centroids)} | {own['inertia']:.4f} | {best:.4f} "
                      f"| {worst:.4f} | {own['inertia'] / best:.5f} |", flush=True)


main()
