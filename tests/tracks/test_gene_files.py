import pytest

from seq2exp_tracks.tracks.gene_files import gene_file_stem


@pytest.mark.parametrize(
    ("gene_id", "stem"),
    [
        ("ENSG00000100345", "ENSG00000100345"),
        ("HLA-A*02:01", "HLA-A_02_01"),
        ("../etc/passwd", "_etc_passwd"),
        (".hidden", "hidden"),
        ("...", "_"),
        ("x" * 300, "x" * 100),
    ],
)
def test_names_hold_only_what_every_file_system_takes(gene_id: str, stem: str) -> None:
    assert gene_file_stem(gene_id, ()) == stem


def test_genes_whose_names_come_out_the_same_have_files_of_their_own() -> None:
    taken = {gene_file_stem("a/b", ()): "a/b"}
    assert gene_file_stem("a:b", taken) == "a_b~2"
    assert gene_file_stem("a?b", taken | {"a_b~2": "a:b"}) == "a_b~3"
