"""A grader as they are often written: it imports the submission where the answers are.

`python plain_grader.py KIT SUBMISSION`. Kept to be attacked: it shows which of the hostile submissions
gain points where nothing is isolated. Its last line of output is its verdict in JSON.
"""

import importlib.util
import json
import sys
import unittest

import numpy as np


def expected_of(case):
    """The expected outputs of a case, as arrays."""
    return {n: np.array(next(iter(a.values()))) for n, a in case["expected"].items()}


def make_test(submission, run, name, case, points):
    """A unittest for one case."""

    class Case(unittest.TestCase):
        def runTest(self):
            outputs = run(submission, case["inputs"])
            for output, expected in expected_of(case).items():
                got = outputs[output]
                got = got.detach().numpy() if hasattr(got, "detach") else got
                self.assertTrue(np.allclose(got, expected, rtol=1e-4, atol=1e-5))
            POINTS[name] = points

    return Case()


POINTS = {}

if __name__ == "__main__":
    kit, path = sys.argv[1:]
    sys.path.insert(0, kit)
    from tests.scenarios.parts import SCENARIOS

    with open(f"{kit}/solution.json") as file:
        cases = json.load(file)["cases"]
    with open(f"{kit}/instructor/hidden/solution_hidden.json") as file:
        cases.update(json.load(file)["cases"])
    spec = importlib.util.spec_from_file_location("submitted", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["submitted"] = module
    spec.loader.exec_module(module)

    suite = unittest.TestSuite()
    each = 100 / len(cases)
    for name, case in cases.items():
        suite.addTest(make_test(module, SCENARIOS[case["scenario"]], name, case, each))
    result = unittest.TextTestRunner(verbosity=0).run(suite)
    failed = len(result.failures) + len(result.errors)
    print(json.dumps({"score": round(100 * (result.testsRun - failed) / result.testsRun, 2)}))
