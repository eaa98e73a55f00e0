#!/bin/sh
# Runs the service that the image was built for. `exec`: SIGTERM has to reach it and not this shell.
set -eu
if [ "$SERVICE" = provision ]; then
    [ $# -gt 0 ] || set -- provision
    exec parley "$@"
fi
exec "parley-$SERVICE" "$@"
