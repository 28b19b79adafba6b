"""Points per part, as the tests of a results document have them."""

from grading.parts import PARTS, TOTAL_POINTS
from instructor.batch.outputs.points import Points, points_of_parts, points_possible


def scored(part, score, possible):
    return {"tags": [part], "score": score, "max_score": possible}


def test_points_of_a_part_are_those_of_its_tests():
    tests = [scored("returns", 4, 4), scored("ppo_loss", 1.5, 2), scored("returns", 0, 3)]
    found = points_of_parts({"tests": tests})
    assert list(found) == list(PARTS)
    assert found["returns"] == Points(earned=4, possible=7)
    assert found["ppo_loss"] == Points(earned=1.5, possible=2)
    assert found["training"] == Points(0, 0)
    assert set(points_of_parts(None).values()) == {Points(0, 0)}


def test_points_possible_are_the_documents_or_the_assignments():
    assert points_possible({"extra_data": {"points_possible": 50}}) == 50
    assert points_possible({"tests": []}) == TOTAL_POINTS
