"""Valid small files of every kind that `fuzz.py` damages, all of one made genome."""

import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from seq2exp_tracks.checkpoints.baselines import save_baseline
from seq2exp_tracks.features import FEATURES
from seq2exp_tracks.genome import ChromSizes, Gene, Strand
from seq2exp_tracks.manifest import Chromosome, FileEntry, InputEntry, Manifest, ModelEntry
from seq2exp_tracks.model.baselines import CaduceusConfig, initialised
from seq2exp_tracks.shards.identity import Identity
from seq2exp_tracks.shards.plan_file import Plan
from seq2exp_tracks.shards.receipt import Receipt
from seq2exp_tracks.simulation.checkpoint import WEIGHTS
from seq2exp_tracks.windows import Window

SIZES = ChromSizes({"chr1": 20_000, "chr2": 900, "chrM": 40})
GENES = (
    Gene("ENSG00000000001", "A1", "chr1", 3_000, Strand.PLUS),
    Gene("g2", "B2", "chr1", 9_000, Strand.MINUS),
    Gene("g3", "C3", "chr2", 500, Strand.PLUS),
)
WINDOWS = tuple(Window.around(gene, 2_000, SIZES[gene.chrom]) for gene in GENES)

BED = b"#chrom\tstart\tend\tname\ntrack name=x\nchr1\t10\t50\ta\nchr1\t40\t90\tb\n2\t0\t900\tc\nchrM\t3\t4\n"
BED6 = (
    b"#chrom\tstart\tend\tname\tscore\tstrand\tEnsembl_ID\tgene_type\n"
    b"chr1\t100\t900\tA1\t0\t+\tENSG00000000001.4\tprotein_coding\nchr2\t100\t300\tB2\t5\t-\tg2\tlncRNA\n"
)
BED12 = (
    b"chr1\t100\t900\tA1\t0\t+\t200\t600\t0\t2\t200,300,\t0,500,\nchr1\t150\t800\tA1\t0\t+\t300\t500\t0\t1\t650,\t0,\n"
    b"chr2\t10\t400\tB2\t0\t-\t20\t300\t0,0,0\t1\t390\t0\n"
)
GTF = b"""#!genome-build toy
chr1\tx\tgene\t101\t900\t.\t+\t.\tgene_id "ENSG00000000001.2"; gene_type "protein_coding"; gene_name "A1";
chr1\tx\ttranscript\t151\t900\t.\t+\t.\tgene_id "ENSG00000000001.2"; transcript_id "T1"; tag "MANE_Select";
chr1\tx\texon\t151\t400\t.\t+\t.\tgene_id "ENSG00000000001.2"; transcript_id "T1"; gene_name "A1";
chr1\tx\texon\t600\t900\t.\t+\t.\tgene_id "ENSG00000000001.2"; transcript_id "T1"; gene_name "A1";
chr1\tx\tCDS\t201\t700\t.\t+\t0\tgene_id "ENSG00000000001.2"; transcript_id "T1";
chr2\tx\tgene\t11\t300\t.\t-\t.\tgene_id "g2"; gene_biotype "protein_coding"; level 2;
chr2\tx\ttranscript\t11\t300\t.\t-\t.\tgene_id "g2"; transcript_id "T2";
"""
GFF3 = b"""##gff-version 3
chr1\tx\tgene\t101\t900\t.\t+\t.\tID=gene:G1;Name=A1;biotype=protein_coding;gene_id=G1
chr1\tx\tmRNA\t151\t900\t.\t+\t.\tID=t1;Parent=gene:G1;tag=Ensembl_canonical,basic
chr1\tx\texon\t151\t400\t.\t+\t.\tParent=t1
chr1\tx\tCDS\t201\t350\t.\t+\t0\tParent=t1
chr2\tx\tgene\t11\t300\t.\t-\t.\tID=g2;Name=B%202;gene_biotype=protein_coding
##FASTA
>chr1
ACGT
"""
GENE_TABLE = (
    b"gene_id\tsymbol\tchrom\ttss\tstrand\tgene_type\nENSG00000000001.3\tA1\tchr1\t300\t+\tx\n"
    b"g2\tB2\t2\t17\t-1\t\n"
)
FEATURE_TABLE = (
    "\t".join(("gene_id", "symbol", *FEATURES))
    + "\ng1\tA1\t"
    + "\t".join(["0.5"] * 9)
    + "\ng2\tB2\t"
    + "\t".join(["NA", *["-1.25"] * 8])
    + "\n"
).encode()
RPM_TABLE = (
    "symbol,H3K27ac_RPM_TSS1Kb,DHS_RPM_TSS1Kb,"
    + ",".join(FEATURES[:-1])
    + "\nA1,1.5,2,"
    + ",".join(["0.1"] * 8)
    + "\n"
).encode()
LABELS = b"gene_id,symbol,label\nENSG00000000001.7,A1,1.5\ng2,B2,NA\ng3,C3,0\n"
SPLIT = b"gene_id\tsplit\nENSG00000000001\ttrain\ng2\tvalid\ng3\ttest\n"
ELEMENTS = (
    b"#seq2exp-tracks run=0123456789ab file=elements.bed\n"
    b"#chrom\tstart\tend\tname\tscore\tstrand\tgene_id\tgene_name\tmean_score\tsd\tdistance\tclass\tcontact\n"
    b"chr1\t2500\t2600\tA1.1\t500\t+\tg1\tA1\t0.500\t0.0100\t-400\tpromoter\t.\n"
    b"chr1\t100\t300\tA1.2\t700\t+\tg1\tA1\t0.700\t0.0200\t-2700\tdistal\t1.2500\n"
)
CRISPR = (
    b"chrom\tchromStart\tchromEnd\tname\tmeasuredGeneSymbol\tmeasuredGeneEnsemblId\tValidConnection\tCellType\tRegulated\n"
    b"chr1\t2500\t2600\ta\tA1\tENSG00000000001\tTRUE\tK562\tTRUE\n"
    b"chr1\t8500\t8600\tb\tB2\t\tTRUE\tK562\tFALSE\nchr2\t100\t200\tc\tC3\t\toverlaps\tK562\tFALSE\n"
)
PLANTED = (
    b"#chrom\tstart\tend\tname\tgene_id\teffect\nchr1\t2500\t2600\ta\tENSG00000000001\t0.7\n"
    b"chr1\t8500\t8600\tb\tg2\t0\nchr2\t100\t200\tc\t.\t0.0\n"
)
GIVEN_BED = b"chr1\t100\t400\tpeak1\t700\nchr1\t900\t990\tpeak2\t12\n"
GIVEN_TABLE = b"chr\tstart\tend\tTargetGene\tABC.Score\nchr1\t100\t400\tA1\t0.25\n2\t5\t90\tB2\t0.5\n"
NARROW_PEAK = b"chr1\t100\t400\tp\t9\t.\t5.5\t3\t2\t10\n"
REGIONS = (b"chr1:1-20,000", b"chr2", b"1:5-10", b"chrM:40-40")
NAMED_FILE = (b"H3K27ac=k562.bw", b"DNase=/data/a=b.bw")

GENOMES = (
    b'[toy]\nfasta = "/d/a.fa"\ngenes = "/d/a.gtf"\nblacklist = "/d/a.bed"\n'
    b'[hg]\nfasta = "x.fa"\ngenes = "y.bed"\n'
)
CELLS = (
    b'[cells]\nname = "K562"\ngenome = "hg38"\ncontacts = "a.cool"\ncontacts_norm = "ICE"\n'
    b'without = ["DNase"]\n'
    b'remarks = ["features: derived"]\n[cells.signals]\nH3K27ac = "a.bw"\n'
)
PRESETS = (
    b'[genomes.toy.fasta]\npath = "a.fa"\n[genomes.toy.genes]\naddress = "https://example.org/a.gtf.gz"\n'
    b'[cells.mine]\ngenome = "toy"\n[cells.mine.signals.DNase]\npath = "d.bw"\n'
    b'[checkpoints.own]\nhub = "someone/weights"\nwords = ["soft"]\nsuffixes = [".ckpt"]\n'
)

OPTIONS: dict[str, Any] = {
    "seq_range": 1024,
    "d_model": 16,
    "enc_n_layer": 2,
    "gen_n_layer": 1,
    "center_len": 200,
    "signal_size": 3,
    "interact": "concat",
    "gen_signal": False,
    "prior_signal": "all",
    "prior_beta": "1.5,0.2,1.0",
    "prior_weight": "2,2,1",
    "prior_scale_factor": 1.0,
    "post_hard_dist": True,
    "only_x_sig": False,
    "use_include_list": False,
    "mask_region_hard": True,
    "marginal_mean": 0.45,
    "marginal_scale": 0.1,
    "use_bio_mask": False,
    "use_peak_mask": False,
    "use_mask_model": False,
    "dist_param_grad": False,
    "enc_prd_ps": False,
    "pos_enc": False,
    "beta_min": 0,
    "z_scale": 1.0,
    "test_top": False,
    "test_soft": False,
    "test_hard": True,
    "sample_threshold": 0.5,
    "useRNAFeat": True,
    "rna_feat_dim": 9,
    "bidirectional": True,
    "bidirectional_strategy": "add",
    "bidirectional_weight_tie": True,
    "norm_epsilon": 1e-05,
    "ssm_cfg": {"d_state": 16, "d_conv": 4, "expand": 2, "dt_rank": "auto"},
}
"""Options of a small published model."""


def manifest() -> bytes:
    """The manifest of a run."""
    made = Manifest(
        genome="toy",
        chromosomes=tuple(Chromosome(name, length) for name, length in SIZES.items()),
        model=ModelEntry("soft", 2_000, {"d_model": 16}, "/data/model.ckpt", "ab" * 32),
        merge="max",
        n_genes=3,
        files=(FileEntry("mask.bw", "bigwig", "track", "Mask", 431, "cd" * 32, "mask", "probability", 3),),
        inputs=(InputEntry("fasta", "/data/toy.fa", 99, "01" * 32),),
        settings={"elements": {"top_share": 0.1, "threshold": None}, "chroms": ["chr1"]},
        versions={"seq2exp-tracks": "0.1.0"},
        run_id="0123456789ab",
    )
    return written(lambda folder: made.write(folder / "file"))


def plan() -> bytes:
    """The plan of a run that is not whole."""
    identity = Identity({"checkpoint": "ab" * 32}, {"window": 2_000}, {"torch": "2"}, {"devices": ["cpu"]})
    genome = {"name": "toy", "fasta": "/d/a.fa", "genes": "/d/a.gtf"}
    request = {
        "genome": genome,
        "checkpoint": "/d/m.ckpt",
        "out": "/d/out",
        "signals": {"DNase": "/d/a.bw"},
        "names": ["A1"],
    }
    keys, begun = ("ef" * 32, "01" * 32), "2026-01-01T00:00:00+00:00"
    made = Plan(identity, (2, 1), "cd" * 32, request, "seq2exp-tracks score", begun, keys)
    return written(made.write)


def receipt() -> bytes:
    """The receipt of a shard."""
    made = Receipt(
        3, 2, "ab" * 32, {"devices": ["cpu"]}, "cd" * 32, 99, 1.5, "2026-01-01T00:00:00+00:00", "here"
    )
    return written(lambda folder: made.write(folder / "file"))


def baseline() -> bytes:
    """A baseline of ours."""
    config = CaduceusConfig(window=500, d_model=12, layers=1, promoter=100, signals=("DNase",))
    return written(lambda folder: save_baseline(initialised(config, 3), folder / "file"))


def written(write: Callable[[Path], None]) -> bytes:
    """The one file that something writes into a folder."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
        return next(Path(folder).iterdir()).read_bytes()


def own_checkpoint() -> bytes:
    """A checkpoint of ours: the one of the simulation."""
    return Path(WEIGHTS).read_bytes()


def published_checkpoint() -> bytes:
    """A checkpoint as the published code writes it, but for its weights, of which there is one."""
    content = {
        "pytorch-lightning_version": "2.2.0",
        "state_dict": {"model.mask_output.weight": torch.zeros(2, 3)},
        "hyper_parameters": {"model": {"_name_": "BiMambaMIRNP", "config": dict(OPTIONS)}},
    }
    file = io.BytesIO()
    torch.save(content, file)
    return file.getvalue()
