"""What shows that the promises hold: the matrix, other versions, grading many."""
