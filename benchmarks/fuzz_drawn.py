"""What valid files are made of, drawn by Hypothesis; `fuzz_valid` writes and reads them."""

import string

from drawn_manifests import tables_of_json
from fuzz_seeds import GENES, SIZES
from hypothesis import strategies as st

from seq2exp_tracks.genome import Interval, Strand
from seq2exp_tracks.resources.cells import Cells
from seq2exp_tracks.shards.identity import Identity
from seq2exp_tracks.shards.plan_file import Plan
from seq2exp_tracks.shards.receipt import Receipt

words = st.text(string.ascii_letters + string.digits + "._-", min_size=1, max_size=9).filter(
    lambda w: w.strip("._-")
)
texts = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=9)
digests = st.text("0123456789abcdef", min_size=64, max_size=64)
numbers = st.integers(-(10**6), 10**6).map(lambda number: number / 1000)


@st.composite
def places(draw: st.DrawFn) -> Interval:
    """An interval of the genome."""
    chrom = draw(st.sampled_from(list(SIZES)))
    start = draw(st.integers(0, SIZES[chrom] - 1))
    return Interval(chrom, start, draw(st.integers(start + 1, SIZES[chrom])))


strands = st.sampled_from(list(Strand))
place_lists = st.lists(places(), min_size=1, max_size=6)
drawn_genes = st.lists(
    st.tuples(words, places(), strands), min_size=1, max_size=5, unique_by=lambda one: one[0].casefold()
)


identities = st.builds(
    Identity,
    st.dictionaries(words, digests, max_size=2),
    tables_of_json,
    st.dictionaries(words, words),
    tables_of_json,
)
REQUEST = {
    "genome": {"name": "a", "fasta": "/f", "genes": "/g"},
    "checkpoint": "/c",
    "out": "/o",
    "signals": {},
}


@st.composite
def drawn_plans(draw: st.DrawFn) -> Plan:
    """A plan; each of its shards has a number of genes and a key."""
    shards = draw(st.lists(st.tuples(st.integers(1, 99), digests)))
    counts, keys = tuple(count for count, _ in shards), tuple(key for _, key in shards)
    identity, genes, command, created = (draw(of) for of in (identities, digests, texts, texts))
    return Plan(identity, counts, genes, REQUEST, command, created, keys)


receipts = st.builds(
    Receipt, st.integers(0, 10**6), st.integers(1, 99), digests, tables_of_json, digests, st.integers(0),
    st.integers(0, 10**9).map(lambda ms: ms / 1000), texts, texts,
)  # fmt: skip
cells = st.builds(
    Cells,
    name=words,
    signals=st.dictionaries(words, words, max_size=3),
    genome=st.none() | words,
    contacts_norm=st.sampled_from(["VC", "ICE"]),
    without=st.lists(texts, max_size=2).map(tuple),
    remarks=st.lists(texts, max_size=2).map(tuple),
)
three = {"min_size": len(GENES), "max_size": len(GENES)}
