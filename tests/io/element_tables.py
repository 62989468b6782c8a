"""Tables of elements and links that nobody chose, and what the files of them should say."""

from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.run_reader import ELEMENT_COLUMNS

# In the genome's order, which is not that of their names.
SIZES = ChromSizes({"chr2": 9_000, "chr10": 5_000, "chr1": 7_000, "chrM": 60})

Row = dict[str, Any]


def element(chrom: str = "chr1", start: int = 100, end: int = 160, **fields: Any) -> Row:
    """The row of an element, some of its fields given."""
    plain = {
        "chrom": chrom,
        "start": start,
        "end": end,
        "name": "MYC.1",
        "score": 362,
        "strand": "+",
        "gene_id": "ENSG01",
        "gene_name": "MYC",
        "mean_score": 0.362,
        "sd": 0.084,
        "distance": -3000,
        "class": "distal",
        "contact": 0.125,
    }
    return plain | fields


def table(rows: list[Row], *, links: bool = False) -> pa.Table:
    columns = list(ELEMENT_COLUMNS.items()) + ([("tss", pa.int64())] if links else [])
    return pa.Table.from_pylist(rows, schema=pa.schema(columns))


def contact_text(row: Row) -> str:
    return "." if row["contact"] is None else format(row["contact"], ".4f")


_names = st.text("ABCxyz019.-", min_size=1, max_size=8)


@st.composite
def drawn_row(draw: st.DrawFn) -> Row:
    chrom = draw(st.sampled_from(list(SIZES)))
    start = draw(st.integers(0, SIZES[chrom] - 1))
    score = draw(st.integers(0, 1000))
    return element(
        chrom,
        start,
        draw(st.integers(start + 1, SIZES[chrom])),
        name=draw(_names),
        score=score,
        strand=draw(st.sampled_from("+-")),
        gene_id=draw(_names),
        gene_name=draw(_names),
        mean_score=score / 1000,
        sd=draw(st.integers(0, 5000)) / 10_000,
        distance=draw(st.integers(-100_000, 100_000)),
        contact=draw(st.none() | st.integers(0, 30_000).map(lambda value: value / 10_000)),
        tss=draw(st.integers(0, SIZES[chrom] - 1)),
        **{"class": draw(st.sampled_from(["promoter", "distal"]))},
    )


drawn_rows = st.lists(drawn_row(), min_size=1, max_size=30)
