"""What decides the scores of a shard, and how two runs differ in it."""

from dataclasses import replace

import pytest
from shard_samples import IDENTITY, gene, shard

from seq2exp_tracks.genome import Strand
from seq2exp_tracks.shards.identity import Identity, checksum
from seq2exp_tracks.shards.plan import Shard

OTHERS = {
    "inputs": replace(IDENTITY, inputs={"checkpoint": "d" * 64, "fasta": "f" * 64}),
    "settings": replace(IDENTITY, settings={"window": 50, "signals": ["DNase"]}),
    "versions": replace(IDENTITY, versions={"torch": "2.1"}),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_inputs_settings_and_versions_decide_scores(other: Identity) -> None:
    assert other.key(shard(0)) != IDENTITY.key(shard(0))


def test_the_genes_of_a_shard_decide_its_scores_and_its_number_does_not() -> None:
    first = gene(1)
    key = IDENTITY.key(Shard(0, (first,)))
    assert IDENTITY.key(Shard(7, (first,))) == key
    for other in (
        replace(first, id="other"),
        replace(first, chrom="chr2"),
        replace(first, tss=11),
        replace(first, strand=Strand.MINUS),
    ):
        assert IDENTITY.key(Shard(0, (other,))) != key
    assert IDENTITY.key(Shard(0, (replace(first, name="renamed"),))) == key


def test_the_path_is_told_of_each_shard_and_is_no_part_of_its_key() -> None:
    other = replace(IDENTITY, path={"devices": ["H100"]})
    assert other.key(shard(0)) == IDENTITY.key(shard(0))
    assert other.differences(IDENTITY) == []


def test_every_difference_has_its_name_and_both_values() -> None:
    now = Identity(
        inputs={"checkpoint": "d" * 64, "labels": "e" * 64},
        settings={"window": 50, "signals": ["DNase"]},
        versions={"torch": "2.1"},
        path={},
    )
    assert now.differences(IDENTITY) == [
        "the file of checkpoint: cccccccccccc, now dddddddddddd",
        "the file of fasta: ffffffffffff, now null",
        "window: 40, now 50",
        "version of torch: 2.0, now 2.1",
        "the file of labels: null, now eeeeeeeeeeee",
    ]
    assert now.differences(now) == []


def test_a_checksum_does_not_depend_on_the_order_of_names() -> None:
    assert checksum({"a": 1, "b": [2.5, None, "é"]}) == checksum({"b": [2.5, None, "é"], "a": 1})
    assert checksum({"a": 1}) != checksum({"a": "1"})
