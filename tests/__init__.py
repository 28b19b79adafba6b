"""The graded tests: what is asked (test_*.py), and how the submission is exercised (scenarios/)."""
