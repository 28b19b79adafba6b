"""What the notebook's cells are made of: quick checks, pictures, and messages."""
