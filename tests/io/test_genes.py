import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Gene, Strand
from seq2exp_tracks.io.genes import read_genes

SIZES = ChromSizes({"chr2": 10_000, "chr1": 20_000, "chrM": 500})


def write(folder, text, name):
    path = folder / name
    path.write_text(text)
    return path


def bed(*rows):
    return "".join(f"{chrom}\t{tss}\t{tss + 9}\t{name}\t0\t+\n" for chrom, tss, name in rows)


def gtf(*rows):
    return "".join(
        f'{chrom}\tx\tgene\t{tss + 1}\t{tss + 9}\t.\t+\t.\tgene_id "{name}"; gene_type "{kind}";\n'
        for chrom, tss, name, kind in rows
    )


def test_genes_come_in_genome_order_under_the_genomes_names(tmp_path):
    path = write(tmp_path, bed(("1", 50, "A"), ("MT", 7, "B"), ("2", 90, "C"), ("chr2", 8, "D")), "genes.bed")
    assert read_genes(path, SIZES).genes == (
        Gene("D", "D", "chr2", 8, Strand.PLUS),
        Gene("C", "C", "chr2", 90, Strand.PLUS),
        Gene("A", "A", "chr1", 50, Strand.PLUS),
        Gene("B", "B", "chrM", 7, Strand.PLUS),
    )


def test_rows_on_chromosomes_that_the_genome_lacks_are_counted_and_left_out(tmp_path):
    path = write(tmp_path, bed(("chr1", 5, "A"), ("chrX", 5, "B"), ("chrUn_1", 5, "C")), "genes.bed")
    table = read_genes(path, SIZES)
    assert [gene.id for gene in table] == ["A"]
    assert len(table) == 1
    assert table.dropped == {"rows on chromosomes that the FASTA lacks": 2}


def test_it_is_an_error_if_no_gene_is_left(tmp_path):
    path = write(tmp_path, bed(("chrX", 5, "B"), ("chrY", 5, "C")), "genes.bed")
    with pytest.raises(InputError, match=r"genes\.bed: none of its 2 genes lies on a chromosome"):
        read_genes(path, SIZES)


@pytest.mark.parametrize("name", ["genes.bed", "genes.gtf"])
def test_a_file_without_genes_is_refused(tmp_path, name):
    with pytest.raises(InputError, match=rf"{name}: no gene in it"):
        read_genes(write(tmp_path, "# nothing known\n", name), SIZES)


def test_a_gene_off_the_chromosomes_end_is_kept(tmp_path):
    path = write(tmp_path, "chrom\ttss\tstrand\tgene\nchr2\t10050\t+\tA\nchr2\t-3\t-\tB\n", "genes.tsv")
    assert [gene.tss for gene in read_genes(path, SIZES)] == [-3, 10_050]


def test_ids_lose_version_and_characters_unfit_for_file_names(tmp_path):
    names = ("ENSG00000000001.7", "ENSG00000000002.7_PAR_Y", "HLA/A*01", "../x", "-rf", "NKX2-5", "Bx.1")
    path = write(tmp_path, bed(*(("chr1", place, name) for place, name in enumerate(names))), "genes.bed")
    genes = read_genes(path, SIZES).genes
    assert [gene.id for gene in genes] == [
        "ENSG00000000001",
        "ENSG00000000002_PAR_Y",
        "HLA_A_01",
        "_._x",
        "_rf",
        "NKX2-5",
        "Bx.1",
    ]
    assert genes[2].name == "HLA/A*01"


def test_genes_that_share_an_id_are_numbered_in_genome_order(tmp_path):
    path = write(
        tmp_path,
        bed(("chr1", 90, "A"), ("chr1", 20, "A"), ("chr2", 70, "a"), ("chr1", 5, "A_2"), ("chr1", 7, "B")),
        "genes.bed",
    )
    table = read_genes(path, SIZES)
    assert [(gene.id, gene.name, gene.tss) for gene in table] == [
        ("a", "a", 70),
        ("A_2", "A_2", 5),
        ("B", "B", 7),
        ("A_3", "A", 20),
        ("A_4", "A", 90),
    ]
    assert table.renamed == ("A",)


def test_rows_that_repeat_a_gene_count_once(tmp_path):
    path = write(tmp_path, bed(("chr1", 20, "A"), ("1", 20, "A"), ("chr1", 20, "B")), "genes.bed")
    table = read_genes(path, SIZES)
    assert [gene.id for gene in table] == ["A", "B"]
    assert table.dropped == {"rows that repeat another's id, TSS and strand": 1}
    assert table.renamed == ()


@given(
    rows=st.lists(
        st.tuples(st.sampled_from(("chr1", "chr2", "1")), st.integers(0, 40), st.sampled_from("ABCa/")),
        min_size=1,
        max_size=10,
    ),
    data=st.data(),
)
def test_ids_are_unique_and_do_not_depend_on_the_order_of_rows(tmp_path_factory, rows, data):
    folder = tmp_path_factory.mktemp("bed")
    genes = read_genes(write(folder, bed(*rows), "a.bed"), SIZES).genes
    shuffled = data.draw(st.permutations(rows))
    assert read_genes(write(folder, bed(*shuffled), "b.bed"), SIZES).genes == genes
    assert len({gene.id.casefold() for gene in genes}) == len(genes)
    assert not any(set(gene.id) & set("/\\: ") for gene in genes)


def test_annotations_give_protein_coding_genes_unless_asked_otherwise(tmp_path):
    rows = [("chr1", 5, "A", "protein_coding"), ("chr1", 6, "B", "lncRNA"), ("chr1", 7, "C", "miRNA")]
    path = write(tmp_path, gtf(*rows), "genes.gtf")
    assert [gene.id for gene in read_genes(path, SIZES)] == ["A"]
    assert [gene.id for gene in read_genes(path, SIZES, gene_types=("lncRNA", "miRNA"))] == ["B", "C"]
    assert [gene.id for gene in read_genes(path, SIZES, gene_types=("all",))] == ["A", "B", "C"]
    with pytest.raises(InputError, match="no gene of type snRNA; its types are lncRNA, miRNA, prot"):
        read_genes(path, SIZES, gene_types=("snRNA",))


def test_an_annotation_that_tells_no_types_says_how_to_take_every_gene(tmp_path):
    path = write(tmp_path, 'chr1\tx\tgene\t5\t9\t.\t+\t.\tgene_id "A";\n', "genes.gtf")
    with pytest.raises(InputError, match=r"genes\.gtf: does not tell the types.* --gene-type all"):
        read_genes(path, SIZES)
    assert len(read_genes(path, SIZES, gene_types=("all",))) == 1


def test_bed_and_tables_give_every_row_unless_types_are_asked_for(tmp_path):
    table = "chrom\ttss\tstrand\tgene\tgene_type\nchr1\t1\t+\tA\tlncRNA\nchr1\t2\t+\tB\tprotein_coding\n"
    path = write(tmp_path, table, "genes.tsv")
    assert [gene.id for gene in read_genes(path, SIZES)] == ["A", "B"]
    assert [gene.id for gene in read_genes(path, SIZES, gene_types=("lncRNA",))] == ["A"]
    plain = write(tmp_path, bed(("chr1", 5, "A")), "genes.bed")
    with pytest.raises(InputError, match="does not tell the types of its genes, so lncRNA cannot be chosen"):
        read_genes(plain, SIZES, gene_types=("lncRNA",))


@pytest.mark.parametrize("name", ["genes.gtf.gz", "genes.GTF", "genes.gff3", "genes.gff.gz"])
def test_the_suffix_tells_the_format_also_of_gzipped_files(tmp_path, name):
    text = gtf(("chr1", 5, "A", "protein_coding"))
    if "gff" in name:
        text = "chr1\tx\tgene\t6\t9\t.\t+\t.\tID=gene:A;biotype=protein_coding\n"
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    assert read_genes(path, SIZES).genes == (Gene("A", "A", "chr1", 5, Strand.PLUS),)


def test_a_suffix_that_tells_no_format_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"genes\.xlsx: genes are read from \.gtf, \.gff, \.gff3, \.bed"):
        read_genes(tmp_path / "genes.xlsx", SIZES)


def test_the_middle_of_a_bed_row_is_an_option(tmp_path):
    path = write(tmp_path, "chr1\t100\t200\tA\t0\t-\n", "genes.bed")
    assert [gene.tss for gene in read_genes(path, SIZES)] == [199]
    assert [gene.tss for gene in read_genes(path, SIZES, bed_tss="middle")] == [150]


def test_an_id_too_long_for_a_file_name_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"the id x+… has 101 letters"):
        read_genes(write(tmp_path, bed(("chr1", 5, "x" * 101)), "genes.bed"), SIZES)
