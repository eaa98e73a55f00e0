"""Grafana's dashboards, one for each who looks: `python -m tools.dashboards --write`.

They lie in `deploy/observability/dashboards`, and are provisioned from there. A test has Prometheus parse every query,
and looks for every metric on what a real interview leaves.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.builders import common, dashboard, prometheus, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import LegendDisplayMode, LegendPlacement
from grafana_foundation_sdk.models.dashboard import DataSourceRef

from tools.generated import arguments, report, staleness, write
from tools.paths import ROOT

WRITE = "python -m tools.dashboards --write"
FOLDER = ROOT / "deploy/observability/dashboards"
RATE = "$__rate_interval"
SOURCE = DataSourceRef(type_val="prometheus", uid="prometheus")
LEGEND = (
    common.VizLegendOptions().show_legend(True).display_mode(LegendDisplayMode.LIST).placement(LegendPlacement.BOTTOM)
)
WIDTH, HEIGHT = 12, 8


@dataclass(frozen=True)
class Panel:
    """A graph: a query for each name of a line, which may hold labels in braces."""

    title: str
    unit: str
    queries: dict[str, str]
    description: str = ""


def quantile(of: float, name: str, by: str = "") -> str:
    """Of a histogram in seconds, over the interval of the graph."""
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({of}, sum by ({labels}) (rate({name}_bucket[{RATE}])))"


def failing(name: str, by: str, well: str) -> str:
    """What of a histogram did not end well, by its result."""
    return f'sum by ({by}, result) (rate({name}_count{{result!="{well}"}}[{RATE}]))'


def waits(title: str, name: str, description: str) -> Iterator[Panel]:
    """How long people waited for something, and how it ended."""
    lines = {"median": quantile(0.5, name), "one in twenty waits longer": quantile(0.95, name)}
    yield Panel(f"{title}: seconds", "s", lines, description)
    yield Panel(f"{title}: how they ended", "reqps", {"{{result}}": f"sum by (result) (rate({name}_count[{RATE}]))"})


CANDIDATES = (
    Panel(
        "Objectives: share that went wrong in the last hour",
        "percentunit",
        {
            name: f"parley:{name}_wrong:ratio_rate1h"
            for name in ("replies", "requests", "feedback", "reports", "transcripts", "documents")
        },
        "Meant to stay under 1% for replies, 0.5% for requests, and 5% for the others.",
    ),
    Panel("Sockets and voices", "short", {"sockets": "sum(parley_sockets)", "voices": "sum(parley_speech_streams)"}),
    *waits("Replies", "parley_reply_seconds", "From an answer until the interviewer's words."),
    *waits("Feedback", "parley_feedback_seconds", "From an answer until what the coach says of it."),
    *waits("Reports", "parley_report_seconds", "From the last feedback until the report."),
    *waits("Recordings", "parley_transcript_seconds", "From a recording until its words."),
    *waits("Documents", "parley_document_seconds", "From an upload until it can be used or is refused."),
)
OPERATORS = (
    Panel("Parts that fail their test", "short", {"{{instance}} {{part}}": "parley_part_up == 0"}),
    Panel("Versions", "short", {"{{service}} {{version}}": "count by (service, version) (parley_build_info)"}),
    Panel(
        "Messages that wait, or are being handled",
        "short",
        {
            "{{durable}} waits": "max by (durable) (parley_durable_pending)",
            "{{durable}} in flight": "max by (durable) (parley_durable_in_flight)",
        },
    ),
    Panel("Oldest message", "s", {"{{durable}}": "max by (durable) (parley_durable_oldest_seconds)"}),
    Panel("Dead letters", "short", {"{{durable}}": f"sum by (durable) (increase(parley_dead_letters_total[{RATE}]))"}),
    Panel(
        "Event stream",
        "bytes",
        {"{{stream}}": "max by (stream) (parley_stream_bytes)", "limit": "max(parley_stream_limit_bytes) < Inf"},
    ),
    Panel(
        "Messages: 95th percentile",
        "s",
        {"{{durable}} {{type}}": quantile(0.95, "parley_message_seconds", "durable, type")},
    ),
    Panel(
        "Messages that were not handled",
        "reqps",
        {"{{durable}} {{result}}": failing("parley_message_seconds", "durable", well="done")},
    ),
    Panel(
        "Questions between services: 95th percentile",
        "s",
        {"{{question}}": quantile(0.95, "parley_ask_seconds", "question")},
    ),
    Panel(
        "Questions that were not answered",
        "reqps",
        {"{{question}} {{result}}": failing("parley_ask_seconds", "question", well="ok")},
    ),
    Panel("Requests", "reqps", {"{{route}}": f"sum by (route) (rate(parley_http_seconds_count[{RATE}])) > 0"}),
    Panel("Requests: 99th percentile", "s", {"{{route}}": quantile(0.99, "parley_http_seconds", "route")}),
    Panel(
        "Requests that failed", "reqps", {"{{route}}": f"sum by (route) (rate(parley_http_failures_total[{RATE}])) > 0"}
    ),
    Panel(
        "Connections to Postgres",
        "short",
        {
            "{{instance}} used": 'parley_database_connections{state="used"}',
            "{{instance}} most": 'parley_database_connections{state="most"}',
        },
    ),
    Panel(
        "Deadlines",
        "short",
        {
            "{{kind}} due": "max by (kind) (parley_timers_due)",
            "{{kind}} overdue": "max by (kind) (parley_timers_overdue) > 0",
        },
    ),
    Panel("Asked again, since late", "reqps", {"{{kind}}": f"sum by (kind) (rate(parley_asked_again_total[{RATE}]))"}),
    Panel("Memory", "bytes", {"{{instance}}": "process_resident_memory_bytes"}),
    Panel("Processor", "percentunit", {"{{instance}}": f"rate(process_cpu_seconds_total[{RATE}])"}),
)
SPEECH_AND_MODELS = (
    Panel(
        "Voices over places",
        "short",
        {
            "voices": "sum(parley_speech_streams)",
            "places": "sum(parley_speech_stream_capacity)",
            "workers wanted": "parley:speech_workers_wanted",
        },
    ),
    Panel("Recordings", "reqps", {"{{result}}": f"sum by (result) (rate(parley_speech_heard_total[{RATE}]))"}),
    Panel("Spoken lines", "reqps", {"{{result}}": f"sum by (result) (rate(parley_speech_spoken_total[{RATE}]))"}),
    Panel(
        "Sentences told what they mean",
        "reqps",
        {"{{model}}": f"sum by (model) (rate(parley_encoder_calls_total[{RATE}]))"},
    ),
    Panel("Encoder: 95th percentile of a batch", "s", {"95%": quantile(0.95, "parley_encoder_batch_seconds")}),
    Panel(
        "Calls of models, by how they ended",
        "reqps",
        {"{{endpoint}} {{outcome}}": f"sum by (endpoint, outcome) (rate(parley_model_calls_total[{RATE}])) > 0"},
    ),
    Panel(
        "First token: 95th percentile", "s", {"{{role}}": quantile(0.95, "parley_model_first_token_seconds", "role")}
    ),
    Panel(
        "Waiting for a place at a local server: 95th percentile",
        "s",
        {"{{role}}": quantile(0.95, "parley_model_waiting_seconds", "role")},
    ),
    Panel("Calls that are being worked on", "short", {"{{endpoint}}": "sum by (endpoint) (parley_model_slots_in_use)"}),
    Panel(
        "Tokens",
        "short",
        {"{{role}} {{direction}}": f"sum by (role, direction) (rate(parley_model_tokens_total[{RATE}]))"},
    ),
    Panel("Dollars an hour", "currencyUSD", {"{{role}}": "sum by (role) (increase(parley_model_dollars_total[1h]))"}),
    Panel(
        "Replies that a model should have given",
        "percentunit",
        {
            "degraded": f'sum(rate(parley_reply_seconds_count{{result="degraded"}}[{RATE}]))'
            f" / sum(rate(parley_reply_seconds_count[{RATE}]))"
        },
    ),
)
DASHBOARDS = {
    "candidates": ("Parley: are people served?", CANDIDATES),
    "operators": ("Parley: parts and queues", OPERATORS),
    "speech-and-models": ("Parley: speech and models", SPEECH_AND_MODELS),
}


def written(name: str) -> str:
    """One dashboard as JSON."""
    title, panels = DASHBOARDS[name]
    made = dashboard.Dashboard(title).uid(f"parley-{name}").tags(["parley"]).refresh("30s").time("now-6h", "now")
    for panel in placed(panels):
        made = made.with_panel(panel)
    text: str = JSONEncoder(sort_keys=True, indent=1).encode(made.build())
    return text + "\n"


def placed(panels: Sequence[Panel]) -> Iterator[timeseries.Panel]:
    """Two beside each other."""
    for panel in panels:
        drawn = timeseries.Panel().title(panel.title).unit(panel.unit).datasource(SOURCE).min(0)
        drawn = drawn.description(panel.description).span(WIDTH).height(HEIGHT).fill_opacity(5).legend(LEGEND)
        for letter, (line, query) in zip("ABCDEFGH", panel.queries.items(), strict=False):
            drawn = drawn.with_target(
                prometheus.Dataquery().expr(query).legend_format(line).ref_id(letter).exemplar(True)
            )
        yield drawn


def main() -> int:
    """Write or check; the exit code."""
    paths = {FOLDER / f"{name}.json": written(name) for name in DASHBOARDS}
    if arguments(__doc__).write:
        for path, text in paths.items():
            write(path, text)
        return 0
    return report(line for path, text in paths.items() for line in staleness(path, text, WRITE))


if __name__ == "__main__":
    sys.exit(main())
