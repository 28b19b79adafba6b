"""What only the instructor has: the model solution, the hidden key, and the tools around them."""
