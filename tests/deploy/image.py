"""What the Dockerfile promises. It is read, not built: that takes a container runtime."""

import re
import tomllib


def instructions(text):
    """(instruction, argument) of each line, continued lines joined, comments dropped."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    return [
        tuple(each.split(None, 1)) for each in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines() if each.strip()
    ]


def image(text, cargo_toml):
    """Raises AssertionError where a promise is broken."""
    found = instructions(text)
    stages = [index for index, (word, _) in enumerate(found) if word == "FROM"]
    build, final = found[stages[0] : stages[-1]], found[stages[-1] :]
    arguments = dict(each.split("=", 1) for word, each in found if word == "ARG")
    release = {}
    for name, tag in arguments.items():
        assert re.fullmatch(r"[a-z]+:[a-z0-9.-]+", tag) and not tag.endswith(":latest"), f"expected a tag, found {tag}"
        release[name] = next((each for each in ("trixie", "bookworm") if each in tag), None)
    assert len(set(release.values())) == 1 and None not in release.values(), (
        "expected one Debian release in both images"
    )
    rust = re.match(r"rust:(\d+)\.(\d+)", arguments["RUST_IMAGE"])
    wanted = tomllib.loads(cargo_toml)["workspace"]["package"]["rust-version"]
    assert rust and tuple(map(int, rust.groups())) >= tuple(map(int, wanted.split("."))), (
        f"expected Rust {wanted} or newer"
    )
    assert any(word == "RUN" and "cargo build --release --locked --workspace" in each for word, each in build)
    assert not [word for word, _ in final if word in ("RUN", "ADD")], "expected a final stage that installs nothing"
    copied = " ".join(each for word, each in final if word == "COPY")
    assert all(each in copied.split() for each in ("/out/segmenter", "/out/segmenter-worker")), "expected both programs"
    assert "/etc/ssl/certs/ca-certificates.crt" in copied, "expected the certificates of public authorities"
    assert [each for word, each in final if word == "USER"] == ["65532:65532"]
    assert ("ENTRYPOINT", '["segmenter"]') in final


MISTAKES = [
    ("USER 65532:65532", ""),
    ("USER 65532:65532", "USER 0"),
    (" --locked", ""),
    ("rust:1.95-slim-trixie", "rust:1.80-slim-trixie"),
    ("rust:1.95-slim-trixie", "rust:latest"),
    ("debian:trixie-slim", "debian:bookworm-slim"),
    ("/out/segmenter-worker /usr", "/usr"),
    ("COPY --from=build /etc/ssl", "# COPY --from=build /etc/ssl"),
]
