"""docs/simulation.md says what the simulator does: here it is compared with the code."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

from simulated_tables import rows_of

from seq2exp_tracks.simulation.elements import ElementClass
from seq2exp_tracks.simulation.genome import SimulatedGenome
from seq2exp_tracks.simulation.layout import SIZES
from seq2exp_tracks.simulation.parameters import NOT_PARAMETERS, PARTS, constants
from seq2exp_tracks.simulation.setting import DEFAULT, SETTINGS

PAGE = (Path(__file__).parents[2] / "docs" / "simulation.md").read_text()


def table(first_column: str) -> list[list[str]]:
    """The rows of the table whose first column has a name; code marks around a whole cell are taken off."""
    rows = []
    for line in PAGE[PAGE.index(f"| {first_column} |") :].splitlines():
        if not line.startswith("|"):
            break
        rows.append([cell.strip().strip("`") for cell in line.strip("|").split(" | ")])
    return rows[2:]


def flat(name: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(f"{name}.{key}", inner)
    else:
        yield name, value


def test_parameters(simulated: SimulatedGenome) -> None:
    parameters = json.loads(simulated.parameters.read_text())["parameters"]
    written = dict(flat("", parameters))
    told = {f".{row[0]}": json.loads(row[1]) for row in table("parameter")}
    assert told == written


def test_no_two_parts_define_one_name() -> None:
    defined = [
        name.id
        for part in PARTS
        for statement in ast.parse(Path(part.__file__ or "").read_text()).body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        for target in (statement.targets if isinstance(statement, ast.Assign) else [statement.target])
        for name in ast.walk(target)
        if isinstance(name, ast.Name) and name.id.isupper() and not name.id.startswith("_")
    ]
    assert len(defined) == len(set(defined)) > 50
    # DEFAULT is the setting's, which is written whole.
    told = {name for part in PARTS for name in constants(part)}
    assert set(defined) == (told | NOT_PARAMETERS) - {"DEFAULT"}


def test_the_parameters_hold_seed_layout_setting_and_motifs(simulated: SimulatedGenome) -> None:
    found = json.loads(simulated.parameters.read_text())
    assert (found["seed"], found["cell_types"]) == (0, ["A", "B"])
    assert found["layout"] == {
        "chromosomes": {"chrA": 400_000, "chrB": 250_000},
        "genes": 36,
        "reach": 10_000,
        "window": 20_000,
    }
    assert (found["setting"]["name"], found["setting"]["gain"]) == ("default", 0.2)
    used = {row["name"] for row in rows_of(simulated.sites)}
    assert {motif["name"] for motif in found["motifs"]} == used


def test_settings_and_sizes() -> None:
    assert [row[0] for row in table("setting")] == list(SETTINGS)
    rows = {row[0]: row for row in table("`--size`")}
    assert list(rows) == list(SIZES)
    for name, layout in SIZES.items():
        assert rows[name][1] == str(layout.genes)
        assert rows[name][3] == f"{layout.window // 1_000} kb"


def test_columns_and_classes_of_the_truth(simulated: SimulatedGenome) -> None:
    assert [row[0] for row in table("column")] == list(rows_of(simulated.truth)[0])
    assert {row[0] for row in table("class")} == set(ElementClass)


def test_the_files_are_those_of_the_page(simulated: SimulatedGenome) -> None:
    folder = simulated.fasta.parent
    part = PAGE[PAGE.index("    OUT/") :].split("\n\n", 1)[0]
    told = {line.split()[0] for line in part.splitlines()[1:]} - {"B/…"}
    indices = {"genome.fa.fai", "A/DNase.bam.bai"}
    written = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert told | indices == {name for name in written if not name.startswith("B/")}


def test_the_numbers_of_the_text_are_those_of_the_default_setting() -> None:
    assert f"Baseline is {DEFAULT.baseline}, gain {DEFAULT.gain};" in PAGE
    assert f"standard deviation {DEFAULT.noise_sd}" in PAGE
    assert (
        f"probability\n{DEFAULT.promoters_open} and each enhancer with probability {DEFAULT.enhancers_open}"
        in PAGE
    )
