"""The folder of a run: what it may hold before, what is left of it, and who writes to it."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.progress import Silent
from seq2exp_tracks.training.claim import claimed
from seq2exp_tracks.training.published_folder import published_genome
from seq2exp_tracks.training.request import TrainRequest
from seq2exp_tracks.training.run import train_model

EXPRESSION = "promo_enhan_inter/GM12878_K562_18377_gene_expr_fromXpresso.csv"


class Noted(Silent):
    """Progress that remembers notes."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)


@pytest.fixture(scope="module")
def trained(golden: Path, tmp_path_factory: pytest.TempPathFactory) -> TrainRequest:
    """A run of one update on five genes, of which one tests."""
    folder: Path = tmp_path_factory.mktemp("published") / "data"
    shutil.copytree(golden / "data_folder", folder, copy_function=shutil.copyfile)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755)
    lines = (folder / EXPRESSION).read_text().splitlines()
    lines[1] = lines[1].rsplit(",", 1)[0] + ","  # GA's label
    (folder / EXPRESSION).write_text("\n".join(lines) + "\n")
    request = TrainRequest(
        genome=published_genome(folder, "GM12878"),
        published=folder,
        cell_type="GM12878",
        size="small",
        window=2_000,
        promoter=400,
        d_model=4,
        layers=1,
        steps=1,
        warmup=0,
        device="cpu",
        out=folder.parent / "out",
    )
    train_model(request, Silent())
    return request


@pytest.mark.parametrize("flags", [{}, {"resume": True}, {"overwrite": True}])
def test_a_folder_of_something_else_is_left_alone(
    trained: TrainRequest, tmp_path: Path, flags: dict[str, bool]
) -> None:
    mine = tmp_path / "tensorboard" / "mine"
    mine.parent.mkdir()
    mine.write_text("")
    with pytest.raises(OutputError) as refused:
        train_model(replace(trained, out=tmp_path, **flags), Silent())
    assert str(refused.value) == (
        f"{tmp_path}: is not an empty folder and holds no run; choose another folder"
    )
    assert list(tmp_path.rglob("*")) == [mine.parent, mine]


def test_a_run_that_was_killed_as_it_began_may_begin_again(trained: TrainRequest, tmp_path: Path) -> None:
    (tmp_path / ".partial-recipe.json").write_text("{")
    train_model(replace(trained, out=tmp_path), Silent())
    assert (tmp_path / "training.json").exists()


def test_overwrite_replaces_what_a_run_wrote_and_nothing_else(trained: TrainRequest, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(trained.out, out)
    before = {path.name for path in (out / "tensorboard").iterdir()}
    kept = [out / "mine.txt", out / "tensorboard" / "mine.txt"]
    for path in kept:
        path.write_text("mine")
    train_model(replace(trained, out=out, seed=5, overwrite=True), Silent())
    assert [path.read_text() for path in kept] == ["mine", "mine"]
    assert json.loads((out / "recipe.json").read_text())["training"]["seed"] == 5
    assert before.isdisjoint(path.name for path in (out / "tensorboard").iterdir())


@pytest.mark.parametrize("flags", [{"resume": True}, {"overwrite": True}])
def test_two_runs_do_not_write_to_one_folder(trained: TrainRequest, flags: dict[str, bool]) -> None:
    refusal = rf"another training is being computed into it by process {os.getpid()} on .*; wait for it or"
    with claimed(trained.out, "training"):
        before = {path: path.stat().st_mtime_ns for path in trained.out.rglob("*")}
        with pytest.raises(OutputError, match=refusal):
            train_model(replace(trained, **flags), Silent())
        assert {path: path.stat().st_mtime_ns for path in trained.out.rglob("*")} == before


def test_what_is_not_defined_is_null_in_the_summary(trained: TrainRequest) -> None:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    found = json.loads((trained.out / "training.json").read_text(), parse_constant=refuse)
    assert found["measured"]["test"]["pearson"] is None  # of one gene
    assert isinstance(found["measured"]["valid"]["pearson"], float)


def test_a_run_that_goes_on_under_other_versions_says_so(trained: TrainRequest, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(trained.out, out)
    recipe = json.loads((out / "recipe.json").read_text())
    now = recipe["versions"]["torch"]
    (out / "recipe.json").write_text(json.dumps(recipe | {"versions": recipe["versions"] | {"torch": "1.0"}}))
    noted = Noted()
    train_model(replace(trained, out=out, resume=True), noted)
    assert f"{out}: began with torch 1.0 (now {now}); the numbers may differ" in noted.notes
    noted = Noted()
    train_model(replace(trained, resume=True), noted)
    assert not [note for note in noted.notes if "began with" in note]
