"""The engine and its executors, on random inputs that need no files."""

import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pytest
import torch

from seq2exp_tracks.errors import CheckpointError, InputError, TracksError
from seq2exp_tracks.genome import ChromSizes, Gene, Strand
from seq2exp_tracks.inputs import WindowInputs, one_hot
from seq2exp_tracks.model import HARD, SOFT, ModelConfig, Seq2Exp
from seq2exp_tracks.model.mask_rules import FixedKind, FixedMask
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring import resolve_device, score_genes, score_window
from seq2exp_tracks.windows import Window

LENGTH = 600
CPU = torch.device("cpu")
TINY = replace(SOFT, window=LENGTH, d_model=8, generator_layers=1, encoder_layers=1, promoter=100)
TINY_HARD = replace(HARD, window=LENGTH, d_model=8, generator_layers=1, encoder_layers=1, promoter=100)


@dataclass(frozen=True)
class RandomReader:
    """Inputs drawn from the gene's position: the same in every process."""

    sizes: ChromSizes

    def read(self, gene: Gene) -> WindowInputs:
        if gene.name == "unreadable":
            raise InputError("signal.bw: damaged")
        if gene.name == "slow":
            time.sleep(60)
        random = np.random.default_rng(abs(gene.tss))
        window = Window.around(gene, LENGTH, self.sizes[gene.chrom])
        inside = len(window.inside)
        return WindowInputs(
            window=window,
            bases=window.pad(random.integers(0, 5, inside, dtype=np.uint8), 4),
            signals=window.pad(random.gamma(1, 2, (inside, 3)).astype(np.float32), 0),
            excluded=window.pad(random.random(inside) < 0.1, False),
            features=random.normal(size=9).astype(np.float32),
            imputed=("UTR5GC",),
        )


READER = RandomReader(ChromSizes({"chr1": 5000}))


def gene(tss: int, name: str = "") -> Gene:
    return Gene(f"g{tss}", name or f"g{tss}", "chr1", tss, Strand.PLUS)


def make(config: ModelConfig) -> Seq2Exp:
    return Seq2Exp.initialised(config, seed=3)


@pytest.mark.parametrize("config", [TINY, TINY_HARD])
@pytest.mark.parametrize("tss", [2500, 40, 4900])
def test_scores_are_the_models_output_without_the_padding(config: ModelConfig, tss: int) -> None:
    model = make(config)
    inputs = READER.read(gene(tss))
    scores = score_window(model, inputs, CPU)

    with torch.inference_mode():
        output = model(
            torch.from_numpy(one_hot(inputs.bases))[None],
            torch.from_numpy(inputs.signals)[None],
            torch.from_numpy(inputs.features)[None],
            blacklist=torch.from_numpy(inputs.excluded)[None],
        )
    assert output.alpha is not None
    assert output.beta is not None
    distribution = torch.distributions.Beta(output.alpha[0].double(), output.beta[0].double())
    inside = slice(inputs.window.pad_left, LENGTH - inputs.window.pad_right)
    assert scores.window == inputs.window
    assert len(scores.learned) == len(inputs.window.inside)
    np.testing.assert_allclose(scores.learned, distribution.mean[inside], rtol=1e-6)
    np.testing.assert_allclose(scores.sd, distribution.stddev[inside], rtol=1e-5)
    np.testing.assert_array_equal(scores.applied, output.mask[0][inside])
    np.testing.assert_array_equal(scores.excluded, inputs.excluded[inside])
    assert scores.expression == output.expression.item()
    assert scores.imputed == ("UTR5GC",)
    np.testing.assert_array_equal(scores.contact, inputs.signals[inside, config.signals.index("HiC")])


def test_contact_is_none_where_the_tss_was_not_seen_or_the_model_reads_no_contact() -> None:
    inputs = READER.read(gene(2500))
    unseen = inputs.signals.copy()
    unseen[:, TINY.signals.index("HiC")] = 0
    assert score_window(make(TINY), replace(inputs, signals=unseen), CPU).contact is None
    others = ("H3K27ac", "DNase")
    blind = replace(TINY, signals=others, beta=replace(TINY.beta, signals=others))
    assert score_window(make(blind), replace(inputs, signals=inputs.signals[:, :2]), CPU).contact is None


def as_bytes(scores: WindowScores) -> tuple[object, ...]:
    arrays = (scores.learned, scores.sd, scores.applied, scores.excluded)
    return scores.window, scores.expression, *(array.tobytes() for array in arrays)


@pytest.fixture
def score() -> Callable[[list[Gene], int], list[WindowScores]]:
    def run(genes: list[Gene], workers: int) -> list[WindowScores]:
        return list(score_genes(partial(make, TINY), READER, genes, CPU, workers))  # type: ignore[arg-type] # a stand-in

    return run


def test_any_number_of_workers_gives_the_same_bits_in_the_same_order(
    score: Callable[[list[Gene], int], list[WindowScores]],
) -> None:
    genes = [gene(tss) for tss in (2000, 10, 4990, 2001, 300, 3000, 1500)]
    alone = [as_bytes(score([one], 1)[0]) for one in genes]
    assert [as_bytes(scores) for scores in score(genes, 1)] == alone
    assert [as_bytes(scores) for scores in score(genes, 2)] == alone
    assert [as_bytes(scores) for scores in score(genes, 3)] == alone


@pytest.mark.parametrize("workers", [1, 2])
def test_a_users_mistake_in_a_worker_arrives_as_it_was_made(
    score: Callable[[list[Gene], int], list[WindowScores]], workers: int
) -> None:
    with pytest.raises(InputError, match=r"^signal\.bw: damaged$"):
        score([gene(2000), gene(2100, "unreadable"), gene(2200)], workers)


def test_no_worker_outlives_a_run_that_is_broken_off() -> None:
    genes = [gene(2000), gene(2100, "slow"), gene(2200, "slow"), gene(2300, "slow")]
    scored = score_genes(partial(make, TINY), READER, genes, CPU, workers=2)  # type: ignore[arg-type] # a stand-in
    others = set(multiprocessing.active_children())  # those of another test may not be gone yet
    next(scored)
    workers = set(multiprocessing.active_children()) - others
    assert len(workers) == 2
    scored.close()
    for worker in workers:
        worker.join(timeout=20)
    assert not any(worker.is_alive() for worker in workers)


def test_the_callers_threads_are_left_as_they_were(
    score: Callable[[list[Gene], int], list[WindowScores]],
) -> None:
    before = torch.get_num_threads()
    score([gene(2000)], 1)
    assert torch.get_num_threads() == before


def test_a_model_whose_mask_is_given_has_nothing_to_show() -> None:
    fixed = replace(TINY, mask=FixedMask(FixedKind.PEAKS), generator_layers=0)
    model = make(fixed)
    model.forward = partial(model.forward, fixed_mask=torch.ones(1, LENGTH))  # type: ignore[method-assign] # given
    with pytest.raises(CheckpointError, match="takes its mask from outside"):
        score_window(model, READER.read(gene(2000)), CPU)


def test_a_device_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(TracksError, match="sees no GPU here; use --device cpu"):
        resolve_device("cuda")
    with pytest.raises(TracksError, match="'gpu' is unknown; use auto, cpu or cuda"):
        resolve_device("gpu")


@pytest.mark.parametrize("gpu", [False, True])
def test_the_cpu_is_chosen_as_long_as_it_is_the_faster(monkeypatch: pytest.MonkeyPatch, gpu: bool) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    assert resolve_device("auto") == CPU


def test_a_gpu_is_used_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert resolve_device("cuda") == torch.device("cuda")
    assert resolve_device("cuda:1") == torch.device("cuda:1")
    with pytest.raises(TracksError, match=r"'cuda:2': this machine has 2 GPU\(s\)"):
        resolve_device("cuda:2")
