"""House rules that matter, checked on the code itself. Each rule is tried on bad code below, too."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVICES = sorted(path.name for path in (ROOT / "services").iterdir() if path.is_dir())
Rule = Callable[[str, ast.AST], Iterator[str]]

PULLER = "libs/runtime/runtime/faststream_extensions.py"
"""Asks the broker for messages: a publication to its API, which stores nothing."""
PUBLISHERS = {
    *(f"libs/runtime/runtime/{name}.py" for name in ("publish", "deadletters", "objects", "health", "backup/stored")),
    "libs/devkit/devkit/vitals.py",
}
"""The only modules that give durable messages to the broker."""

SUBJECTS = "libs/contracts/contracts/subjects.py"
_SUBJECT = re.compile(r"(evt|ask|live|retry|dead)\.\S*")
_ROOTS = {"EVENTS", "ASKS", "LIVE", "RETRY", "DEAD"}
ROOT_USERS = {"libs/runtime/runtime/permissions.py": "what a NATS user may do is said for whole roots"}
"""Modules outside the contracts that may build on the roots of subjects, with the reason."""

LOG_METHODS = {"debug", "info", "warning", "error", "critical", "exception", "msg", "log"}
LOGGERS = {"log", "_log", "logger", "_logger"}
PERSONAL = {
    "address", "answer", "answers", "body", "config", "content", "data", "detail", "email", "full_name", "jd",
    "job_description", "messages", "password", "payload", "prompt", "question", "quote", "quotes", "raw",
    "reasoning", "reply", "resume", "resume_content", "resume_text", "secret", "sentence", "text", "token",
    "transcript", "utterance", "words",
}  # fmt: skip
"""Names that, in a log call, would mean that somebody's words or secrets are written down."""
ERRORS = {"e", "err", "error", "exc", "exception"}
"""Names of exceptions: their type may be logged, their text may not, for it may quote what it choked on."""
HARMLESS_CALLS = {"len", "type", "session_tag", "bool", "failure"}

COMPUTED_EVENTS = {
    ("libs/runtime/runtime/service.py", "reason"): "one of the two sentences that make_broker gives up with",
    ("services/session/session/application.py", "name"): "the name of an event type of our own",
}
"""Log calls whose event is not a literal, with the reason why its values are known all the same."""


def modules(*folders: str, tests: bool = False) -> list[str]:
    """Our Python files under some folders, as paths from the root."""
    found = [path.relative_to(ROOT) for folder in folders for path in (ROOT / folder).rglob("*.py")]
    kept = [path for path in found if not set(path.parts) & {"build", ".venv"}]
    return sorted(str(path) for path in kept if tests or "tests" not in path.parts)


CODE = modules("libs", "services")
SERVICE_CODE = [path for path in CODE if path.startswith("services/")]


@cache
def parsed(path: str) -> ast.AST:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def findings(rule: Rule, paths: list[str]) -> list[str]:
    return [f"{path}:{found}" for path in paths for found in rule(path, parsed(path))]


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def name_of(node: ast.expr) -> str:
    """The last name of an expression: `self._broker` and `broker()` are both something named broker."""
    if isinstance(node, ast.Call):
        return name_of(node.func)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def imports(tree: ast.AST) -> Iterator[tuple[int, str, str]]:
    """Line, module and name (empty for a plain import) of each import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from ((node.lineno, node.module or "", alias.name) for alias in node.names)


def publishes_properly(path: str, tree: ast.AST) -> Iterator[str]:
    """A durable event goes through `runtime.publish`; only what is live may go straight to the broker."""
    for call in calls(tree):
        if not isinstance(call.func, ast.Attribute):
            continue
        if call.func.attr == "publisher" and "broker" in name_of(call.func.value):
            yield f"{call.lineno}: a FastStream publisher stores nothing"
        if call.func.attr != "publish":
            continue
        if path == PULLER:
            continue
        if path in PUBLISHERS:
            if not any(keyword.arg == "stream" for keyword in call.keywords):
                yield f"{call.lineno}: publish without stream= is not acknowledged by anybody"
        elif not _through_publisher(call) and not _is_live(call):
            yield f"{call.lineno}: only live_subject(...) may be published past runtime.publish"


def _through_publisher(call: ast.Call) -> bool:
    """`publisher.publish(event)`."""
    assert isinstance(call.func, ast.Attribute)
    return "publisher" in name_of(call.func.value) and len(call.args) == 1 and not call.keywords


def _is_live(call: ast.Call) -> bool:
    subjects = [*call.args[:2], *(keyword.value for keyword in call.keywords if keyword.arg == "subject")]
    streams = any(keyword.arg == "stream" for keyword in call.keywords)
    return not streams and any(isinstance(each, ast.Call) and name_of(each.func) == "live_subject" for each in subjects)


def builds_no_subject(path: str, tree: ast.AST) -> Iterator[str]:
    """Subjects are built in `contracts.subjects`: no literal begins like one, and nobody takes the roots."""
    if path == SUBJECTS:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _SUBJECT.fullmatch(node.value):
            yield f"{node.lineno}: {node.value!r} looks like a subject"
    if not path.startswith("libs/contracts/") and path not in ROOT_USERS:
        for line, module, name in imports(tree):
            if module == "contracts.subjects" and name in _ROOTS:
                yield f"{line}: subjects are made of {name} in contracts.subjects only"


def imports_no_other_service(path: str, tree: ast.AST) -> Iterator[str]:
    """A service imports the libraries and itself; the libraries import no service at all."""
    own = path.split("/")[1]
    for line, module, _ in imports(tree):
        package = module.split(".")[0]
        if package in SERVICES and package != own:
            yield f"{line}: imports {package}"


def logs_nothing_personal(path: str, tree: ast.AST) -> Iterator[str]:
    """No words of a person, no secret and no text of an exception in a log call."""
    for call in log_calls(tree):
        for value in [*call.args, *(keyword.value for keyword in call.keywords)]:
            for name in sorted(set(_names(value)) & (PERSONAL | ERRORS)):
                yield f"{call.lineno}: {name} in a log call"
        if any(keyword.arg == "exc_info" for keyword in call.keywords) or name_of(call.func) == "exception":
            yield f"{call.lineno}: the text of an exception in a log call"


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and name_of(node.func) in HARMLESS_CALLS:
        return
    if isinstance(node, ast.Name):
        yield node.id
    if isinstance(node, ast.Attribute):
        yield node.attr
    for child in ast.iter_child_nodes(node):
        # `error.code` and `body.kind` are about the thing; the thing itself is what must not be written.
        if not (isinstance(node, ast.Attribute) and isinstance(child, ast.Name)):
            yield from _names(child)


def log_calls(tree: ast.AST) -> Iterator[ast.Call]:
    for call in calls(tree):
        method = call.func
        if isinstance(method, ast.Attribute) and method.attr in LOG_METHODS and name_of(method.value) in LOGGERS:
            yield call


def logs_literal_events(path: str, tree: ast.AST) -> Iterator[str]:
    """What happened is said in words that one can search for; what varies goes beside them."""
    for call in log_calls(tree):
        event = call.args[0] if call.args else None
        if isinstance(event, ast.Constant) and isinstance(event.value, str):
            continue
        if event is None or (path, ast.unparse(event)) not in COMPUTED_EVENTS:
            yield f"{call.lineno}: the event of a log call is not a string literal"


def reads_settings_only(path: str, tree: ast.AST) -> Iterator[str]:
    """A service is configured by its settings class, which `docs/configuration.md` is made from."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv"}:
            yield f"{node.lineno}: reads os.{node.attr}"
    for line, module, name in imports(tree):
        if module == "os" and name in {"environ", "environb", "getenv"}:
            yield f"{line}: imports os.{name}"


def binds_in_subscribers_only(path: str, tree: ast.AST) -> Iterator[str]:
    """What a service listens to stands in its `subscribers.py`, and nothing else stands there."""
    if Path(path).name == "subscribers.py":
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef | ast.If | ast.For | ast.Try | ast.AsyncFunctionDef | ast.Return):
                yield f"{node.lineno}: only binds"
        return
    for line, module, name in imports(tree):
        if module == "runtime.broker" and name in {"answer", "bind"}:
            yield f"{line}: is for subscribers.py"


@pytest.mark.parametrize(
    ("rule", "paths"),
    [
        (publishes_properly, CODE),
        (builds_no_subject, CODE),
        (imports_no_other_service, modules("libs", "services", tests=True)),
        (logs_nothing_personal, CODE),
        (logs_literal_events, CODE),
        (reads_settings_only, SERVICE_CODE),
        (binds_in_subscribers_only, SERVICE_CODE),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_code_keeps_the_rule(rule: Rule, paths: list[str]) -> None:
    assert findings(rule, paths) == []


def test_exceptions_are_still_needed() -> None:
    events = {(path, ast.unparse(call.args[0])) for path in CODE for call in log_calls(parsed(path)) if call.args}
    assert COMPUTED_EVENTS.keys() <= events


BAD = [
    (publishes_properly, "self._broker.publish(body, event_subject(kind, id), stream='EVENTS')"),
    (publishes_properly, "self._broker.publish(body, live_subject(id, 'x'), stream='EVENTS')"),
    (publishes_properly, "self._broker.publish(body)"),
    (publishes_properly, "js().publish('x', body)"),
    (publishes_properly, "publisher.publish(event, 'evt.x')"),
    (publishes_properly, "@broker.publisher('x')\ndef f(): ..."),
    (builds_no_subject, "subject = 'evt.session.>'"),
    (builds_no_subject, "subject = f'live.{session_id}.reply'"),
    (builds_no_subject, "subject = 'ask.' + service"),
    (builds_no_subject, "from contracts.subjects import EVENTS"),
    (imports_no_other_service, "from session.store import EventStore"),
    (imports_no_other_service, "import coach"),
    (imports_no_other_service, "def f():\n    import gateway.main"),
    (logs_nothing_personal, "log.info('heard', text=answer.text)"),
    (logs_nothing_personal, "log.info('heard', what=f'{prompt}')"),
    (logs_nothing_personal, "log.info('heard', what=str(resume)[:20])"),
    (logs_nothing_personal, "logger.warning('no login', user=user.email)"),
    (logs_nothing_personal, "self._log.error('failed', error=str(error))"),
    (logs_nothing_personal, "log.error('failed', error=error)"),
    (logs_nothing_personal, "log.error('failed', exc_info=True)"),
    (logs_nothing_personal, "log.exception('failed')"),
    (logs_literal_events, "log.info(f'heard {kind}')"),
    (logs_literal_events, "log.info(kind)"),
    (logs_literal_events, "log.info(event='heard')"),
    (reads_settings_only, "import os\nport = os.environ['PORT']"),
    (reads_settings_only, "import os\nport = os.getenv('PORT')"),
    (reads_settings_only, "from os import environ"),
    (binds_in_subscribers_only, "from runtime.broker import ask, bind"),
    (binds_in_subscribers_only, "from runtime.broker import answer"),
]

GOOD = [
    (publishes_properly, "self._publisher.publish(event)"),
    (publishes_properly, "self._publisher.publish_again(event, 'coach', 2)"),
    (publishes_properly, "broker.publish(delta, live_subject(id, 'reply'))"),
    (publishes_properly, "broker.publish(delta, subject=live_subject(id, 'reply'))"),
    (builds_no_subject, "'''evt.session and its kin'''\nsentence = 'live. And learn.'"),
    (builds_no_subject, "from contracts.subjects import event_subject"),
    (
        imports_no_other_service,
        "from interviewer.reading import Reading\nfrom runtime.publish import Publisher",
    ),
    (logs_nothing_personal, "log.info('heard', length=len(answer.text), kind=event.type)"),
    (logs_nothing_personal, "log.error('failed', error=type(error).__name__, status=error.status)"),
    (logs_nothing_personal, "print(text)"),
    (logs_literal_events, "log.info('heard', kind=kind)"),
    (reads_settings_only, "settings.port"),
    (binds_in_subscribers_only, "from runtime.broker import ask"),
]


@pytest.mark.parametrize(("rule", "code"), BAD, ids=lambda value: "" if callable(value) else value)
def test_rule_finds_what_it_forbids(rule: Rule, code: str) -> None:
    assert list(rule("services/interviewer/interviewer/bad.py", ast.parse(code)))


@pytest.mark.parametrize(("rule", "code"), GOOD, ids=lambda value: "" if callable(value) else value)
def test_rule_lets_pass_what_it_allows(rule: Rule, code: str) -> None:
    assert not list(rule("services/interviewer/interviewer/good.py", ast.parse(code)))


def test_subscribers_do_nothing_but_bind() -> None:
    path = "services/interviewer/interviewer/subscribers.py"
    assert list(binds_in_subscribers_only(path, ast.parse("async def handle(event):\n    await use_case(event)")))
    assert not list(binds_in_subscribers_only(path, ast.parse("def subscribe(broker):\n    bind(broker, 'x', f)")))


def test_every_service_behind_the_gateway_has_the_same_files() -> None:
    files = ("main.py", "settings.py", "subscribers.py", "application.py")
    behind = [name for name in SERVICES if name != "gateway"]
    assert [
        (name, file) for name in behind for file in files if not (ROOT / f"services/{name}/{name}/{file}").is_file()
    ] == []


def test_publisher_module_itself_needs_a_stream() -> None:
    [path] = [path for path in PUBLISHERS if path.endswith("publish.py")]
    assert list(publishes_properly(path, ast.parse("broker.publish(body, subject)")))
    assert not list(publishes_properly(path, ast.parse("broker.publish(body, subject, stream='EVENTS')")))
