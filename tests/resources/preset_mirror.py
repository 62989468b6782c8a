"""A mirror, as a folder, of what the presets name, and the authors' two tables of genes."""

import json
from collections.abc import Callable
from pathlib import Path

from seq2exp_tracks.resources.asked import Chosen

HALF_LIFE = (
    *("UTR5LEN_log10zscore", "CDSLEN_log10zscore", "INTRONLEN_log10zscore", "UTR3LEN_log10zscore"),
    *("UTR5GC", "CDSGC", "UTR3GC", "ORFEXONDENSITY"),
)
ENCODE = "www.encodeproject.org/files/{0}/@@download/{0}.bigWig"
FOUR_DN = "data.4dnucleome.org/files-processed/{0}/@@download/{0}.hic"
GENOME = "hgdownload.soe.ucsc.edu/goldenPath/hg38/bigZips/hg38.fa.gz"
GENCODE = "ftp.ebi.ac.uk/pub/databases/gencode/Gencode_human/release_43/gencode.v43.basic.annotation.gtf.gz"
BLACKLIST = "raw.githubusercontent.com/Boyle-Lab/Blacklist/master/lists/hg38-blacklist.v2.bed.gz"
WEIGHTS = "huggingface.co/xingyusu/GeneExp_Seq2Exp"
DATASET = "huggingface.co/datasets/xingyusu/GeneExp"
TABLES = {
    "tables/GM12878_K562_18377_gene_expr_fromXpresso.csv": (
        f"ENSID,Gene name,{','.join(HALF_LIFE)}\n"
        "ENSG01,GA,1,2,3,4,5,6,7,8\nENSG02,GB,2,3,4,5,6,7,8,9\nENSG04,GD,0,0,0,0,0,0,0,0\n"
    ),
    "tables/K562_DNase_abc/GeneList.txt": (
        "chr\ttss\tstrand\tsymbol\tH3K27ac.RPM.TSS1Kb\tDHS.RPM.TSS1Kb\n"
        "chr1\t500\t-\tENSG02\t4\t9\nchr1\t100.0\t+\tENSG01\t2\t8\nchr1\t700\t+\tENSG03\t1\t1\n"
        "chr1\t900\t+\tENSG01\t0\t0\n"
    ),
}

Choose = Callable[..., Chosen]


def place(mirror: Path, name: str, content: bytes) -> Path:
    path = mirror / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def list_repository(mirror: Path, api: str, files: list[str]) -> None:
    text = json.dumps({"siblings": [{"rfilename": file} for file in files]})
    place(mirror, f"huggingface.co/api/{api}", text.encode())
