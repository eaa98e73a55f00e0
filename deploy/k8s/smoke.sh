#!/bin/sh
# Applies an overlay to the cluster that kubectl speaks to, holds a short interview, and takes everything away again:
#   deploy/k8s/smoke.sh [OVERLAY]        `local` by default; KEEP=1 leaves it there
# Needs kubectl, curl and python3, and the overlay's images where the cluster finds them.
set -eu
overlay=${1:-local}
here=$(cd "$(dirname "$0")" && pwd)
port=${PORT:-18000}
url=http://127.0.0.1:$port
forward=

clean_up() {
    [ -z "$forward" ] || kill "$forward" 2>/dev/null || true
    [ -n "${KEEP:-}" ] || kubectl delete --kustomize "$here/overlays/$overlay" --ignore-not-found --wait=false
}
trap clean_up EXIT

kubectl apply --kustomize "$here/overlays/$overlay"
kubectl --namespace parley wait --for=condition=complete --timeout=300s job --selector app.kubernetes.io/name=provision
for service in gateway session interviewer coach documents speech; do
    kubectl --namespace parley rollout status --timeout=300s "deployment/$service"
done
kubectl --namespace parley port-forward service/gateway "$port:80" >/dev/null &
forward=$!
for _ in $(seq 60); do curl --silent --fail "$url/health" >/dev/null && break || sleep 1; done

post() { curl --silent --show-error --fail --header "X-Session-ID: ${session:-}" --data "$2" "$url$1"; }

session=
session=$(post /interview/session '{"job_role": "Nurse", "target_question_count": 2}' |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["session_id"])')
post /interview/start '{}' >/dev/null
answers=0
while :; do
    answers=$((answers + 1))
    said=$(post /interview/message "{\"message\": \"Answer $answers: last year I got our falls down from nine a month to four.\"}")
    case $said in *'"closing"'*) break ;; esac
    [ "$answers" -lt 10 ] || { echo "the interview does not end: $said" >&2; exit 1; }
done
echo "an interview was held: $answers answers"
