"""Which bases are hidden from the model: those of the elements, and all off the middle of the window."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from example_run import SIZES, WINDOW, ExampleRun

from seq2exp_tracks.evaluation import evidence
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.progress import Silent
from seq2exp_tracks.run_reader import Run
from seq2exp_tracks.windows import Window


class Reader:
    def read(self, gene: Gene) -> SimpleNamespace:
        return SimpleNamespace(window=Window.around(gene, WINDOW, SIZES[gene.chrom]))


@pytest.mark.parametrize("count", [5, 10_000])
def test_elements_and_middles_are_found_in_windows_with_padding(
    example: ExampleRun, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    asked: list[tuple[Window, list[np.ndarray]]] = []

    def predict_without(_: object, inputs: Any, hidden: list[np.ndarray], __: object) -> list[float]:
        asked.append((inputs.window, hidden))
        return [float(number) for number in range(len(hidden))]

    monkeypatch.setattr(evidence, "predict_without", predict_without)
    monkeypatch.setattr(evidence, "checkpoint_of", lambda _: None)
    monkeypatch.setattr(evidence, "load_checkpoint", lambda _: SimpleNamespace(to=lambda _: None))
    monkeypatch.setattr(evidence, "open_reader", lambda _: Reader())
    run = Run.open(example.folder)

    found = evidence.gather_evidence(run, count, 3, "cpu", Silent())

    links = {
        (row["gene_id"], row["chrom"], row["start"], row["end"]): row["mean_score"]
        for row in run.link_table().to_pylist()
    }
    told = [(one.gene.id, one.element.chrom, one.element.start, one.element.end) for one in found.elements]
    assert len(told) == len(set(told)) == min(count, len(links))
    assert [one.mask for one in found.elements] == [links[key] for key in told]
    elements = iter(found.elements)
    for (window, (nothing, outside, *hidden)), cut in zip(asked, found.windows, strict=True):
        assert window.gene == cut.gene
        assert not nothing.any()
        assert len(nothing) == len(outside) == WINDOW
        kept = np.flatnonzero(~outside) - window.pad_left + window.inside.start
        assert (kept[0], kept[-1] + 1, len(kept)) == (cut.gene.tss - 1_250, cut.gene.tss + 1_250, 2_500)
        for number, mask in enumerate(hidden, start=2):
            element = next(elements)
            assert (element.gene, element.expression, element.hidden) == (cut.gene, 0.0, float(number))
            places = np.flatnonzero(mask) - window.pad_left + window.inside.start
            assert places.tolist() == list(range(element.element.start, element.element.end))
    assert next(elements, None) is None
    if count > len(links):
        assert any(window.pad_left > 0 for window, _ in asked)
