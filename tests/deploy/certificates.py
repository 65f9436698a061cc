"""certificates.sh, tried: its certificates are used for TLS on both sides, in memory."""

import ssl
import subprocess


def context(folder, role, purpose):
    made = ssl.SSLContext(purpose)
    made.load_verify_locations(folder / role / "ca.crt")
    made.load_cert_chain(folder / role / "tls.crt", folder / role / "tls.key")
    made.verify_mode = ssl.CERT_REQUIRED
    return made


def greet(folder, client, server, expected):
    """A handshake between two roles, where the client expects a name; gives the name that the server saw."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    one = context(folder, client, ssl.PROTOCOL_TLS_CLIENT).wrap_bio(to_client, to_server, server_hostname=expected)
    other = context(folder, server, ssl.PROTOCOL_TLS_SERVER).wrap_bio(to_server, to_client, server_side=True)
    for side in (one, other, one, other):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            pass
    return [name for _, name in other.getpeercert()["subjectAltName"]]


def certificates(script, folder):
    """Raises AssertionError, or the error of the program or of TLS that was not expected."""
    subprocess.run([script, folder], check=True)
    first = (folder / "worker/tls.crt").read_bytes()
    subprocess.run([script, folder, "30"], check=True)
    assert (folder / "worker/tls.crt").read_bytes() != first, "expected a second run to renew"
    assert greet(folder, "worker", "coordinator", "segmenter-coordinator") == ["segmenter-worker"]
    assert greet(folder, "coordinator", "worker", "segmenter-worker") == ["segmenter-coordinator"]
    try:
        greet(folder, "worker", "worker", "segmenter-coordinator")
        raise AssertionError("expected a worker not to pass for a coordinator")
    except ssl.SSLCertVerificationError:
        pass
    for secret in folder.rglob("*.key"):
        assert secret.stat().st_mode & 0o077 == 0, f"expected {secret.name} to be its owner's alone"
