"""How genes are cut into shards, and shards among machines."""

from itertools import groupby

from hypothesis import given, settings
from hypothesis import strategies as st
from shard_samples import gene, shard

from seq2exp_tracks.genome import Gene
from seq2exp_tracks.shards.plan import LARGEST, SHARDS, part_of, plan_shards

# Sizes of groups on one chromosome after the other.
GROUPS = st.lists(st.lists(st.integers(1, 40), min_size=1, max_size=60), max_size=4)


def groups_of(sizes: list[list[int]]) -> list[list[Gene]]:
    groups, number = [], 0
    for place, own in enumerate(sizes):
        for size in own:
            groups.append([gene(number + one, f"chr{place}") for one in range(size)])
            number += size
    return groups


@settings(max_examples=30)
@given(GROUPS)
def test_shards_hold_every_gene_once_in_order_with_groups_uncut(sizes: list[list[int]]) -> None:
    groups = groups_of(sizes)
    genes = [one for group in groups for one in group]
    shards = plan_shards(genes, groups)
    assert [one for shard in shards for one in shard.genes] == genes
    assert [shard.number for shard in shards] == list(range(len(shards)))
    shard_of = {one: shard.number for shard in shards for one in shard.genes}
    for group in groups:
        assert len({shard_of[one] for one in group}) == 1
    for own in (list(one.genes) for one in shards):
        assert len({one.chrom for one in own}) == 1
        assert len(own) <= LARGEST or own in groups


@settings(max_examples=15)
@given(st.lists(st.integers(1, 3000), max_size=3))
def test_genes_by_themselves_give_many_shards_none_of_them_large(sizes: list[int]) -> None:
    genes = [gene(number, f"chr{place}") for place, size in enumerate(sizes) for number in range(size)]
    shards = plan_shards(genes)
    assert [one for shard in shards for one in shard.genes] == genes
    size = max(1, min(LARGEST, len(genes) // SHARDS))
    for _, own in groupby(shards, key=lambda shard: shard.genes[0].chrom):
        *whole, last = [len(shard.genes) for shard in own]
        assert set(whole) <= {size}
        assert last <= size
    assert len(shards) >= min(SHARDS, len(genes))


@given(st.lists(st.integers(1, LARGEST), max_size=80), st.integers(1, 12))
def test_parts_are_neighbours_that_together_are_all_shards(sizes: list[int], parts: int) -> None:
    shards = [shard(number, size) for number, size in enumerate(sizes)]
    divided = [part_of(shards, part, parts) for part in range(1, parts + 1)]
    assert [one for part in divided for one in part] == shards
    genes = sum(sizes)
    for part in divided:
        # A part ends within half a shard of where it should, on both sides.
        assert abs(sum(len(one.genes) for one in part) - genes / parts) <= max(sizes, default=0)


def test_a_shard_is_called_by_its_number() -> None:
    assert shard(12).name == "000012"
