"""What the CronJobs promise: who starts when, and what happens after each way to end."""

import tomllib

from manifests import ROLES, promise

FAIL, INDEX, COUNT, IGNORE = "FailJob", "FailIndex", "Count", "Ignore"


def after(manifests, role, code):
    """What Kubernetes does after a container left with `code`: the first rule that holds, else it counts."""
    for rule in manifests.job(role)["podFailurePolicy"]["rules"]:
        codes = rule.get("onExitCodes")
        if (
            codes
            and codes.get("containerName", role) == role
            and (code in codes["values"]) == (codes["operator"] == "In")
        ):
            return rule["action"]
    return COUNT


def rule(manifests, role, position):
    return manifests.job(role)["podFailurePolicy"]["rules"][position]


@promise(
    "at most one coordinator is wanted at a time",
    lambda m: m.cron("coordinator").update(concurrencyPolicy="Allow"),
    lambda m: m.cron("coordinator").pop("concurrencyPolicy"),
    lambda m: m.job("coordinator").update(parallelism=2),
    lambda m: m.job("coordinator").update(podReplacementPolicy="TerminatingOrFailed"),
)
def one_coordinator(manifests):
    assert manifests.cron("coordinator")["concurrencyPolicy"] == "Forbid"
    job = manifests.job("coordinator")
    assert (job["parallelism"], job["completions"], job["podReplacementPolicy"]) == (1, 1, "Failed")


@promise(
    "coordinator and workers start at the same minute, and end by the same deadline",
    lambda m: m.cron("worker").update(schedule="31 4 * * *"),
    lambda m: m.cron("worker").update(timeZone="Etc/UTC"),
    lambda m: m.cron("coordinator").pop("timeZone"),
    lambda m: m.cron("coordinator").update(suspend=True),
    lambda m: m.job("worker").pop("activeDeadlineSeconds"),
)
def together(manifests):
    one, other = (manifests.cron(role) for role in ROLES)
    for key in ("schedule", "timeZone", "startingDeadlineSeconds", "concurrencyPolicy"):
        assert one[key] == other[key], f"expected the same {key}"
    assert one.get("suspend") == other.get("suspend")
    assert manifests.job("coordinator")["activeDeadlineSeconds"] == manifests.job("worker")["activeDeadlineSeconds"] > 0


def job_file(manifests):
    return next(
        each["data"] for each in manifests.of("ConfigMap") if each["metadata"]["name"].startswith("segmenter-job")
    )


@promise(
    "days of the schedule are days of the job file, and every name in its env is set",
    lambda m: m.cron("coordinator").update(timeZone="Europe/London"),
    lambda m: job_file(m).update({"job.toml": job_file(m)["job.toml"].replace("Warsaw", "Rome")}),
    lambda m: job_file(m).update({"job.toml": job_file(m)["job.toml"].replace('["LAKE"]', '["LAKE", "OTHER"]')}),
    lambda m: m.container("coordinator")["args"].__setitem__(1, "/etc/segmenter/job/other.toml"),
    where=lambda m: m.of("ConfigMap"),
)
def same_days(manifests):
    folder, _, file = manifests.container("coordinator")["args"][1].rpartition("/")
    assert folder in {each["mountPath"] for each in manifests.container("coordinator")["volumeMounts"]}
    job = tomllib.loads(job_file(manifests)[file])
    assert job.get("timezone", "UTC") == manifests.cron("coordinator")["timeZone"]
    environment = [
        each for each in manifests.of("ConfigMap") if each["metadata"]["name"].startswith("segmenter-environment")
    ]
    assert set(job.get("env", [])) <= set(environment[0]["data"])


@promise(
    "a coordinator is started again where that helps, and only there",
    *(lambda m, code=code: rule(m, "coordinator", 1)["onExitCodes"]["values"].remove(code) for code in (1, 2, 3, 5, 6)),
    lambda m: rule(m, "coordinator", 1)["onExitCodes"]["values"].append(4),
    lambda m: rule(m, "coordinator", 1)["onExitCodes"].update(operator="NotIn"),
    lambda m: rule(m, "coordinator", 1)["onExitCodes"].update(containerName="other"),
    lambda m: m.job("coordinator").update(backoffLimit=0),
)
def after_a_coordinator(manifests):
    found = {code: after(manifests, "coordinator", code) for code in (1, 2, 3, 4, 5, 6, 137)}
    assert found == {1: FAIL, 2: FAIL, 3: FAIL, 4: COUNT, 5: FAIL, 6: FAIL, 137: COUNT}, found
    assert manifests.job("coordinator")["backoffLimit"] > 0


@promise(
    "a worker that cannot go on leaves the others to go on; only a wrong command line ends all",
    lambda m: rule(m, "worker", 2).update(action=FAIL),
    lambda m: rule(m, "worker", 1)["onExitCodes"]["values"].append(6),
    lambda m: rule(m, "worker", 2)["onExitCodes"]["values"].append(4),
    lambda m: m.job("worker").update(backoffLimitPerIndex=0),
    lambda m: m.job("worker").update(maxFailedIndexes=0),
    lambda m: m.job("worker").update(backoffLimit=1),
)
def after_a_worker(manifests):
    found = {code: after(manifests, "worker", code) for code in (1, 2, 3, 4, 5, 6, 137)}
    assert found == {1: INDEX, 2: FAIL, 3: INDEX, 4: COUNT, 5: INDEX, 6: INDEX, 137: COUNT}, found
    job = manifests.job("worker")
    assert job["backoffLimitPerIndex"] > 0 and "maxFailedIndexes" not in job and "backoffLimit" not in job


@promise(
    "an evicted pod is replaced, whatever the code it left with, and that counts for nothing",
    lambda m: m.job("coordinator")["podFailurePolicy"]["rules"].pop(0),
    lambda m: m.job("worker")["podFailurePolicy"]["rules"].append(m.job("worker")["podFailurePolicy"]["rules"].pop(0)),
    lambda m: rule(m, "worker", 0)["onPodConditions"][0].update(status="False"),
)
def evictions(manifests):
    for role in ROLES:
        first = rule(manifests, role, 0)
        assert first == {"action": IGNORE, "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}, first


@promise(
    "failed pods are judged by the Job, not restarted by the node",
    lambda m: m.pod("coordinator").update(restartPolicy="OnFailure"),
    lambda m: m.pod("worker").pop("restartPolicy"),
)
def never_in_place(manifests):
    assert all(manifests.pod(role)["restartPolicy"] == "Never" for role in ROLES)


@promise(
    "workers are an indexed Job, all at once, done when the run is; the coordinator waits for no more than there are",
    lambda m: m.job("worker").update(completionMode="NonIndexed"),
    lambda m: m.job("worker").update(parallelism=1),
    lambda m: m.job("worker").pop("successPolicy"),
    lambda m: m.job("worker")["successPolicy"]["rules"][0].update(succeededCount=2),
    lambda m: m.set_flag("coordinator", "workers", 100),
)
def indexed(manifests):
    job = manifests.job("worker")
    assert job["completionMode"] == "Indexed"
    assert 1 <= int(manifests.flag("coordinator", "workers")) <= job["parallelism"] == job["completions"]
    assert job["successPolicy"] == {"rules": [{"succeededCount": 1}]}


@promise(
    "SIGTERM leaves the 25 s that a checkpoint may take",
    lambda m: m.pod("coordinator").update(terminationGracePeriodSeconds=25),
    lambda m: m.pod("worker").update(terminationGracePeriodSeconds=5),
)
def time_to_leave(manifests):
    assert all(manifests.pod(role).get("terminationGracePeriodSeconds", 30) >= 30 for role in ROLES)
