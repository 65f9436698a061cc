"""What a pod may do, what it gets, and how one sees that it lives."""

from manifests import ROLES, promise, size


def security(manifests, role):
    return manifests.container(role)["securityContext"]


def volume(manifests, role, name):
    return next(each for each in manifests.pod(role)["volumes"] if each["name"] == name)


def mount(manifests, role, name):
    return next(each for each in manifests.container(role)["volumeMounts"] if each["name"] == name)


@promise(
    "no pod holds a token of the API server, and nothing is granted to one",
    lambda m: m.pod("worker").pop("automountServiceAccountToken"),
    lambda m: m.pod("coordinator").update(automountServiceAccountToken=True),
    lambda m: m.pod("coordinator").update(serviceAccountName="default"),
    lambda m: m.named("ServiceAccount", "segmenter").pop("automountServiceAccountToken"),
    lambda m: m.pod("worker")["volumes"].append({"name": "x", "projected": {"sources": []}}),
    lambda m: m.documents.append({"kind": "RoleBinding", "metadata": {"name": "x"}}),
)
def no_token(manifests):
    assert manifests.named("ServiceAccount", "segmenter")["automountServiceAccountToken"] is False
    for role in ROLES:
        pod = manifests.pod(role)
        assert (pod["automountServiceAccountToken"], pod["serviceAccountName"]) == (False, "segmenter")
        assert not any("projected" in each for each in pod["volumes"])
    assert not [each["kind"] for each in manifests.documents if each["kind"].endswith(("Role", "RoleBinding"))]


@promise(
    "pods run as uid 65532, never as root, under the runtime's seccomp profile",
    lambda m: m.pod("worker")["securityContext"].update(runAsUser=0),
    lambda m: m.pod("worker")["securityContext"].pop("runAsNonRoot"),
    lambda m: m.pod("coordinator")["securityContext"].pop("runAsGroup"),
    lambda m: m.pod("coordinator")["securityContext"]["seccompProfile"].update(type="Unconfined"),
)
def not_root(manifests):
    for role in ROLES:
        context = manifests.pod(role)["securityContext"]
        assert context["runAsNonRoot"] is True
        assert (context["runAsUser"], context["runAsGroup"], context["fsGroup"]) == (65532, 65532, 65532)
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}


@promise(
    "containers have no capability, cannot gain any, cannot write to their image, and undo nothing of the pod",
    lambda m: security(m, "coordinator").update(readOnlyRootFilesystem=False),
    lambda m: security(m, "worker")["capabilities"].update(drop=["NET_RAW"]),
    lambda m: security(m, "worker")["capabilities"].update(add=["SYS_ADMIN"]),
    lambda m: security(m, "worker").pop("allowPrivilegeEscalation"),
    lambda m: security(m, "coordinator").update(privileged=True),
    lambda m: security(m, "worker").update(runAsUser=0),
)
def no_privileges(manifests):
    for role in ROLES:
        assert security(manifests, role) == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


@promise(
    "nothing of the node is shared, and the namespace lets no pod in that would",
    lambda m: m.pod("worker").update(hostNetwork=True),
    lambda m: m.pod("worker").update(hostPID=True),
    lambda m: m.container("worker")["ports"][0].update(hostPort=7071),
    lambda m: m.pod("coordinator")["volumes"].append({"name": "x", "hostPath": {"path": "/"}}),
    lambda m: m.of("Namespace")[0]["metadata"]["labels"].update({"pod-security.kubernetes.io/enforce": "baseline"}),
)
def nothing_of_the_node(manifests):
    for role in ROLES:
        assert not {"hostNetwork", "hostPID", "hostIPC", "hostAliases"} & set(manifests.pod(role))
        assert not any("hostPort" in port for port in manifests.container(role)["ports"])
        assert all(set(each) & {"configMap", "secret", "emptyDir"} for each in manifests.pod(role)["volumes"])
    [namespace] = manifests.of("Namespace")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    elsewhere = {each["metadata"].get("namespace") for each in manifests.documents if each is not namespace}
    assert elsewhere == {namespace["metadata"]["name"]}, elsewhere


@promise(
    "memory: request = limit, and --memory leaves a fifth of it to what does not grow",
    lambda m: m.container("worker")["resources"]["requests"].update(memory="4Gi"),
    lambda m: m.container("worker")["resources"]["limits"].pop("memory"),
    lambda m: m.set_flag("worker", "memory", "7G"),
    lambda m: m.set_flag("coordinator", "memory", "1G"),
)
def memory(manifests):
    for role in ROLES:
        resources = manifests.container(role)["resources"]
        limit = resources["limits"]["memory"]
        assert resources["requests"]["memory"] == limit
        assert size(manifests.flag(role, "memory")) <= 0.8 * size(limit)


@promise(
    "only --scratch can be written: an emptyDir with a size, and disk asked for beyond it",
    lambda m: volume(m, "worker", "scratch").update(emptyDir={}),
    lambda m: volume(m, "worker", "scratch")["emptyDir"].update(sizeLimit="22Gi"),
    lambda m: volume(m, "coordinator", "scratch")["emptyDir"].update(medium="Memory"),
    lambda m: mount(m, "coordinator", "tls").pop("readOnly"),
    lambda m: m.set_flag("worker", "scratch", "/tmp"),
    lambda m: m.container("worker").update(
        env=[each for each in m.container("worker")["env"] if each["name"] != "TMPDIR"]
    ),
    lambda m: m.container("worker")["resources"]["requests"].pop("ephemeral-storage"),
)
def scratch(manifests):
    for role in ROLES:
        written = [each for each in manifests.container(role)["volumeMounts"] if not each.get("readOnly")]
        assert [each["mountPath"] for each in written] == [manifests.flag(role, "scratch")]
        assert {"name": "TMPDIR", "value": manifests.flag(role, "scratch")} in manifests.container(role)["env"]
        folder = volume(manifests, role, written[0]["name"])["emptyDir"]
        assert set(folder) == {"sizeLimit"}, "expected a size, and no memory as disk"
        resources = manifests.container(role)["resources"]
        disk = resources["limits"]["ephemeral-storage"]
        assert resources["requests"]["ephemeral-storage"] == disk and size(disk) > size(folder["sizeLimit"])


@promise(
    "a role has its own certificate, the token, and nothing that is not there; no secret stands in what is rendered",
    lambda m: m.container("worker")["args"].append("--insecure"),
    lambda m: m.container("worker").update(
        args=[each for each in m.container("worker")["args"] if "--tls-ca" not in each]
    ),
    lambda m: m.set_flag("coordinator", "token-file", "/etc/token"),
    lambda m: volume(m, "worker", "tls")["secret"].update(secretName="segmenter-coordinator-tls"),
    lambda m: volume(m, "worker", "tls")["secret"].update(defaultMode=0o444),
    lambda m: m.container("worker")["env"].append({"name": "AWS_SECRET_ACCESS_KEY", "value": "x"}),
    lambda m: m.container("worker")["envFrom"][1]["secretRef"].pop("optional"),
    lambda m: m.container("worker")["envFrom"].append({"secretRef": {"name": "other", "optional": True}}),
    lambda m: m.documents.append({"kind": "Secret", "metadata": {"name": "segmenter-token"}}),
)
def secrets(manifests):
    assert not manifests.of("Secret")
    for role in ROLES:
        mounts = {each["name"]: each["mountPath"] for each in manifests.container(role)["volumeMounts"]}
        files = {
            "token-file": "token/token",
            "tls-cert": "tls/tls.crt",
            "tls-key": "tls/tls.key",
            "tls-ca": "tls/ca.crt",
        }
        for flag, file in files.items():
            name, _, key = file.partition("/")
            assert manifests.flag(role, flag) == f"{mounts[name]}/{key}"
        assert not any("insecure" in each for each in manifests.container(role)["args"])
        held = {each["name"]: each["secret"] for each in manifests.pod(role)["volumes"] if "secret" in each}
        names = {name: each["secretName"] for name, each in held.items()}
        assert names == {"token": "segmenter-token", "tls": f"segmenter-{role}-tls"}, names
        assert all(each["defaultMode"] == 0o440 for each in held.values())
        assert {each["name"] for each in manifests.container(role)["env"]} <= {"POD_IP", "TMPDIR"}
        sources = [each["secretRef"] for each in manifests.container(role)["envFrom"] if "secretRef" in each]
        assert sources == [{"name": "segmenter-object-store", "optional": True}]


@promise(
    "every ConfigMap that a pod names is there",
    lambda m: volume(m, "coordinator", "job")["configMap"].update(name="segmenter-job"),
    lambda m: m.container("worker")["envFrom"][0]["configMapRef"].update(name="other"),
    where=lambda m: m.of("ConfigMap"),
)
def configuration(manifests):
    there = {each["metadata"]["name"] for each in manifests.of("ConfigMap")}
    for role in ROLES:
        named = {
            each["configMapRef"]["name"] for each in manifests.container(role)["envFrom"] if "configMapRef" in each
        }
        named |= {each["configMap"]["name"] for each in manifests.pod(role)["volumes"] if "configMap" in each}
        assert named <= there, named - there


@promise(
    "both roles run one image of one version, each its own program, without variables from Services",
    lambda m: m.container("worker").update(image="segmenter:0.2.0"),
    lambda m: [m.container(role).update(image="segmenter:latest") for role in ROLES],
    lambda m: [m.container(role).update(image="segmenter") for role in ROLES],
    lambda m: m.container("worker").update(command=["segmenter"]),
    lambda m: m.pod("worker").pop("enableServiceLinks"),
)
def one_version(manifests):
    [image] = {manifests.container(role)["image"] for role in ROLES}
    version = image.rpartition("/")[2].partition("@" if "@" in image else ":")[2]
    assert version not in ("", "latest"), image
    assert [manifests.container(role)["command"] for role in ROLES] == [["segmenter"], ["segmenter-worker"]]
    assert all(manifests.pod(role)["enableServiceLinks"] is False for role in ROLES)


@promise(
    "a pod that hangs is noticed over plain HTTP, and a busy one has two minutes",
    lambda m: m.container("worker").update(livenessProbe={"grpc": {"port": 7071}}),
    lambda m: m.container("coordinator").pop("livenessProbe"),
    lambda m: m.container("coordinator")["livenessProbe"]["httpGet"].update(port="grpc"),
    lambda m: m.container("worker")["livenessProbe"].update(failureThreshold=1),
    lambda m: m.set_flag("worker", "metrics", "127.0.0.1:9090"),
    lambda m: m.job("worker")["template"]["metadata"]["annotations"].update({"prometheus.io/port": "7071"}),
)
def health(manifests):
    for role in ROLES:
        probe = manifests.container(role)["livenessProbe"]
        assert probe["httpGet"] == {"path": "/healthz", "port": "metrics"}
        assert probe["periodSeconds"] * probe["failureThreshold"] >= 120
        [port] = [each["containerPort"] for each in manifests.container(role)["ports"] if each["name"] == "metrics"]
        assert manifests.flag(role, "metrics") == f"0.0.0.0:{port}"
        annotations = manifests.job(role)["template"]["metadata"]["annotations"]
        assert annotations == {"prometheus.io/scrape": "true", "prometheus.io/port": str(port)}


@promise(
    "the pod monitor selects both roles and their metrics port",
    lambda m: m.of("PodMonitor")[0]["spec"]["selector"]["matchLabels"].update(
        {"app.kubernetes.io/component": "worker"}
    ),
    lambda m: m.of("PodMonitor")[0]["spec"]["podMetricsEndpoints"][0].update(port="grpc"),
    where=lambda m: m.of("PodMonitor"),
)
def pod_monitor(manifests):
    [monitor] = [each["spec"] for each in manifests.of("PodMonitor")]
    wanted = monitor["selector"]["matchLabels"].items()
    assert all(wanted <= manifests.labels(role).items() for role in ROLES)
    assert [(each["port"], each["path"]) for each in monitor["podMetricsEndpoints"]] == [("metrics", "/metrics")]
