"""Manifests drawn by Hypothesis: of any words, numbers and JSON that one can hold."""

from hypothesis import strategies as st

from seq2exp_tracks.manifest import Chromosome, FileEntry, InputEntry, Manifest, ModelEntry

texts = st.text(max_size=8)
names = st.text("abcXYZ019._- é", min_size=1, max_size=8).filter(lambda name: name not in (".", ".."))
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
tables_of_json = st.dictionaries(texts, json_values, max_size=4)
counts = st.integers(0, 2**60)
optional_counts = st.none() | counts
optional_texts = st.none() | texts

manifests = st.builds(
    Manifest,
    genome=texts,
    chromosomes=st.lists(st.builds(Chromosome, texts, st.integers(1, 2**31)), max_size=3).map(tuple),
    model=st.builds(ModelEntry, texts, counts, tables_of_json, texts, texts),
    merge=texts,
    n_genes=counts,
    files=st.lists(
        st.builds(
            FileEntry,
            *(names, texts, texts, texts, counts, texts),
            *(optional_texts, optional_texts, optional_counts, optional_texts),
        ),
        max_size=3,
    ).map(tuple),
    inputs=st.lists(st.builds(InputEntry, texts, texts, counts, texts), max_size=3).map(tuple),
    settings=tables_of_json,
    versions=st.dictionaries(texts, texts, max_size=3),
    notes=st.lists(texts, max_size=3).map(tuple),
    created=texts,
    command=texts,
    host=texts,
    run_id=texts,
    cells=texts,
)
