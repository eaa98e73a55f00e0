"""Exits with 0 when the service of this image is healthy. The provisioner ends by itself and needs none."""

import os
import sys
from http.client import HTTPConnection

service = os.environ["SERVICE"]
if service == "provision":
    sys.exit(0)
where = ("PORT", "/health") if service == "gateway" else ("HEALTH_PORT", "/health/live")
port, path = int(os.environ[where[0]]), where[1]
try:
    connection = HTTPConnection("127.0.0.1", port, timeout=3)
    connection.request("GET", path)
    sys.exit(connection.getresponse().status != 200)
except OSError as error:
    sys.exit(f"{path} on port {port}: {error}")
