"""The rules by which a bucket of S3 forgets: over the wire, beside those that are there, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from xml.etree import ElementTree

import pytest
from runtime.lifecycle import Bucket, keep_rules
from structlog.testing import capture_logs

NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"
THEIRS = (
    b'<LifecycleConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Rule><ID>theirs</ID><Filter><And>'
    b"<Prefix>logs/</Prefix><Tag><Key>a</Key><Value>b</Value></Tag></And></Filter><Status>Enabled</Status><Expiration>"
    b"<Days>9</Days></Expiration></Rule></LifecycleConfiguration>"
)


@dataclass
class S3:
    """A bucket's rules. `refuses` is the status of every answer, where it is set."""

    rules: bytes = b""
    refuses: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def found(self) -> dict[str, dict[str, str]]:
        rules = ElementTree.fromstring(self.rules).findall(f"{NAMESPACE}Rule")
        told = [{leaf.tag.removeprefix(NAMESPACE): leaf.text or "" for leaf in rule.iter()} for rule in rules]
        return {each["ID"]: each for each in told}


@contextmanager
def serving(wire: S3) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            wire.asked.append((self.command, self.path))
            wire.headers.append({name.lower(): value for name, value in self.headers.items()})
            status = wire.refuses or (404 if self.command == "GET" and not wire.rules else 200)
            if self.command == "PUT" and status == 200:
                wire.rules = body
            answer = wire.rules if status == 200 and self.command == "GET" else b""
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_PUT = _answer

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3]:
    wire = S3()
    with serving(wire) as address:
        for name, value in {
            "AWS_ENDPOINT_URL": address,
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret words",
            "AWS_REGION": "eu-north-1",
        }.items():
            monkeypatch.setenv(name, value)
        yield wire


def test_a_bucket_without_rules_gets_ours_once(s3: S3) -> None:
    assert keep_rules("s3://careers/parley/", 30)
    assert s3.asked == [("GET", "/careers?lifecycle"), ("PUT", "/careers?lifecycle")]
    found = s3.found()
    assert {name: (each["Prefix"], each.get("Days")) for name, each in found.items()} == {
        "parley-spoken": ("parley/spoken/", "1"),
        "parley-recordings": ("parley/recordings/", "30"),
        "parley-unfinished": ("parley/", None),
    }
    assert keep_rules("s3://careers/parley", 30) and len(s3.asked) == 3, "nothing to change"
    assert keep_rules("s3://careers/parley", 0.5) and s3.found()["parley-recordings"]["Days"] == "1"


def test_what_others_set_stays(s3: S3) -> None:
    s3.rules = THEIRS
    assert keep_rules("s3://careers", 30)
    assert keep_rules("s3://careers", 7)
    found = s3.found()
    assert set(found) == {"theirs", "parley-spoken", "parley-recordings", "parley-unfinished"}
    assert found["theirs"]["Key"] == "a" and found["theirs"]["Days"] == "9"
    assert found["parley-spoken"]["Prefix"] == "spoken/" and found["parley-recordings"]["Days"] == "7"


@pytest.mark.parametrize("status", [403, 501, 500])
def test_a_bucket_that_may_not_be_told_is_one_line_in_the_log(s3: S3, status: int) -> None:
    s3.rules, s3.refuses = THEIRS, status
    with capture_logs() as lines:
        assert not keep_rules("s3://careers", 30)
    (line,) = lines
    assert line["log_level"] == "warning" and "docs/speech.md" in line["event"] and "secret" not in str(line)
    assert s3.rules == THEIRS and all(method == "GET" for method, _ in s3.asked)


def test_rules_that_cannot_be_read_are_not_replaced(s3: S3) -> None:
    s3.rules = b"<html>a proxy"
    assert not keep_rules("s3://careers", 30)
    assert s3.rules == b"<html>a proxy"


def test_without_keys_or_with_another_store_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    for url in ("s3://careers", "gs://careers", "az://careers"):
        with capture_logs() as lines:
            assert not keep_rules(url, 30)
        assert len(lines) == 1


def test_it_is_signed_as_the_vendor_shows() -> None:
    """The example of AWS's documentation of Signature Version 4: reading a bucket's lifecycle."""
    variables = {
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    }
    bucket = Bucket.of("examplebucket", variables)
    assert bucket.address == "https://examplebucket.s3.us-east-1.amazonaws.com"
    theirs = Bucket("https://examplebucket.s3.amazonaws.com", bucket.region, bucket.key, bucket.secret)
    request = theirs.request("GET", datetime(2013, 5, 24, tzinfo=UTC))
    assert request.full_url == "https://examplebucket.s3.amazonaws.com/?lifecycle"
    signature = request.get_header("Authorization").rpartition("Signature=")[2]
    assert signature == "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
