"""The judge's ends of the workers: start them, hand over tasks, keep the time, end them."""
