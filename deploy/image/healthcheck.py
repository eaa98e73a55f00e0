"""Exits with 0 when the service of this image is alive. The provisioner ends by itself and needs none."""

import os
import sys
from http.client import HTTPConnection

if os.environ["SERVICE"] == "provision":
    sys.exit(0)
port, path = int(os.environ["HEALTH_PORT"]), "/health/live"
try:
    connection = HTTPConnection("127.0.0.1", port, timeout=3)
    connection.request("GET", path)
    sys.exit(connection.getresponse().status != 200)
except OSError as error:
    sys.exit(f"{path} on port {port}: {error}")
