"""What a benchmark prints reaches its section of MEASUREMENTS.md, and no other."""

import re
import sys
from types import SimpleNamespace

import pytest

from instructor.bench import BENCHMARKS, measurements

TEXT = measurements.MEASUREMENTS.read_text(encoding="utf-8")
SECTION = re.compile(r"<!-- bench (\w+) -->\n(.*?)<!-- end of bench \1 -->\n", re.DOTALL)


def test_every_benchmark_has_a_section_that_says_when_and_how_it_was_made():
    sections = dict(SECTION.findall(TEXT))
    assert set(sections) == set(BENCHMARKS)
    for name, said in sections.items():
        assert re.match(
            rf"Measured on 20\d\d-\d\d-\d\d by `python -m instructor bench {name}[^`]*`: Python",
            said,
        )


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_replaces_its_own_section(monkeypatch, tmp_path, capsys, name):
    def measure(rounds):
        print(f"{rounds} rounds: \\1 fast")
        return 1

    benchmark = SimpleNamespace(main=measure)
    monkeypatch.setitem(sys.modules, f"instructor.bench.{name}", benchmark)
    copy = tmp_path / "MEASUREMENTS.md"
    copy.write_text(TEXT, encoding="utf-8")
    monkeypatch.setattr(measurements, "MEASUREMENTS", copy)
    monkeypatch.setattr(measurements, "KIT", tmp_path)
    assert measurements.main(name, 3, write=False) == 1
    assert copy.read_text(encoding="utf-8") == TEXT
    assert measurements.main(name, 3, write=True) == 1
    written = copy.read_text(encoding="utf-8")
    before, after = dict(SECTION.findall(TEXT)), dict(SECTION.findall(written))
    assert "```text\n3 rounds: \\1 fast\n```" in after[name]
    assert f"bench {name} --rounds 3`: {measurements.machine()}." in after[name]
    assert {n: s for n, s in after.items() if n != name} == {
        n: s for n, s in before.items() if n != name
    }
    assert SECTION.sub("", written) == SECTION.sub("", TEXT)


def test_a_benchmark_without_a_section_is_refused():
    with pytest.raises(ValueError, match="no section for bench sleep"):
        measurements.with_section(TEXT, "sleep", 1, "")
