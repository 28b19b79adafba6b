"""The files of sketches are read as they were written, and a damaged one is refused in one sentence."""

import numpy as np
import pytest

from grading.judge.keys import BadKey
from grading.judge.sketches import Sketches, as_bytes, read_sketches


def arrays(**changed):
    made = {
        "mistakes": np.array(["one", "other"]),
        "outputs": np.array(["loss", "flag"]),
        "says": np.array(["", "It has the wrong shape."]),
        "flags": np.array([False, True]),
        "cases": np.array(["a", "b"]),
        "ways": np.array(["", "weight 3"]),
        "pairs": np.array([[0, 1, 1]], np.int16),
        "output rows": np.array([[0, 1, 0], [1, 0, 1]], np.int16),
        "output numbers": np.array([[1.5, 2.5], [3.5, 4.5]], np.float32),
        "pair rows": np.array([[1, 0, 1]], np.int16),
        "pair numbers": np.array([[5.5, 6.5]], np.float32),
    }
    return made | {name.replace("_", " "): array for name, array in changed.items()}


def test_it_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "sketches.npz"
    path.write_bytes(as_bytes(arrays()))
    read = read_sketches(path)
    assert (read.mistakes, read.flags) == (["one", "other"], {"flag"})
    assert (read.ways, read.pairs.tolist()) == (["", "weight 3"], [[0, 1, 1]])
    a, b = read.cases["a"], read.cases["b"]
    assert (a.mistakes.tolist(), a.outputs, a.numbers.tolist()) == ([1], ["loss"], [[1.5, 2.5]])
    assert (b.mistakes.tolist(), b.outputs, b.numbers.tolist()) == ([0], ["flag"], [[3.5, 4.5]])
    assert (a.pairs.tolist(), b.pairs.tolist()) == ([], [0])
    assert (b.says, b.pair_numbers.tolist()) == (["It has the wrong shape."], [[5.5, 6.5]])


def test_the_same_arrays_give_the_same_bytes():
    assert as_bytes(arrays()) == as_bytes(arrays())


DAMAGED = {
    "a mistake that is not there": arrays(pairs=np.array([[0, 2, 0]], np.int16)),
    "a way that is not there": arrays(pairs=np.array([[0, 1, 2]], np.int16)),
    "a pair that is not there": arrays(pair_rows=np.array([[1, 1, 1]], np.int16)),
    "a negative index": arrays(output_rows=np.array([[0, -1, 0], [1, 0, 1]], np.int16)),
    "cases in another order": arrays(output_rows=np.array([[1, 0, 1], [0, 1, 0]], np.int16)),
    "a number that is none": arrays(pair_numbers=np.array([[np.nan, 6.5]], np.float32)),
    "rows without numbers": arrays(output_numbers=np.zeros((1, 2), np.float32)),
    "two columns": arrays(pair_rows=np.array([[1, 0]], np.int16)),
    "numbers for names": arrays(cases=np.array([1, 2])),
    "a flag too few": arrays(flags=np.array([True])),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_a_damaged_file_is_refused(tmp_path, what):
    path = tmp_path / "sketches.npz"
    with pytest.raises(ValueError, match=r"^[a-z ]+$"):
        as_bytes(DAMAGED[what])
    np.savez(path, **DAMAGED[what])
    with pytest.raises(BadKey, match=r"sketches.npz cannot be read \(damaged\). Restore it"):
        read_sketches(path)


@pytest.mark.parametrize(
    "content", [b"", b"no archive", as_bytes(arrays())[:-30], as_bytes(arrays())[:300]]
)
def test_what_is_no_such_file_is_refused(tmp_path, content):
    path = tmp_path / "sketches.npz"
    path.write_bytes(content)
    with pytest.raises(BadKey, match=r"sketches.npz cannot be read"):
        read_sketches(path)


def test_objects_are_not_unpickled(tmp_path):
    path = tmp_path / "sketches.npz"
    np.savez(path, **arrays(cases=np.array([print, print], object)))
    with pytest.raises(BadKey, match=r"cannot be read \(damaged\)"):
        read_sketches(path)


@pytest.mark.parametrize(
    "others",
    [
        arrays(pairs=np.array([[1, 0, 1]], np.int16)),
        arrays(ways=np.array(["", "weight 4"])),
        arrays(mistakes=np.array(["one", "another"])),
    ],
    ids=["pairs", "ways", "mistakes"],
)
def test_a_missing_file_and_files_that_do_not_belong_together(tmp_path, others):
    with pytest.raises(BadKey, match=r"none.npz is missing. Restore it"):
        read_sketches(tmp_path / "none.npz")
    together = Sketches()
    for number, made in enumerate((arrays(), others)):
        path = tmp_path / f"{number}.npz"
        path.write_bytes(as_bytes(made))
        if number == 0:
            together.add(read_sketches(path))
        else:
            with pytest.raises(BadKey, match="do not belong together"):
                together.add(read_sketches(path))
