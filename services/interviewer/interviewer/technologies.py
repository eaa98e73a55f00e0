"""Names of technologies that candidates bring up, by how sure one can be that the technology is meant."""

from __future__ import annotations

KNOWN = frozenset(
    """
    airflow angular ansible argocd asp.net aurora aws azure bash bigquery bitbucket c# c++ cassandra chromadb
    circleci clickhouse cloudflare cloudformation cloudfront cloudwatch cobol cockroachdb couchbase couchdb cuda cypher
    databricks datadog dbt debezium django docker dotnet duckdb dynamodb ebpf ec2 ecs eks elasticsearch elixir erlang
    etcd express.js fargate fastapi figma firebase flask flink flutter fortran gcp github gitlab gke golang grafana
    graphql grpc hadoop haproxy haskell hubspot ios istio java javascript jenkins jira jquery junit jupyter kafka keras
    kibana kotlin kubernetes langchain laravel lightgbm linux llama logstash looker lua mariadb matlab matplotlib
    memcached minio mlflow mockito mongo mongodb mqtt mssql mysql nats neo4j nestjs netlify next.js nextjs nginx node.js
    nodejs numpy nuxt okta openapi openshift opensearch openstack opentelemetry pandas perl php pinecone podman
    postgis postgres postgresql powershell prometheus protobuf pulumi pyspark pytest python pytorch rabbitmq react.js
    reactjs redis redshift redux rds rxjs sagemaker salesforce sass scala scikit-learn selenium sidekiq solidity
    splunk sqlalchemy sqlite sqs supabase svelte swiftui symfony tableau tailwind tensorflow terraform timescaledb
    typescript vercel vite vue vue.js webassembly webpack websocket websockets xgboost zendesk zookeeper
    """.split()
)
"""Words that mean nothing else, in whatever case they are written."""

PHRASES = frozenset(
    (
        "google cloud", "power bi", "react native", "react components", "react component", "react hooks", "react app",
        "react query", "react router", "spring boot", "spring cloud", "spring security", "sql server",
        "github actions", "gitlab ci", "hugging face", "apache beam", "apache spark", "spark streaming", "spark jobs",
        "aws lambda", "lambda functions",
    )
)  # fmt: skip
"""Two words that together mean a technology."""

AMBIGUOUS = frozenset(
    """
    bootstrap celery cypress dart excel express go helm hive jest lambda oracle playwright pulsar rails react ruby rust
    sentry snowflake spark swift temporal unity vault
    """.split()
)
"""Ordinary words as well: they count when they are written as a name inside a sentence."""

AFTER_A_USE = frozenset("celery cypress helm jest playwright rails react ruby rust snowflake spark".split())
"""Of the ambiguous, those that count in lower case too, right after a word of use."""

USES = frozenset("using use used uses via with in adopted chose".split())
CLEAR_USES = frozenset("using use used uses via adopted chose deployed".split())
"""After these, even an unknown name in the spelling of a product is taken for one."""

_SAME = (
    ("kubernetes", "k8s"), ("postgresql", "postgres"), ("javascript", "js", "ecmascript"), ("typescript", "ts"),
    ("golang", "go"), ("node.js", "nodejs", "node"), ("react.js", "reactjs", "react"), ("vue.js", "vuejs", "vue"),
    ("next.js", "nextjs"), ("aws", "amazon web services"), ("gcp", "google cloud"), ("mongodb", "mongo"),
    ("power bi", "powerbi"), ("scikit-learn", "sklearn"), ("elasticsearch", "elastic"), ("mssql", "sql server"),
    ("github actions", "github"), ("gitlab ci", "gitlab"), ("apache spark", "spark", "pyspark"), 
)  # fmt: skip


def names_of(technology: str) -> tuple[str, ...]:
    """What it is called elsewhere, itself included, in lower case."""
    low = technology.lower()
    return next((names for names in _SAME if low in names), (low,))
