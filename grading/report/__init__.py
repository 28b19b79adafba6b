"""How a grading is reported: in sentences, on the terminal, to the autograder."""
