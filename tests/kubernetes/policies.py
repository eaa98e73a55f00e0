"""Network policies of rendered manifests as tables of the kernel, for the network namespace of one pod."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]
Labels = Mapping[str, str]
DIRECTIONS = (("Egress", "OUTPUT", "to", "-d"), ("Ingress", "INPUT", "from", "-s"))


@dataclass(frozen=True)
class Pod:
    """One that runs: its labels and its address."""

    labels: Labels
    address: str


def table(documents: Iterable[Document], labels: Labels, pods: Sequence[Pod], node: str) -> str:
    """What `iptables-restore` takes for a pod with these labels, among those others of its namespace. `node` reaches it
    always, as a kubelet does. Names are asked for on the loopback of a container, in place of kube-dns."""
    policies = [each["spec"] for each in documents if each["kind"] == "NetworkPolicy"]
    chains, lines = [":INPUT ACCEPT", ":FORWARD DROP", ":OUTPUT ACCEPT"], list[str]()
    for kind, chain, end, flag in DIRECTIONS:
        of_it = [each for each in policies if kind in each["policyTypes"] and _selects(each["podSelector"], labels)]
        if not of_it:
            continue
        lines += [f"-A {chain} {'-o' if chain == 'OUTPUT' else '-i'} lo -j ACCEPT"]
        lines += [f"-A {chain} -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT"]
        lines += [f"-A INPUT -s {node} -j ACCEPT"] if chain == "INPUT" else []
        for rule in (rule for each in of_it for rule in each.get(kind.lower(), [])):
            ports = [f"-p {each['protocol'].lower()} --dport {each['port']}" for each in rule.get("ports", [])] or [""]
            for peer in rule[end]:
                own = f"PEER-{len(chains)}"
                chains.append(f":{own} -")
                lines += [f"-A {chain} {port} -j {own}" for port in ports]
                lines += [f"-A {own} {flag} {where} -j {what}" for where, what in _places(peer, pods)]
        lines += [f"-A {chain} -j REJECT"]
    return "\n".join(["*filter", *chains, *lines, "COMMIT", ""])


def _places(peer: Document, pods: Sequence[Pod]) -> Iterator[tuple[str, str]]:
    """Addresses, and what becomes of what goes there or comes from there."""
    if "ipBlock" in peer:
        yield from ((each, "RETURN") for each in peer["ipBlock"].get("except", []))
        yield peer["ipBlock"]["cidr"], "ACCEPT"
    elif "namespaceSelector" not in peer:  # of other namespaces nobody is here
        yield from ((each.address, "ACCEPT") for each in pods if _selects(peer["podSelector"], each.labels))


def _selects(selector: Document, labels: Labels) -> bool:
    assert selector.keys() <= {"matchLabels"}, "no policy of ours has expressions"
    return bool(selector.get("matchLabels", {}).items() <= labels.items())
