"""Rendered manifests, seen by the roles of the cluster, and the list of promises about them."""

import copy
from collections.abc import Callable
from dataclasses import dataclass

ROLES = ("coordinator", "worker")


class Manifests:
    """The documents of one rendering. What it gives is no copy: a change of a part changes its document."""

    def __init__(self, documents):
        self.documents = documents

    def of(self, kind):
        return [each for each in self.documents if each["kind"] == kind]

    def named(self, kind, name):
        found = [each for each in self.of(kind) if each["metadata"]["name"] == name]
        assert len(found) == 1, f"expected one {kind} {name}, found {len(found)}"
        return found[0]

    def cron(self, role):
        return self.named("CronJob", f"segmenter-{role}")["spec"]

    def job(self, role):
        return self.cron(role)["jobTemplate"]["spec"]

    def pod(self, role):
        return self.job(role)["template"]["spec"]

    def labels(self, role):
        return self.job(role)["template"]["metadata"]["labels"]

    def container(self, role):
        containers = self.pod(role)["containers"]
        assert [each["name"] for each in containers] == [role], f"expected one container {role}"
        assert not self.pod(role).get("initContainers"), "expected no other containers"
        return containers[0]

    def flag(self, role, name):
        """The value of `--name=value`, which must stand there once."""
        start = f"--{name}="
        found = [each[len(start) :] for each in self.container(role)["args"] if each.startswith(start)]
        assert len(found) == 1, f"expected {start} once on the {role}, found {found}"
        return found[0]

    def set_flag(self, role, name, value):
        args = self.container(role)["args"]
        args[:] = [f"--{name}={value}" if each.startswith(f"--{name}=") else each for each in args]

    def policies_of(self, role):
        """The network policies that select a role's pods."""
        policies = [each["spec"] for each in self.of("NetworkPolicy")]
        return [each for each in policies if selects(each["podSelector"], self.labels(role))]

    def copy(self):
        return Manifests(copy.deepcopy(self.documents))


def selects(selector, labels):
    """Whether a selector holds for labels. Another form than the manifests use is an error, not a guess."""
    assert set(selector) <= {"matchLabels"}, f"expected matchLabels only, found {selector}"
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())


_UNITS = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "K": 10, "M": 20, "G": 30, "T": 40}


def size(text):
    """Bytes of a size. `8G` is read as the programs read it, by powers of 1024; Kubernetes' own have an `i` here."""
    unit = text.lstrip("0123456789")
    return int(text[: len(text) - len(unit)]) << _UNITS[unit]


@dataclass
class Promise:
    text: str
    holds: Callable  # raises AssertionError, or KeyError where what is promised is absent
    mistakes: list  # changes of the manifests, each of which must break the promise
    where: Callable  # the renderings that it is about


PROMISES = []


def promise(text, *mistakes, where=lambda manifests: True):
    """Registers a check together with mistakes that it must find: a check that cannot fail is worth nothing."""
    assert mistakes, f"a promise needs a mistake that breaks it: {text}"

    def register(check):
        PROMISES.append(Promise(text, check, list(mistakes), where))
        return check

    return register
