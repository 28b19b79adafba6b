"""The grading engine: a judge that holds the answers and workers that run the submission.

Judge and workers are separate processes. Only data crosses between them (see `wire`). The judge
imports neither the submission nor torch; a worker never sees an answer.
"""
