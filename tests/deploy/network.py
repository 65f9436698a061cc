"""Who reaches whom: addresses, ports, policies, and the names in certificates."""

from manifests import ROLES, promise, selects

PORTS = {"coordinator": 7070, "worker": 7071}
KUBE_DNS = {
    "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
    "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
}
MONITORING = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}


def policy(manifests, name):
    return manifests.named("NetworkPolicy", f"segmenter-{name}")["spec"]


def pairs(manifests, role, direction, side):
    """All (peer, port) that a role's policies allow together. A rule without peers or ports allows all."""
    for each in manifests.policies_of(role):
        for rule in each.get(direction, []):
            assert rule.get(side) and rule.get("ports"), f"expected peers and ports in every rule, found {rule}"
            yield from ((peer, (port["protocol"], port["port"])) for peer in rule[side] for port in rule["ports"])


def roles_of(manifests, peer):
    return [
        role for role in ROLES if set(peer) == {"podSelector"} and selects(peer["podSelector"], manifests.labels(role))
    ]


@promise(
    "workers find the coordinator, it finds them, and both speak TLS",
    lambda m: m.set_flag("worker", "coordinator", "http://segmenter-coordinator:7070"),
    lambda m: m.set_flag("worker", "coordinator", "https://coordinator:7070"),
    lambda m: m.set_flag("worker", "advertise", "https://0.0.0.0:7071"),
    lambda m: m.set_flag("coordinator", "listen", "127.0.0.1:7070"),
    lambda m: m.container("worker")["env"][0].update(valueFrom={"fieldRef": {"fieldPath": "status.hostIP"}}),
    lambda m: m.of("Service")[0]["spec"]["ports"][0].update(targetPort="metrics"),
    lambda m: m.of("Service")[0]["spec"].update(publishNotReadyAddresses=False),
)
def addresses(manifests):
    for role in ROLES:
        [port] = [each["containerPort"] for each in manifests.container(role)["ports"] if each["name"] == "grpc"]
        assert port == PORTS[role] and manifests.flag(role, "listen") == f"0.0.0.0:{port}"
    [service] = manifests.of("Service")
    assert service["spec"]["publishNotReadyAddresses"] is True
    [port] = service["spec"]["ports"]
    assert port["targetPort"] == "grpc"
    assert manifests.flag("worker", "coordinator") == f"https://{service['metadata']['name']}:{port['port']}"
    assert manifests.flag("worker", "advertise") == f"https://$(POD_IP):{PORTS['worker']}"
    own_address = {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}
    assert own_address in manifests.container("worker")["env"]


@promise(
    "the Service selects the coordinator's pods and no worker's",
    lambda m: m.of("Service")[0]["spec"]["selector"].pop("app.kubernetes.io/component"),
    lambda m: m.labels("coordinator").update({"app.kubernetes.io/component": "other"}),
)
def service(manifests):
    [selector] = [{"matchLabels": each["spec"]["selector"]} for each in manifests.of("Service")]
    assert selects(selector, manifests.labels("coordinator")) and not selects(selector, manifests.labels("worker"))


@promise(
    "nobody reaches a pod but its counterpart on its one port, and monitoring on 9090",
    lambda m: policy(m, "coordinator").update(ingress=[{}]),
    lambda m: policy(m, "coordinator")["ingress"][0].pop("ports"),
    lambda m: policy(m, "worker")["ingress"][0]["from"][0]["podSelector"]["matchLabels"].pop(
        "app.kubernetes.io/component"
    ),
    lambda m: policy(m, "worker")["ingress"][0]["ports"][0].update(port=7070),
    lambda m: policy(m, "surroundings")["ingress"][0].update({"from": [{"namespaceSelector": {}}]}),
    lambda m: policy(m, "surroundings").update(policyTypes=["Egress"]),
    lambda m: policy(m, "worker").pop("ingress"),
)
def ingress(manifests):
    for role, other in (ROLES, ROLES[::-1]):
        assert all(each["policyTypes"] == ["Ingress", "Egress"] for each in manifests.policies_of(role))
        found = [(roles_of(manifests, peer) or peer, port) for peer, port in pairs(manifests, role, "ingress", "from")]
        expected = [([other], ("TCP", PORTS[role])), (MONITORING, ("TCP", 9090))]
        assert sorted(found, key=str) == sorted(expected, key=str), found


@promise(
    "a pod reaches its counterpart, names on 53, and 443 outside, but no metadata service",
    lambda m: policy(m, "surroundings")["egress"].append({}),
    lambda m: policy(m, "surroundings")["egress"][1]["ports"].append({"protocol": "TCP", "port": 80}),
    lambda m: policy(m, "surroundings")["egress"][1]["to"][0]["ipBlock"].pop("except"),
    lambda m: policy(m, "surroundings")["egress"][0]["to"][0].pop("podSelector"),
    lambda m: policy(m, "worker")["egress"][0]["to"][0].update(podSelector={}),
    lambda m: policy(m, "coordinator").update(egress=[]),
)
def egress(manifests):
    for role, other in (ROLES, ROLES[::-1]):
        counterparts, names, outside = [], [], []
        for peer, port in pairs(manifests, role, "egress", "to"):
            if port[1] == 53:
                assert peer in (KUBE_DNS, {"ipBlock": {"cidr": "169.254.20.10/32"}}), peer
                names.append(port[0])
            elif port == ("TCP", 443):
                outside.append((peer["ipBlock"]["cidr"], tuple(peer["ipBlock"].get("except", []))))
            else:
                counterparts.append((roles_of(manifests, peer), port))
        assert counterparts == [([other], ("TCP", PORTS[other]))], counterparts
        assert set(names) == {"UDP", "TCP"}
        assert set(outside) == {("0.0.0.0/0", ("169.254.0.0/16",)), ("::/0", ("fe80::/10",))}, outside


@promise(
    "a certificate carries its role's name alone, for both sides of a connection, into the Secret that the pod mounts",
    lambda m: m.named("Certificate", "segmenter-worker")["spec"].update(dnsNames=["segmenter-coordinator"]),
    lambda m: m.named("Certificate", "segmenter-worker")["spec"]["dnsNames"].append("segmenter-coordinator"),
    lambda m: m.named("Certificate", "segmenter-coordinator")["spec"]["usages"].remove("client auth"),
    lambda m: m.named("Certificate", "segmenter-coordinator")["spec"].update(secretName="other"),
    lambda m: m.named("Certificate", "segmenter-worker")["spec"]["issuerRef"].update(name="segmenter-self-signed"),
    lambda m: m.named("Certificate", "segmenter-worker")["spec"].update(isCA=True),
    lambda m: m.named("Issuer", "segmenter-authority")["spec"]["ca"].update(secretName="other"),
    where=lambda m: m.of("Certificate"),
)
def certificates(manifests):
    authority = manifests.named("Certificate", "segmenter-authority")["spec"]
    assert authority["isCA"] is True
    assert manifests.named("Issuer", "segmenter-authority")["spec"]["ca"]["secretName"] == authority["secretName"]
    for role in ROLES:
        spec = manifests.named("Certificate", f"segmenter-{role}")["spec"]
        assert spec["dnsNames"] == [f"segmenter-{role}"] and not spec.get("isCA")
        assert set(spec["usages"]) == {"digital signature", "server auth", "client auth"}
        assert (spec["issuerRef"]["kind"], spec["issuerRef"]["name"]) == ("Issuer", "segmenter-authority")
        assert spec["secretName"] in [
            each.get("secret", {}).get("secretName") for each in manifests.pod(role)["volumes"]
        ]
