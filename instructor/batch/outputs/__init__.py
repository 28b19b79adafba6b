"""What a batch leaves in its folder: grades, feedback, the report on the class."""
