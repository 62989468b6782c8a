"""Splits that share no TSS, and what is said of those that would."""

from pathlib import Path

import pytest

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Gene, Strand
from seq2exp_tracks.resources.registry import GenomeEntry
from seq2exp_tracks.training.chosen_split import chosen_split
from seq2exp_tracks.training.request import TrainRequest
from seq2exp_tracks.training.splits import (
    Part,
    Split,
    check_split,
    split_by_chromosome,
    split_by_file,
    split_by_position,
)


def gene(name: str, chrom: str = "chr1", tss: int = 1000) -> Gene:
    return Gene(name, name, chrom, tss, Strand.PLUS)


def names(split: Split) -> dict[str, str]:
    return {str(part): "".join(gene.name for gene in genes) for part, genes in split}


class TestChromosomes:
    def test_the_published_fold_is_the_default(self) -> None:
        chroms = dict(zip("abcdef", ("chr1", "chr3", "chr21", "chr22", "chrX", "chr2"), strict=True))
        split = split_by_chromosome([gene(name, chrom) for name, chrom in chroms.items()])
        assert names(split) == {"train": "af", "valid": "bc", "test": "de"}

    def test_others_can_be_named(self) -> None:
        genes = [gene(name, f"chr{name}") for name in "abc"]
        split = split_by_chromosome(genes, valid=["chra"], test=["chrb"])
        assert names(split) == {"train": "c", "valid": "a", "test": "b"}

    def test_one_chromosome_says_what_to_do(self) -> None:
        with pytest.raises(
            InputError, match=r"genes on chr22 only: .* use --split position, or --split FILE"
        ):
            split_by_chromosome([gene("a", "chr22"), gene("b", "chr22", 5)])

    def test_a_part_without_genes_is_refused(self) -> None:
        genes = [gene(name, f"chr{name}") for name in "abc"]
        with pytest.raises(
            InputError, match=r"no gene of the 3 is in the part valid; name others with --valid-"
        ):
            split_by_chromosome(genes)

    def test_a_chromosome_has_one_part(self) -> None:
        genes = [gene(name, f"chr{name}") for name in "abc"]
        with pytest.raises(InputError, match="chra is to validate and to test"):
            split_by_chromosome(genes, valid=["chra"], test=["chra"])


class TestNamedChromosomes:
    """`--valid-chrom` and `--test-chrom`."""

    SIZES = ChromSizes({f"chr{name}": 9_000 for name in ("a", "b", "c", "d", "3", "22")})
    GENES = tuple(gene(name, f"chr{name}") for name in ("a", "b", "c", "3", "22"))

    def split(self, **named: tuple[str, ...]) -> Split:
        entry = GenomeEntry("toy", Path("toy.fa"), Path("toy.gtf"))
        request = TrainRequest(genome=entry, labels=(Path("labels.tsv"),), out=Path("out"), **named)
        return chosen_split(request, self.GENES, 100, self.SIZES)

    def test_they_are_known_with_and_without_chr(self) -> None:
        split = self.split(valid_chroms=("a",), test_chroms=("chrb",))
        assert names(split) == {"train": "c322", "valid": "a", "test": "b"}

    def test_of_the_published_ones_a_genome_may_lack_some(self) -> None:
        assert names(self.split()) == {"train": "abc", "valid": "3", "test": "22"}

    @pytest.mark.parametrize("option", ["valid", "test"])
    def test_one_without_genes_is_refused(self, option: str) -> None:
        with pytest.raises(InputError) as refused:
            self.split(**{f"{option}_chroms": ("chra", "chr33")})
        assert str(refused.value) == (
            f"--{option}-chrom chr33: the genome has no such chromosome (genes are on chra, chrb, chrc, …)"
        )
        with pytest.raises(InputError, match=f"--{option}-chrom d: no gene with a label there"):
            self.split(**{f"{option}_chroms": ("d",)})


class TestFile:
    def write(self, folder: Path, *rows: str) -> Path:
        path = folder / "split.tsv"
        path.write_text("\n".join(["gene_id\tsplit", *rows]) + "\n")
        return path

    def test_every_gene_has_the_part_of_its_row(self, tmp_path: Path) -> None:
        path = self.write(tmp_path, "a\ttrain", "b\tTest", "c\tvalid")
        split = split_by_file([gene(name) for name in "abcde"], path)
        assert names(split) == {"train": "a", "valid": "c", "test": "b"}
        assert split.notes == (f"{path}: lacks 2 gene(s), which are left out (d, e)",)

    def test_an_unknown_part_is_named(self, tmp_path: Path) -> None:
        path = self.write(tmp_path, "a\ttrain", "b\tholdout")
        with pytest.raises(
            InputError, match=r"split.tsv:3: the part 'holdout' is none of train, valid, test"
        ):
            split_by_file([gene("a")], path)

    def test_a_gene_with_rows_of_two_parts_is_refused(self, tmp_path: Path) -> None:
        path = self.write(tmp_path, "a\ttrain", "b\tvalid", "c\ttest", "a\tTrain", "b\ttest")
        with pytest.raises(InputError) as refused:
            split_by_file([gene(name) for name in "abc"], path)
        assert str(refused.value) == f"{path}:6: b is in test, but in valid by line 3; give it one part"

    def test_one_id_of_two_symbols_is_two_genes(self, tmp_path: Path) -> None:
        path = tmp_path / "split.tsv"
        rows = ("id\tx\ttrain", "id\ty\tvalid", "c\tz\ttest")
        path.write_text("\n".join(["gene_id\tsymbol\tsplit", *rows]) + "\n")
        genes = [Gene("id", name, "chr1", tss, Strand.PLUS) for name, tss in (("x", 1), ("y", 9))]
        split = split_by_file([*genes, gene("c", tss=20)], path)
        assert names(split) == {"train": "x", "valid": "y", "test": "c"}

    def test_an_empty_part_is_named(self, tmp_path: Path) -> None:
        path = self.write(tmp_path, "a\ttrain", "b\tvalid")
        with pytest.raises(InputError, match="no gene of the 2 is in the part test; give it genes in"):
            split_by_file([gene("a"), gene("b")], path)


class TestPosition:
    def test_parts_lie_one_after_another(self) -> None:
        genes = [gene(str(number), tss=100 * number) for number in range(10)][::-1]
        assert names(split_by_position(genes, gap=0)) == {
            "train": "6543210",
            "valid": "7",
            "test": "98",
        }

    def test_genes_before_a_cut_are_left_out_until_the_gap_is_there(self) -> None:
        places = [0, 100, 200, 300, 400, 500, 600, 1000, 1500, 2000]
        genes = [gene(str(number), tss=tss) for number, tss in enumerate(places)]
        split = split_by_position(genes, gap=450)
        assert {part: [gene.tss for gene in members] for part, members in split} == {
            Part.TRAIN: [0, 100, 200, 300, 400, 500],
            Part.VALID: [1000],
            Part.TEST: [1500, 2000],
        }
        assert split.notes == ("1 gene(s) less than 450 bp before a cut of the split are left out",)

    def test_without_a_gap_genes_of_one_tss_are_not_parted(self) -> None:
        places = [0, 1, 2, 3, 4, 5, 7, 7, 8, 9]
        genes = [gene(str(number), tss=tss) for number, tss in enumerate(places)]
        split = split_by_position(genes, gap=0)
        assert names(split) == {"train": "012345", "valid": "7", "test": "89"}
        assert split.notes == ("1 gene(s) less than 1 bp before a cut of the split are left out",)
        assert check_split(split, window=1) == []

    def test_a_gap_that_leaves_no_gene_is_refused(self) -> None:
        genes = [gene(str(number), tss=100 * number) for number in range(10)]
        with pytest.raises(InputError, match="is in the part valid; use a smaller --gap"):
            split_by_position(genes, gap=150)


class TestLeaks:
    def test_the_same_tss_in_two_parts_is_refused(self) -> None:
        split = Split((gene("a"),), (gene("b", tss=1000),), (gene("c", tss=9000),))
        with pytest.raises(
            InputError,
            match=r"the split leaks: genes with the TSS chr1:1,001 \(b\) are in train and in valid",
        ):
            check_split(split, window=100)

    def test_the_same_tss_within_a_part_is_fine(self) -> None:
        split = Split((gene("a"), gene("b")), (gene("c", tss=5000),), (gene("d", tss=9000),))
        assert check_split(split, window=100) == []

    def test_a_part_without_genes_is_refused(self) -> None:
        split = Split((gene("a"),), (), (gene("d", tss=9000),))
        with pytest.raises(InputError, match="no gene is in the part valid: choose another --split"):
            check_split(split, window=100)

    def test_genes_are_counted_and_not_their_tss(self) -> None:
        split = Split((gene("a"), gene("b")), (gene("c", tss=1050),), (gene("d", tss=9000),))
        assert check_split(split, window=100) == [
            "2 train gene(s) have windows that share bases with those of another part",
            "1 valid gene(s) have windows that share bases with those of another part",
        ]

    def test_windows_that_overlap_those_of_another_part_are_counted(self) -> None:
        train = (gene("a"), gene("b", tss=1500), gene("c", "chr2", tss=2010))
        split = Split(train, (gene("d", tss=2000),), (gene("e", tss=2501),))
        assert check_split(split, window=501) == [
            "1 train gene(s) have windows that share bases with those of another part",
            "1 valid gene(s) have windows that share bases with those of another part",
        ]
        assert len(check_split(split, window=502)) == 3
