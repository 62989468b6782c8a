from drawn_windows import scores_of

from seq2exp_tracks.genome import Gene, Strand
from seq2exp_tracks.tracks.track import TRACKS, Quantity

GENE = Gene("g", "g", "chr2", 30, Strand.PLUS)


def test_the_tracks_are_the_learned_score_its_spread_and_the_applied_mask() -> None:
    scores = scores_of(GENE, 4, 0.25, sd=0.125, applied=1.0)
    taken = {spec.name: spec.take(scores).tolist() for spec in TRACKS}
    assert taken == {"mask": [0.25] * 4, "mask.sd": [0.125] * 4, "mask.applied": [1.0] * 4}


def test_only_the_standard_deviation_merges_as_a_spread() -> None:
    assert [spec.name for spec in TRACKS if spec.quantity is Quantity.SPREAD] == ["mask.sd"]


def test_names_are_unique() -> None:
    assert len({spec.name for spec in TRACKS}) == len(TRACKS)
