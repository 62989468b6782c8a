import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.features import FEATURES, GeneFeatures, read_labels
from seq2exp_tracks.genome import Gene, Strand

HALF_LIFE = FEATURES[:-1]
NUMBERS = st.floats(-1e3, 1e3, width=32)


def gene(gene_id, name="x"):
    return Gene(gene_id, name, "chr1", 0, Strand.PLUS)


def write(folder, columns, rows):
    path = folder / "features.tsv"
    lines = ["\t".join(columns), *("\t".join(str(cell) for cell in row) for row in rows)]
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def test_the_nine_features_have_the_order_of_the_published_model():
    assert FEATURES == (
        "UTR5LEN_log10zscore",
        "CDSLEN_log10zscore",
        "INTRONLEN_log10zscore",
        "UTR3LEN_log10zscore",
        "UTR5GC",
        "CDSGC",
        "UTR3GC",
        "ORFEXONDENSITY",
        "PromoterActivity",
    )


@given(
    rows=st.lists(st.lists(st.none() | NUMBERS, min_size=9, max_size=9), min_size=1, max_size=7),
    order=st.permutations(range(9)),
)
def test_missing_values_are_the_columns_median_over_the_whole_table_and_flagged(
    tmp_path_factory, rows, order
):
    rows.append([0.5] * 9)  # no column is empty
    columns = ["gene_id", *(FEATURES[place] for place in order)]
    cells = [
        [f"g{number}", *("NA" if row[place] is None else repr(row[place]) for place in order)]
        for number, row in enumerate(rows)
    ]
    features = GeneFeatures.from_table(write(tmp_path_factory.mktemp("features"), columns, cells))
    for number, row in enumerate(rows):
        values, imputed = features.of(gene(f"g{number}"))
        assert imputed == tuple(name for name, value in zip(FEATURES, row, strict=True) if value is None)
        for place, value in enumerate(row):
            known = [other[place] for other in rows if other[place] is not None]
            assert values[place] == np.float32(np.median(known) if value is None else value)


def test_a_gene_that_the_table_lacks_has_medians_and_every_feature_flagged(tmp_path):
    rows = [[f"g{number}", *[number] * 9] for number in (1, 2, 6)]
    values, imputed = GeneFeatures.from_table(write(tmp_path, ["gene_id", *FEATURES], rows)).of(gene("g9"))
    assert values.tolist() == [2.0] * 9
    assert values.dtype == np.float32
    assert imputed == FEATURES


def test_without_a_table_every_feature_is_0_and_flagged():
    values, imputed = GeneFeatures.unknown().of(gene("g1"))
    assert values.tolist() == [0.0] * 9
    assert imputed == FEATURES


@pytest.mark.parametrize(
    "columns", [("H3K27ac_RPM_TSS1Kb", "DHS_RPM_TSS1Kb"), ("DHS.RPM.TSS1Kb", "H3K27ac.RPM.TSS1Kb")]
)
def test_promoter_activity_is_the_root_of_the_product_of_both_signals(tmp_path, columns):
    rows = [["A", *[0] * 8, 8, 2], ["B", *[0] * 8, 3, "NA"]]
    features = GeneFeatures.from_table(write(tmp_path, ["gene", *HALF_LIFE, *columns], rows))
    assert features.of(gene("x", "A"))[0][-1] == 4
    assert features.of(gene("x", "B"))[1] == ("PromoterActivity",)


def test_a_given_promoter_activity_comes_before_the_computed_one(tmp_path):
    columns = ["gene", *FEATURES, "H3K27ac_RPM_TSS1Kb", "DHS_RPM_TSS1Kb"]
    features = GeneFeatures.from_table(write(tmp_path, columns, [["A", *[0] * 8, 7, 8, 2]]))
    assert features.of(gene("x", "A"))[0][-1] == 7


@pytest.mark.parametrize("missing", HALF_LIFE)
def test_a_missing_column_is_named_beside_those_present(tmp_path, missing):
    columns = ["gene", *(name for name in FEATURES if name != missing)]
    with pytest.raises(InputError, match=rf"features\.tsv: no column {missing}; its columns are gene, "):
        GeneFeatures.from_table(write(tmp_path, columns, [["A", *[0] * 8]]))


def test_a_missing_promoter_activity_says_what_it_can_be_computed_from(tmp_path):
    columns = ["gene", *HALF_LIFE, "DHS_RPM_TSS1Kb"]
    with pytest.raises(
        InputError, match=r"no column PromoterActivity, nor both H3K27ac_RPM_TSS1Kb and DHS_RPM_TSS1Kb"
    ):
        GeneFeatures.from_table(write(tmp_path, columns, [["A", *[0] * 9]]))


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ([*[0] * 8, "high"], "features.tsv:3: PromoterActivity is 'high', which is no number"),
        ([*[0] * 7, "inf", 0], "features.tsv:3: ORFEXONDENSITY is 'inf', which is no number"),
    ],
)
def test_a_cell_that_is_no_number_is_named_with_its_line(tmp_path, cells, problem):
    path = write(tmp_path, ["gene", *FEATURES], [["A", *[0] * 9], ["B", *cells]])
    with pytest.raises(InputError, match=problem):
        GeneFeatures.from_table(path)


def test_a_column_without_any_value_is_refused(tmp_path):
    path = write(tmp_path, ["gene", *FEATURES], [["A", *[0] * 4, "NA", *[0] * 4]])
    with pytest.raises(InputError, match=r"features\.tsv: no value in the column UTR5GC"):
        GeneFeatures.from_table(path)


def test_a_negative_signal_at_the_promoter_is_refused(tmp_path):
    columns = ["gene", *HALF_LIFE, "H3K27ac_RPM_TSS1Kb", "DHS_RPM_TSS1Kb"]
    with pytest.raises(InputError, match=r"features\.tsv:2: .* is negative"):
        GeneFeatures.from_table(write(tmp_path, columns, [["A", *[0] * 8, -1, 2]]))


def test_labels_are_copied_as_they_stand_and_none_where_not_known(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("gene_id,symbol,TPM\nENSG00000000001.4,A,1.25\nENSG00000000002,B,NA\n")
    labels = read_labels(path, "TPM")
    assert labels.column == "TPM"
    assert labels.of(gene("ENSG00000000001")) == 1.25
    assert labels.of(gene("other", "A")) == 1.25
    assert labels.of(gene("ENSG00000000002")) is None
    assert labels.of(gene("ENSG00000000003", "C")) is None


def test_labels_that_are_not_there_or_no_numbers_are_refused(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("gene,TPM\nA,many\n")
    with pytest.raises(InputError, match=r"labels\.csv: no column CAGE; its columns are gene, TPM"):
        read_labels(path, "CAGE")
    with pytest.raises(InputError, match=r"labels\.csv:2: TPM is 'many', which is no number"):
        read_labels(path, "TPM")


def test_what_is_filled_in_does_not_leak_into_the_table(tmp_path):
    path = write(tmp_path, ["gene", *FEATURES], [["A", *["NA"] * 8, 1], ["B", *[3] * 9]])
    features = GeneFeatures.from_table(path)
    features.of(gene("x", "A"))[0][:] = math.pi
    features.of(gene("x", "B"))[0][:] = math.pi
    features.of(gene("x", "C"))[0][:] = math.pi
    assert features.of(gene("x", "A"))[0].tolist() == [3.0] * 8 + [1.0]
    assert features.of(gene("x", "B"))[0].tolist() == [3.0] * 9
    assert features.of(gene("x", "C"))[0].tolist() == [3.0] * 8 + [2.0]
