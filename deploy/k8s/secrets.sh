#!/bin/sh
# Prints the secrets that staging and production need, with new passwords:
#   deploy/k8s/secrets.sh | kubectl --namespace parley apply --filename -
# Made once: a second time makes other passwords, which nobody else knows yet. docs/operations.md says how they change.
# DATABASE_OWNER_URL: Postgres as the owner of the tables. DATABASE_HOST: where services find it, pgbouncer:6432 or
# postgres:5432. Passwords have letters and digits only, because they become part of addresses.
set -eu
owner=${DATABASE_OWNER_URL:-postgresql://parley_owner@postgres:5432/parley}
database=${DATABASE_HOST:-pgbouncer:6432}
new() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

# secret NAME KEY=VALUE...
secret() {
    printf -- '---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: %s\ntype: Opaque\nstringData:\n' "$1"
    shift
    for each in "$@"; do printf '  %s: "%s"\n' "${each%%=*}" "${each#*=}"; done
}

admin=$(new)
# The inner quotes are for NATS, which would read a password of digits as a number.
secret_nats="NATS_ADMIN_PASSWORD=\\\"$admin\\\""
roles="" users=""
for service in coach documents gateway interviewer session speech; do
    nats=$(new) role=$(new) upper=$(echo "$service" | tr '[:lower:]' '[:upper:]')
    secret_nats="$secret_nats NATS_PASSWORD_$upper=\\\"$nats\\\""
    set -- "NATS_USER=$service" "NATS_PASSWORD=$nats"
    case $service in documents | gateway | session)
        set -- "$@" "DATABASE_URL=postgresql://parley_$service:$role@$database/parley"
        roles="$roles DATABASE_PASSWORD_$upper=$role"
        users="$users\\\"parley_$service\\\" \\\"$role\\\"\\n" ;;
    esac
    [ "$service" != gateway ] || set -- "$@" "JWT_SECRET=$(new)$(new)"
    secret "parley-$service" "$@"
done
# shellcheck disable=SC2086
secret parley-nats $secret_nats
# shellcheck disable=SC2086
secret parley-provision NATS_ADMIN_USER=parley "NATS_ADMIN_PASSWORD=$admin" "DATABASE_ADMIN_URL=$owner" $roles
printf -- '---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: parley-pgbouncer\ntype: Opaque\nstringData:\n'
printf '  userlist.txt: "%s"\n' "$users"
