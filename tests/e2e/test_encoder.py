"""The encoder in the running service: installed while it runs, asked by others, killed and back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy
import pytest
import pytest_asyncio
from devkit.stack import Stack
from devkit.tiny_encoder import lay_out
from local_models.installed import write_record
from local_models.manifest import manifest
from parley_meaning import Encoder, WordVectors
from runtime.broker import make_broker
from runtime.encoder import make_encoder
from runtime.settings import RuntimeSettings


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("encoder")) as running:
        yield running


@pytest_asyncio.fixture
async def encoder(stack: Stack) -> AsyncIterator[Encoder]:
    broker = make_broker("coach", RuntimeSettings(nats_url=stack.nats_url))
    await broker.connect()
    yield make_encoder(broker, urgent=False)
    await broker.stop()


def install(directory: Path) -> None:
    """As `parley models install encoder` leaves it: all at once."""
    [model] = manifest().of("encoder")
    folder = lay_out(directory / "staged")
    write_record(model, folder, {each.path: "0" * 64 for each in model.files})
    (directory / model.id).mkdir()
    folder.rename(directory / model.id / model.revision)


async def comes_from(encoder: Encoder, model: str, text: str) -> numpy.ndarray:
    """The vector of a text, once `model` makes it; each time of a text that nobody remembers."""
    async with asyncio.timeout(60):
        for number in range(1000):
            made = await encoder.vectors([f"{text} {number}"])
            if made.model == model:
                return made.rows[0]
            await asyncio.sleep(0.5)
    raise AssertionError(f"{model} never came")


async def test_an_encoder_that_is_installed_is_used_without_a_restart_and_after_a_kill(
    stack: Stack, encoder: Encoder
) -> None:
    assert (await encoder.vectors(["garden"])).model == WordVectors.model
    install(stack.data_dir / "models")
    row = await comes_from(encoder, "e5-small", "garden garden")
    wanted = numpy.array([9, 1, 2]) / 4  # "query:", twice "garden" and a word that it does not know
    assert numpy.allclose(row, wanted / numpy.linalg.norm(wanted), atol=2e-3)
    assert stack.kill("documents")
    assert (await encoder.vectors(["payments while nobody is there"])).model in (WordVectors.model, "e5-small")
    await comes_from(encoder, "e5-small", "payments")
