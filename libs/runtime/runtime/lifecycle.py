"""Rules by which a bucket of S3 forgets by itself what is kept for a while only, as the broker's buckets do.

Nothing else that we use speaks this part of S3, so its requests are signed here: by keys from the environment, which
are what a provisioner has. Other rules of the bucket stay as they are.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import math
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import structlog

from runtime.objects import RECORDING_FOLDER, SPOKEN_FOLDER
from runtime.telemetry import failure

log = structlog.get_logger()
_SECONDS = 15.0
_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_UNFINISHED_DAYS = 7
_RULE = (
    '<Rule xmlns="{namespace}"><ID>{name}</ID><Filter><Prefix>{prefix}</Prefix></Filter><Status>Enabled</Status>{what}'
    "</Rule>"
)
_EXPIRY = "<Expiration><Days>{days}</Days></Expiration>"
_ABORT = (
    "<AbortIncompleteMultipartUpload><DaysAfterInitiation>{days}</DaysAfterInitiation></AbortIncompleteMultipartUpload>"
)
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")


class Unsigned(LookupError):
    """There are no keys in the environment."""


@dataclass(frozen=True)
class Bucket:
    """A bucket, how it is reached, and by whom. `address` is without a slash at its end."""

    address: str
    region: str
    key: str
    secret: str
    token: str = ""

    @classmethod
    def of(cls, name: str, variables: Mapping[str, str]) -> Bucket:
        """By the variables that S3 clients know. Raises Unsigned."""
        region = variables.get("AWS_REGION") or variables.get("AWS_DEFAULT_REGION") or "us-east-1"
        endpoint = next((variables[each] for each in _ENDPOINTS if variables.get(each)), "").rstrip("/")
        address = f"{endpoint}/{name}" if endpoint else f"https://{name}.s3.{region}.amazonaws.com"
        key, secret = variables.get("AWS_ACCESS_KEY_ID", ""), variables.get("AWS_SECRET_ACCESS_KEY", "")
        if not (key and secret):
            raise Unsigned
        return cls(address, region, key, secret, variables.get("AWS_SESSION_TOKEN", ""))

    def request(self, method: str, now: datetime, body: bytes = b"") -> urllib.request.Request:
        """A signed request for, or with, the bucket's rules."""
        parts = urlsplit(self.address)
        stamp, day = f"{now:%Y%m%dT%H%M%SZ}", f"{now:%Y%m%d}"
        payload = hashlib.sha256(body).hexdigest()
        headers = {"host": parts.netloc, "x-amz-content-sha256": payload, "x-amz-date": stamp}
        if body:
            headers["content-md5"] = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
        if self.token:
            headers["x-amz-security-token"] = self.token
        names = ";".join(sorted(headers))
        lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
        canonical = "\n".join((method, parts.path or "/", "lifecycle=", lines, names, payload))
        scope = f"{day}/{self.region}/s3/aws4_request"
        signing = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        by = f"AWS4{self.secret}".encode()
        for each in (day, self.region, "s3", "aws4_request"):
            by = hmac.digest(by, each.encode(), "sha256")
        signature = hmac.digest(by, signing.encode(), "sha256").hex()
        own = {name: value for name, value in headers.items() if name != "host"}
        own["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self.key}/{scope},SignedHeaders={names},Signature={signature}"
        )
        address = f"{self.address}{'' if parts.path else '/'}?lifecycle"
        return urllib.request.Request(address, body or None, own, method=method)


def keep_rules(url: str, recording_days: float) -> bool:
    """Have the bucket of an `OBJECT_STORE_URL` forget sound after a day, recordings after so many days and uploads
    that were never finished; whether it does. Where it may not be told so, one line in the log says what to do."""
    parts = urlsplit(url)
    if parts.scheme != "s3":
        log.warning("the object store is not S3: please have it forget by age what docs/speech.md says")
        return False
    folder = f"{parts.path.strip('/')}/".lstrip("/")
    ours = [
        _rule("parley-spoken", f"{folder}{SPOKEN_FOLDER}/", _EXPIRY, 1),
        _rule("parley-recordings", f"{folder}{RECORDING_FOLDER}/", _EXPIRY, max(1, math.ceil(recording_days))),
        _rule("parley-unfinished", folder, _ABORT, _UNFINISHED_DAYS),
    ]
    try:
        bucket = Bucket.of(parts.netloc, os.environ)
        if _put_beside_others(bucket, ours):
            log.info("the object store's bucket has new lifecycle rules", rules=len(ours))
    except (Unsigned, OSError, ElementTree.ParseError) as error:
        log.warning(
            "the object store's bucket cannot be given lifecycle rules: please set those of docs/speech.md yourself",
            **failure(error),
        )
        return False
    return True


def _put_beside_others(bucket: Bucket, ours: list[ElementTree.Element]) -> bool:
    """Whether anything had to be changed. Raises OSError."""
    names = {_leaves(each)["ID"] for each in ours}
    present = _present(bucket)
    others = [each for each in present if _leaves(each).get("ID") not in names]
    kept = [_leaves(each) for each in present if each not in others]
    if sorted(kept, key=_name) == sorted(map(_leaves, ours), key=_name):
        return False
    rules = ElementTree.Element(f"{{{_NAMESPACE}}}LifecycleConfiguration")
    rules.extend([*others, *ours])
    body = ElementTree.tostring(rules, default_namespace=_NAMESPACE)
    _send(bucket.request("PUT", datetime.now(UTC), body))
    return True


def _present(bucket: Bucket) -> list[ElementTree.Element]:
    try:
        answer = _send(bucket.request("GET", datetime.now(UTC)))
    except urllib.error.HTTPError as error:
        if error.code == 404:  # a bucket without any, or none at all, which the other request will tell
            return []
        raise
    return ElementTree.fromstring(answer).findall(f"{{{_NAMESPACE}}}Rule")


def _send(request: urllib.request.Request) -> bytes:
    with urllib.request.urlopen(request, timeout=_SECONDS) as response:
        return bytes(response.read())


def _rule(name: str, prefix: str, what: str, days: int) -> ElementTree.Element:
    rule = _RULE.format(namespace=_NAMESPACE, name=name, prefix=escape(prefix), what=what.format(days=days))
    return ElementTree.fromstring(rule)


def _leaves(rule: ElementTree.Element) -> dict[str, str]:
    """What a rule says, however it is written."""
    return {each.tag.rpartition("}")[2]: (each.text or "").strip() for each in rule.iter() if not len(each)}


def _name(leaves: dict[str, str]) -> str:
    return leaves["ID"]
