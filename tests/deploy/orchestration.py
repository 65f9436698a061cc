"""What the samples for schedulers promise. Kubernetes has schemas; the others are read by stand-ins for what they import."""

import contextlib
import copy
import importlib.util
import json
import os
import pathlib
import re
import stat
import subprocess
import sys
import tempfile
import types

import yaml

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "deploy/examples/orchestration"
# What is run again: a dependency, and a program that was killed; and what is not.
AGAIN, NOT_AGAIN = (4, 137), (1, 2, 3, 5, 6)


def document(name):
    return yaml.safe_load((FOLDER / name).read_text())


def cronjob(found):
    job = found["spec"]["jobTemplate"]["spec"]
    pod = job["template"]["spec"]
    container = pod["containers"][0]
    failing = [rule for rule in job["podFailurePolicy"]["rules"] if rule["action"] == "FailJob"]
    assert len(failing) == 1 and failing[0]["onExitCodes"]["operator"] == "In"
    assert failing[0]["onExitCodes"]["containerName"] == container["name"]
    assert sorted(failing[0]["onExitCodes"]["values"]) == list(NOT_AGAIN)
    first = job["podFailurePolicy"]["rules"][0]
    assert first == {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}
    assert job["backoffLimit"] > 0 and pod["restartPolicy"] == "Never" and found["spec"]["concurrencyPolicy"] == "Forbid"
    mounts(container, pod["volumes"])


def mounts(container, volumes):
    """Every mount has a volume, and every file that is named lies below a mount."""
    places = {each["mountPath"] for each in container["volumeMounts"]}
    assert {each["name"] for each in container["volumeMounts"]} == {each["name"] for each in volumes}
    named = [each.split("=")[-1] for each in container["args"] if "/" in each]
    assert named and all(any(path.startswith(place) for place in places) for path in named), named


def argo(found):
    templates = {each["name"]: each for each in found["spec"]["templates"]}
    assert found["spec"]["entrypoint"] in templates
    steps = [step for group in templates["nightly"]["steps"] for step in group]
    assert all(step["template"] in templates for step in steps)
    segment = templates["segment"]
    strategy = segment["retryStrategy"]
    assert strategy["retryPolicy"] == "Always" and int(strategy["limit"]) > 0
    again = {code for code in (*AGAIN, *NOT_AGAIN, -1) if holds(strategy["expression"], code)}
    assert again == {*AGAIN, -1}, again
    path = segment["outputs"]["parameters"][0]["valueFrom"]["path"]
    assert f"--result-file={path}" in segment["container"]["args"]
    assert segment["outputs"]["parameters"][0]["name"] == "result"
    assert "{{steps.segment.outputs.parameters.result}}" in json.dumps(steps)
    mounts(segment["container"], segment["volumes"] + found["spec"]["volumes"])


def holds(expression, code):
    """Evaluates the little that the expression has of the language of Argo."""
    python = expression.replace("asInt(lastRetry.exitCode)", str(code)).replace("||", "or").replace("&&", "and")
    assert re.fullmatch(r"[-0-9=<> andor()]+", python), python
    return eval(python, {})  # noqa: S307, only digits, comparisons and words


def dbt(found, program=None):
    source = found["sources"][0]
    places = {each["name"]: each.get("meta", source["meta"])["external_location"] for each in source["tables"]}
    assert all("var('segments')" in place for place in places.values())
    assert {"warn_after", "error_after"} <= set(source["config"]["freshness"]) and "loaded_at_query" in source["config"]
    if program:
        with demo(program) as folder:
            for name, place in places.items():
                pattern = re.search(r"\}\}/(.*)'\)", place)[1].replace("{name}", name)
                assert list(pathlib.Path(folder).glob(pattern)), f"a run has no {pattern}"
            assert pathlib.Path(folder, "commit.json").exists()


@contextlib.contextmanager
def demo(program):
    """The folder of a run of the demo job."""
    with tempfile.TemporaryDirectory() as folder:
        options = {"cwd": folder, "check": True, "capture_output": True, "text": True}
        subprocess.run([program, "init", "."], **options)
        ran = subprocess.run([program, "run", "segmenter.toml", "--scratch", "scratch"], **options)
        yield pathlib.Path(folder, ran.stdout.strip())


class Raised(Exception):
    """What a stand-in raises, with what it was given."""

    def __init__(self, *arguments, **named):
        super().__init__(*arguments)
        self.named = named


def loaded(name, modules):
    """Runs a sample with stand-ins for the modules that it imports."""
    before = {each: sys.modules.get(each) for each in modules}
    for each, members in modules.items():
        sys.modules[each] = types.ModuleType(each)
        vars(sys.modules[each]).update(members)
    try:
        spec = importlib.util.spec_from_file_location(f"sample_{name}", FOLDER / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    finally:
        for each, module in before.items():
            if module is None:
                del sys.modules[each]
            else:
                sys.modules[each] = module


def kind(name, base=Raised):
    return type(name, (base,), {})


def airflow():
    error = kind("AirflowException")
    kinds = {"AirflowException": error, **{each: kind(each, error) for each in ("AirflowFailException", "AirflowSkipException")}}
    made = []

    class Operator:
        raises = None

        def __init__(self, **options):
            self.options = options
            made.append(self)

        def cleanup(self, pod, remote_pod, xcom_result=None, context=None):
            if self.raises:
                raise self.raises

    class Models:
        def __getattr__(self, name):
            return lambda **options: (name, options)

    def dag(**options):
        assert options["max_active_runs"] == 1 and options["catchup"] is False
        return lambda function: function

    empty = {each: {} for each in ("airflow", "airflow.providers", "airflow.providers.cncf", "airflow.providers.cncf.kubernetes", "airflow.providers.cncf.kubernetes.operators", "kubernetes")}
    module = loaded(
        "airflow_dag",
        {
            **empty,
            "airflow.exceptions": kinds,
            "airflow.sdk": {"dag": dag},
            "airflow.providers.cncf.kubernetes.operators.pod": {"KubernetesPodOperator": Operator},
            "kubernetes.client": {"models": Models()},
        },
    )
    operator = made[0]
    options = operator.options
    assert options["do_xcom_push"] and options["env_vars"]["SEGMENTER_RESULT_FILE"] == "/airflow/xcom/return.json"
    assert options["skip_on_exit_code"] == [5] and options["retries"] > 0
    assert len(made) == 1 and module.RESULT == options["env_vars"]["SEGMENTER_RESULT_FILE"]

    def ends(raises, result):
        operator.raises = raises
        try:
            operator.cleanup(None, None, result, None)
        except error as found:
            return type(found).__name__
        return None

    failed = {"retry_helps": False, "error": {"message": "late"}}
    assert ends(None, {"retry_helps": False, "error": None}) is None
    assert ends(error("pod"), failed) == "AirflowFailException"
    assert ends(error("pod"), {**failed, "retry_helps": True}) == "AirflowException"
    assert ends(error("pod"), None) == "AirflowException", "without a result it is tried again"
    assert ends(kinds["AirflowSkipException"]("5"), failed) == "AirflowSkipException"
    return options["arguments"]


def dagster(program=None):
    """The asset, with a program that ends in every way, and with the built one."""
    kinds = {each: kind(each) for each in ("Failure", "RetryRequested")}

    def result(**options):
        return options

    members = {
        **kinds,
        "MaterializeResult": result,
        "DataVersion": str,
        "Definitions": result,
        "asset": lambda **_: lambda function: function,
    }
    module = loaded("dagster_asset", {"dagster": members})
    answer = {
        "retry_helps": False,
        "error": {"message": "late", "hint": "wait"},
        "run": "r",
        "folder": "f",
        "warnings": [],
        "segmentations": [{"name": "value", "segments": 2, "customers": 7}],
    }

    def ends(code, again):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "segmenter")
            text = json.dumps({**answer, "retry_helps": again})
            file.write_text(f"#!/bin/sh\nprintf '%s' '{text}' > \"${{3#--result-file=}}\"\nexit {code}\n")
            file.chmod(file.stat().st_mode | stat.S_IXUSR)
            return materialised(module, folder, tuple(kinds.values()))

    for code in (*AGAIN, *NOT_AGAIN):
        found = ends(code, code in AGAIN)
        expected = "RetryRequested" if code in AGAIN else "Failure"
        assert type(found).__name__ == expected, f"{code}: {found}"
        assert code in AGAIN or found.named["allow_retries"] is False
    assert ends(0, False)["metadata"]["customers in value"] == 7
    if program:
        with demo(program) as folder:
            module.JOB = str(folder.parents[3] / "segmenter.toml")
            before = pathlib.Path.cwd()
            os.chdir(folder.parents[3])
            try:
                found = materialised(module, program.parent, tuple(kinds.values()))
                assert found["metadata"]["folder"].endswith(folder.name) and found["data_version"] == folder.name, found
                module.JOB = "nowhere.toml"
                assert type(materialised(module, program.parent, tuple(kinds.values()))).__name__ == "Failure"
            finally:
                os.chdir(before)


def materialised(module, folder, kinds):
    before = os.environ["PATH"]
    os.environ["PATH"] = f"{folder}:{before}"
    try:
        return module.segments()
    except kinds as error:
        return error
    finally:
        os.environ["PATH"] = before


def flags(program, arguments):
    """Every flag stands in the program's own help."""
    text = subprocess.run([program, "run", "--help"], check=True, capture_output=True, text=True).stdout
    unknown = {each.split("=")[0] for each in arguments if each.startswith("--")} - set(re.findall(r"--[a-z][a-z-]*", text))
    assert not unknown, f"not in its help: {unknown}"


MISTAKES = {
    "kubernetes_cronjob.yaml": (
        cronjob,
        (
            lambda d: d["spec"]["jobTemplate"]["spec"]["podFailurePolicy"]["rules"][1]["onExitCodes"]["values"].append(4),
            lambda d: d["spec"]["jobTemplate"]["spec"]["podFailurePolicy"]["rules"].pop(0),
            lambda d: d["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0].update(name="other"),
            lambda d: d["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["volumeMounts"].pop(),
        ),
    ),
    "argo_workflow.yaml": (
        argo,
        (
            lambda d: d["spec"]["templates"][1]["retryStrategy"].update(expression="asInt(lastRetry.exitCode) > 3"),
            lambda d: d["spec"]["templates"][1]["outputs"]["parameters"][0]["valueFrom"].update(path="/tmp/result.json"),
            lambda d: d["spec"].update(entrypoint="daily"),
        ),
    ),
    "dbt_sources.yml": (
        dbt,
        (
            lambda d: d["sources"][0]["config"].pop("loaded_at_query"),
            lambda d: d["sources"][0]["tables"][3]["meta"].update(external_location="read_parquet('assignments')"),
        ),
    ),
}


def orchestration(expect, fails, schema_problem, versions, programs):
    """Holds the samples to their promises, and the checks to the mistakes that they must find."""
    program = programs and (programs / "segmenter").resolve()
    for name, (check, mistakes) in MISTAKES.items():
        found = document(name)
        expect(name, fails(check, found))
        for number, mistake in enumerate(mistakes, 1):
            broken = copy.deepcopy(found)
            mistake(broken)
            assert broken != found, f"mistake {number} changes nothing: {name}"
            expect(f"{name}: mistake {number}", None if fails(check, broken) else "it was made and not found")
    for version in versions:
        title = f"kubernetes_cronjob.yaml by the schema of Kubernetes {version}"
        expect(title, schema_problem(document("kubernetes_cronjob.yaml"), version))
    expect("airflow_dag.py, with a stand-in for Airflow", fails(airflow))
    expect("dagster_asset.py, with a stand-in for Dagster", fails(dagster, program))
    if program:
        expect("dbt_sources.yml, beside a run", fails(dbt, document("dbt_sources.yml"), program))
        pod = document("kubernetes_cronjob.yaml")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        of_argo = document("argo_workflow.yaml")["spec"]["templates"][1]["container"]["args"]
        for arguments in (pod["containers"][0]["args"], of_argo, airflow()):
            expect("segmenter knows the flags of the samples", fails(flags, program, arguments))
    print(f"         orchestration: {sum(len(mistakes) for _, mistakes in MISTAKES.values())} mistakes tried")
