"""One peer's Lloyd iterations over a matrix in a file; started by kmeans.py, a process a cell, so that memory is freed in between.

    kmeans_peers.py PEER FILE DIMENSIONS CLUSTERS ITERATIONS THREADS

The first k rows are the start. Prints a line of JSON: seconds and moves of a fit of all iterations and of one with a single one (so that what a
peer does once, such as checks, copies and centring, can be taken off), and the centroids. Threads and cores are set from outside.
"""

import json
import os
import sys
import time
import warnings

import numpy

warnings.filterwarnings("ignore")
# A fit shorter than this is done twice, and the faster one counts.
SHORT = 10.0


def scikit_learn(algorithm, module="sklearn.cluster"):
    def prepare(rows, clusters, threads):
        KMeans = __import__(module, fromlist=["KMeans"]).KMeans
        start = rows[:clusters].copy()

        def fit(iterations):
            # tol=0: it stops early only where no label changes.
            model = KMeans(clusters, init=start, n_init=1, max_iter=iterations, tol=0.0, algorithm=algorithm).fit(rows)
            return model.cluster_centers_, int(model.n_iter_)

        return fit

    return prepare


def faiss(rows, clusters, threads):
    import faiss

    faiss.omp_set_num_threads(threads)

    def fit(iterations):
        # No subsampling: every row is a training point.
        model = faiss.Kmeans(
            rows.shape[1], clusters, niter=iterations, max_points_per_centroid=len(rows), min_points_per_centroid=1
        )
        model.train(rows, init_centroids=rows[:clusters])
        return model.centroids, iterations

    return fit


def spark(rows, clusters, threads):
    os.environ["PYSPARK_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession
    from pyspark.mllib.common import _py2java
    from pyspark.mllib.linalg import DenseVector

    memory = os.environ.get("SPARK_MEMORY", "10g")
    session = SparkSession.builder.master(f"local[{threads}]").config("spark.driver.memory", memory).config("spark.ui.enabled", "false")
    session = session.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1").getOrCreate()
    context = session.sparkContext
    context.setLogLevel("ERROR")
    parts = 4 * threads
    borders = [len(rows) * part // parts for part in range(parts + 1)]
    file, dimensions = sys.argv[2], rows.shape[1]

    def vectors(part):
        block = numpy.memmap(file, dtype="<f4", mode="r").reshape(-1, dimensions)[borders[part] : borders[part + 1]]
        return (DenseVector(row) for row in block.astype(float))

    # The vectors stand in the JVM's memory, so that the fit runs there alone: it is not Python that is measured.
    data = context.parallelize(range(parts), parts).flatMap(vectors)
    jvm = context._jvm
    cached = _py2java(context, data).rdd().persist(jvm.org.apache.spark.storage.StorageLevel.MEMORY_ONLY())
    if cached.count() != len(rows) or sum(info.numCachedPartitions() for info in context._jsc.sc().getRDDStorageInfo()) < parts:
        sys.exit("not all rows fit the JVM's memory")
    start = context._gateway.new_array(jvm.org.apache.spark.mllib.linalg.Vector, clusters)
    for cluster, row in enumerate(rows[:clusters]):
        start[cluster] = _py2java(context, DenseVector(row.astype(float)))

    def fit(iterations):
        model = jvm.org.apache.spark.mllib.clustering.KMeans().setK(clusters).setMaxIterations(iterations).setEpsilon(0.0)
        model = model.setInitialModel(jvm.org.apache.spark.mllib.clustering.KMeansModel(start)).run(cached)
        return numpy.array([list(centre.toArray()) for centre in model.clusterCenters()]), int(model.numIter())

    return fit


PEERS = {
    "lloyd": scikit_learn("lloyd"),
    "elkan": scikit_learn("elkan"),
    "intelex": scikit_learn("lloyd", "sklearnex.cluster"),
    "faiss": faiss,
    "spark": spark,
}


def main():
    peer, file, dimensions, clusters, iterations, threads = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
    rows = numpy.fromfile(file, dtype="<f4").reshape(-1, dimensions)
    fit = PEERS[peer](rows, clusters, threads)

    def measured(iterations):
        best = None
        while best is None or best["fits"] < 2 and best["seconds"] < SHORT:
            started = time.perf_counter()
            centroids, moves = fit(iterations)
            seconds = time.perf_counter() - started
            if best is None or seconds < best["seconds"]:
                best = {"seconds": seconds, "moves": moves, "centroids": centroids.tolist(), "fits": best["fits"] + 1 if best else 1}
            else:
                best["fits"] += 1
        return best

    # The first fit also loads libraries and starts threads; the short one is done first for that.
    fit(1)
    single, whole = measured(1), measured(iterations)
    print("\n" + json.dumps({"single": single["seconds"], "seconds": whole["seconds"], "moves": whole["moves"], "centroids": whole["centroids"]}))


main()
