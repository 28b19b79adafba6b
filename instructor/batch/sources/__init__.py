"""What a class's submissions come as, and how they are read."""
