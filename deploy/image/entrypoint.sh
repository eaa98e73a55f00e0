#!/bin/sh
# Runs the service that the image was built for. `exec`: SIGTERM has to reach it and not this shell.
set -eu
# Clients of S3 read their keys from the environment alone.
for name in AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_REGION AWS_ENDPOINT_URL; do
    if [ -n "${SECRETS_DIR:-}" ] && [ -f "$SECRETS_DIR/$name" ]; then export "$name=$(cat "$SECRETS_DIR/$name")"; fi
done
if [ "$SERVICE" = provision ]; then
    [ $# -gt 0 ] || set -- provision
    exec parley "$@"
fi
exec "parley-$SERVICE" "$@"
