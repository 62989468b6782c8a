"""What EPInformer reads of a window: elements that are given, or called from the window's DNase."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small_baselines import SMALL, WINDOW, make, windows
from torch.nn.functional import one_hot

from seq2exp_tracks.model.baselines import EPInformerConfig, initialised
from seq2exp_tracks.model.baselines.candidate_elements import candidate_mask
from seq2exp_tracks.model.baselines.epinformer_elements import cut_elements, nearest


@given(st.lists(st.integers(1, 4000), min_size=1, max_size=12), st.integers(1, 5))
@settings(max_examples=30)
def test_the_nearest_stretches_are_those_of_a_loop(runs: list[int], count: int) -> None:
    mask = torch.cat([torch.full((length,), float(number % 2)) for number, length in enumerate(runs)])
    found, start = [], None
    for base, kept in enumerate([*mask.tolist(), 0.0]):
        if kept and start is None:
            start = base
        elif not kept and start is not None:
            found.append((abs((start + base) / 2 - len(mask) // 2), start, base))
            start = None
    near = sorted(stretch for stretch in found if stretch[0] > 1000)[:count]
    middle = [(first, end, (first + end) // 2) for _, first, end in near]
    assert nearest(mask, count) == [
        (first, end) if end - first <= 2000 else (centre - 1000, centre + 1000)
        for first, end, centre in middle
    ]


def test_elements_are_cut_out_with_what_is_known_of_them() -> None:
    length = 10_000
    sequence = one_hot(torch.arange(length) % 4, 4).float()[None]
    signals = torch.zeros(1, length, 3)
    mask = torch.zeros(1, length)
    mask[0, 7000:7100] = 1  # 2,050 from the TSS
    mask[0, 0:3000] = 1  # 3,500; its middle 2 kb are taken
    mask[0, 4900:5100] = 1  # the promoter's own
    signals[0, 7000:7100] = torch.tensor([4.0, 9.0, 0.5])
    signals[0, 500:2500] = torch.tensor([1.0, 16.0, 0.25])
    bases, features = cut_elements(sequence, signals, mask, ("H3K27ac", "DNase", "HiC"), 3)
    expected = torch.zeros(1, 4, 2000, 4)
    expected[0, 0] = sequence[0, 4000:6000]
    expected[0, 1, 950:1050] = sequence[0, 7000:7100]
    expected[0, 2] = sequence[0, 500:2500]
    assert torch.equal(bases, expected)
    numbers = [[0, 0, 0], [2.05, 0.5, 6], [3.5, 0.25, 4], [0, 0, 0]]
    torch.testing.assert_close(features, torch.tensor([numbers]))


def test_a_gene_without_elements_and_with_a_promoter_of_n_has_a_prediction() -> None:
    sequence, signals, features, _, _ = windows(2)
    sequence[0] = 0
    output = make("epinformer")(sequence, signals, features, None, torch.zeros(2, WINDOW))
    assert output.expression.isfinite().all()


def bumps(length: int, places: dict[int, float], width: int = 500) -> torch.Tensor:
    """DNase of one window: heights over `width` bases around some bases, 0 elsewhere."""
    signal = torch.zeros(1, length)
    for middle, height in places.items():
        signal[0, max(middle - width // 2, 0) : middle + width // 2] = height
    return signal


def called(signal: torch.Tensor, count: int) -> list[tuple[int, int]]:
    """Candidates of one window, from left to right."""
    changes = torch.diff(candidate_mask(signal, count)[0], prepend=torch.zeros(1), append=torch.zeros(1))
    return list(
        zip((changes > 0).nonzero()[:, 0].tolist(), (changes < 0).nonzero()[:, 0].tolist(), strict=True)
    )


def test_candidates_are_500_bp_around_the_strongest_summits() -> None:
    signal = bumps(20_000, {2_000: 5.0, 6_000: 7.0, 15_000: 6.0, 18_000: 4.0})
    assert called(signal, 60) == [(1_750, 2_250), (5_750, 6_250), (14_750, 15_250), (17_750, 18_250)]
    assert called(signal, 2) == [(5_750, 6_250), (14_750, 15_250)]


def test_a_summit_has_to_be_the_highest_within_500_bp_and_above_the_mean_of_the_window() -> None:
    signal = bumps(20_000, {3_000: 5.0, 3_450: 6.0, 8_000: 0.5}) + 0.2
    assert [stretch for stretch in called(signal, 60) if stretch[0] < 5_000] == [(3_200, 3_700)]
    assert called(bumps(20_000, {3_000: 5.0, 8_000: 0.1}), 60) == [(2_750, 3_250)]
    assert called(torch.ones(1, 20_000), 60) == []  # nothing is above the mean
    assert called(torch.zeros(1, 20_000), 60) == []


def test_of_a_plateau_candidates_are_taken_from_the_left_and_never_touch() -> None:
    assert called(bumps(20_000, {4_000: 1.0}, width=1_600), 60) == [
        (3_200, 3_700),
        (3_701, 4_201),
        (4_202, 4_702),
    ]


def test_the_promoter_holds_no_candidate_and_edges_are_cut() -> None:
    signal = bumps(20_000, {10: 9.0, 10_400: 8.0, 12_500: 7.0, 19_990: 6.0})
    found = called(signal, 60)
    assert [stretch for stretch in found if 9_000 <= sum(stretch) / 2 <= 11_000] == []
    assert (12_250, 12_750) in found
    assert found[0][0] == 0
    assert found[-1][1] == 20_000
    assert called(signal, 1) == [(12_250, 12_750)]  # those at the edges have bases of 0 beyond


def test_the_genes_of_a_batch_have_candidates_of_their_own() -> None:
    one, other = bumps(9_000, {1_000: 3.0}), bumps(9_000, {7_000: 2.0})
    together = candidate_mask(torch.cat([one, other]), 5)
    assert torch.equal(together, torch.cat([candidate_mask(one, 5), candidate_mask(other, 5)]))


def test_a_model_that_calls_its_elements_reads_as_one_that_is_given_them() -> None:
    sequence, signals, features, _, _ = windows(2)
    signals[:, 100:400, 1] += 20
    signals[:, 2300:2500, 1] += 30
    given = make("epinformer")
    caller = initialised(replace(SMALL["epinformer"], calls_elements=True), 0)
    mask = candidate_mask(signals[..., 1], SMALL["epinformer"].elements)
    assert mask.sum() > 0
    expected = given(sequence, signals, features, None, mask).expression
    assert torch.equal(caller(sequence, signals, features).expression, expected)


def test_elements_cannot_be_called_without_dnase() -> None:
    with pytest.raises(ValueError, match="called from DNase, which is not among the signals"):
        EPInformerConfig(calls_elements=True, signals=("H3K27ac", "HiC"))
