"""Recordings that a real browser made."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from aiohttp import web
from speech.ports import SAMPLE_RATE, Samples

from services.speech.tests.hearing import samples, silence, word_error_rate
from tests.speech.candidate import Candidate, duration_told, wav_file

ANSWERS = (
    ("Matthew", "Yes, I have done that twice."),
    ("Joanna", "I looked after twelve patients on a night shift, mostly older people after an operation."),
    (
        "Matthew",
        "We had a customer who was angry because his order came late. I called him back the same day, said sorry, and"
        " sent the parts by taxi.",
    ),
    (
        "Joanna",
        "To be honest, my first plan did not work. I wanted to change everything at once, and nobody came along. So I"
        " picked one small team, asked what bothered them most, and we started with that.",
    ),
    ("Matthew", "I check the numbers before I send them, and a colleague checks them after me."),
    (
        "Joanna",
        "My manager wanted the report on Friday, but two of the figures looked wrong. I told her on Wednesday, showed"
        " her why, and we agreed to send it on Monday instead.",
    ),
    ("Matthew", "I would like to learn more about planning, because so far I have only worked in the workshop."),
    (
        "Joanna",
        "When the machine stopped, I first made sure that nobody was standing near it. Then I looked at the display,"
        " called the technician, and wrote down what had happened for the next shift.",
    ),
)
"""Who speaks, and what. Written before anything was recorded, and none was taken out or changed afterwards."""
MOST_WRONG = 0.1
"""Of all words together. How many there were is in docs/speech.md."""
EDGE = 0.3
"""Seconds at the beginning and the end of an answer."""
PAGE = """<!doctype html><script type="module">
const report = (body) => fetch("/recorded", {method: "POST", body});
try {
  const stream = await navigator.mediaDevices.getUserMedia({audio: true});
  const recorder = new MediaRecorder(stream), chunks = [];
  recorder.ondataavailable = (event) => chunks.push(event.data);
  recorder.onstop = () => report(new Blob(chunks, {type: recorder.mimeType}));
  recorder.start(250);
  setTimeout(() => recorder.stop(), %d);
} catch (error) {
  report(String(error));
}
</script>"""


async def test_what_chromium_records_is_whole_and_understood(
    candidate: Candidate, tmp_path: Path, missing: Callable[[str], NoReturn], capsys: pytest.CaptureFixture[str]
) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        missing("there is no chromium: apt-get install chromium")
    understood: dict[str, list[str]] = {"as spoken": [], "by Chromium": []}
    for number, (voice, answer) in enumerate(ANSWERS):
        folder = tmp_path / str(number)
        folder.mkdir()
        audio = await candidate.voice(answer, voice)
        microphone = folder / "microphone.wav"
        microphone.write_bytes(wav_file(np.concatenate([silence(1), audio, silence(20)])))
        recorded = await record(chromium, microphone, round(len(audio) / 16 + 6000), folder)
        assert recorded.startswith(b"\x1a\x45\xdf\xa3"), recorded[:200]
        assert duration_told(recorded) is None
        for loudness in edges(audio, samples(recorded)):
            assert loudness > 0.1, f"the beginning or the end of answer {number} was cut off"
        understood["as spoken"].append(await candidate.transcript(wav_file(audio)))
        understood["by Chromium"].append(await candidate.transcript(recorded))
    said = " ".join(answer for _, answer in ANSWERS)
    wrong = {how: word_error_rate(said, " ".join(texts)) for how, texts in understood.items()}
    with capsys.disabled():
        for how, texts in understood.items():
            print(f"\n{wrong[how]:.1%} of {len(said.split())} words wrong {how}", *texts, sep="\n  ")
    assert wrong["by Chromium"] < MOST_WRONG


def edges(spoken: Samples, recorded: Samples) -> tuple[float, float]:
    """How loud the first and the last moments of what was spoken are in a recording of it, in shares of how loud they
    would be if all of it were as loud as the whole."""
    loud = np.flatnonzero(np.abs(spoken) > 0.05 * np.abs(spoken).max())
    speech = spoken[loud[0] : loud[-1]]
    size = 1 << int(np.ceil(np.log2(len(recorded) + len(speech))))
    likeness = np.fft.irfft(np.fft.rfft(recorded, size) * np.conj(np.fft.rfft(speech, size)), size)
    begin = int(np.argmax(likeness[: len(recorded)]))
    found, edge = recorded[begin : begin + len(speech)], round(EDGE * SAMPLE_RATE)
    if len(found) < len(speech):
        return 1.0, 0.0
    gain = np.sqrt(np.mean(found**2) / np.mean(speech**2))

    def share(part: slice) -> float:
        return float(np.sqrt(np.mean(found[part] ** 2)) / (gain * np.sqrt(np.mean(speech[part] ** 2))))

    return share(slice(None, edge)), share(slice(-edge, None))


async def record(chromium: str, microphone: Path, milliseconds: int, folder: Path) -> bytes:
    """What its MediaRecorder makes of a file that it takes for a microphone; or its error."""
    recorded: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=PAGE % milliseconds, content_type="text/html")

    async def receive(request: web.Request) -> web.Response:
        recorded.set_result(await request.read())
        return web.Response()

    app = web.Application(client_max_size=10 << 20)
    app.add_routes([web.get("/", page), web.post("/recorded", receive)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    command = [
        chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}",
        "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={microphone}%noloop", f"http://127.0.0.1:{runner.addresses[0][1]}/",
    ]  # fmt: skip
    with (folder / "chromium.log").open("wb") as log:
        browser = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log)
        try:
            async with asyncio.timeout(300):
                return await recorded
        finally:
            browser.terminate()
            await browser.wait()
            await runner.cleanup()
