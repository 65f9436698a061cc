"""The segments as an asset: its metadata are sizes and warnings, and it is tried again only where that helps."""

import json
import os
import pathlib
import subprocess
import tempfile

import dagster as dg

JOB = os.environ.get("SEGMENTER_JOB", "club.toml")


@dg.asset(kinds={"segmenter"})
def segments() -> dg.MaterializeResult:
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "result.json")
        code = subprocess.run(["segmenter", "run", JOB, f"--result-file={file}"], check=False).returncode
        result = json.loads(file.read_text())
    if code != 0:
        error = result["error"]
        # Of a program that was killed the file says that a retry helps.
        if result["retry_helps"]:
            raise dg.RetryRequested(max_retries=5, seconds_to_wait=60)
        raise dg.Failure(f"segmenter: {error['message']}", metadata={"hint": error["hint"]}, allow_retries=False)
    sizes = {f"customers in {own['name']}": own["customers"] for own in result["segmentations"]}
    return dg.MaterializeResult(
        metadata={"run": result["run"], "folder": result["folder"], "warnings": result["warnings"], **sizes},
        data_version=dg.DataVersion(result["run"]),
    )


defs = dg.Definitions(assets=[segments])
