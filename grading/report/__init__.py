"""What is told of a grading: on the terminal, to the autograder, in sentences."""
