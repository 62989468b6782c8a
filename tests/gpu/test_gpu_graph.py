"""When launches are recorded and when they are repeated."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch

from seq2exp_tracks.model.gpu.graph import Recordings

RECORDED = ["recording thread_local", "launched", "recorded", "replayed"]


class TestRecordings:
    """The order of things on a GPU, acted out by a torch that only takes notes."""

    @pytest.fixture
    def notes(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        notes: list[str] = []

        class Graph:
            def replay(self) -> None:
                notes.append("replayed")

        @contextmanager
        def recording(graph: Graph, capture_error_mode: str) -> Iterator[None]:
            notes.append(f"recording {capture_error_mode}")
            yield
            notes.append("recorded")

        @contextmanager
        def on(device: torch.device) -> Iterator[None]:
            yield

        monkeypatch.setattr(torch.cuda, "CUDAGraph", Graph)
        monkeypatch.setattr(torch.cuda, "graph", recording)
        monkeypatch.setattr(torch.cuda, "device", on)
        return notes

    @staticmethod
    def run(recordings: Recordings, key: object, notes: list[str], device: str = "cuda:0") -> list[str]:
        notes.clear()
        recordings.run(key, lambda: notes.append("launched"), torch.device(device))
        return list(notes)

    def test_launches_run_once_are_recorded_the_second_time_and_then_repeated(self, notes: list[str]) -> None:
        recordings = Recordings()
        assert self.run(recordings, "a", notes) == ["launched"]
        assert self.run(recordings, "a", notes) == RECORDED
        assert self.run(recordings, "a", notes) == ["replayed"]
        assert self.run(recordings, "b", notes) == ["launched"]
        assert self.run(recordings, "a", notes) == ["replayed"]

    def test_what_was_used_last_is_kept(self, notes: list[str]) -> None:
        recordings = Recordings()
        for key in ("often", "often", *range(9)):
            self.run(recordings, key, notes)
            self.run(recordings, "often", notes)
        assert self.run(recordings, "often", notes) == ["replayed"]
        assert self.run(recordings, 8, notes) == RECORDED
        assert self.run(recordings, 0, notes) == ["launched"]

    def test_other_devices_launch_every_time(self, notes: list[str]) -> None:
        recordings = Recordings()
        assert [self.run(recordings, "a", notes, "cpu") for _ in range(3)] == [["launched"]] * 3
