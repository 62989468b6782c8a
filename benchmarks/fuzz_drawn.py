"""What valid files are made of, drawn by Hypothesis; `fuzz_valid` writes and reads them."""

import string

from fuzz_seeds import GENES, SIZES
from hypothesis import strategies as st

from seq2exp_tracks.genome import Interval, Strand
from seq2exp_tracks.manifest import Chromosome, FileEntry, InputEntry, Manifest, ModelEntry
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
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
tables_of_json = st.dictionaries(texts, json_values, max_size=3)


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


manifests = st.builds(
    Manifest,
    genome=texts,
    chromosomes=st.lists(st.builds(Chromosome, texts, st.integers(1, 2**31)), max_size=2).map(tuple),
    model=st.builds(ModelEntry, texts, st.integers(0, 10**9), tables_of_json, texts, digests),
    merge=texts,
    n_genes=st.integers(0, 10**9),
    files=st.lists(
        st.builds(FileEntry, words, texts, texts, texts, st.integers(0, 2**60), digests), max_size=2
    ).map(tuple),
    inputs=st.lists(st.builds(InputEntry, texts, texts, st.integers(0, 2**60), digests), max_size=2).map(
        tuple
    ),
    settings=tables_of_json,
    versions=st.dictionaries(texts, texts, max_size=2),
    run_id=texts,
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
plans = st.builds(
    Plan, identities, st.lists(st.integers(1, 99)).map(tuple), digests, st.just(REQUEST), texts, texts
)
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
