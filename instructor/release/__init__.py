"""What is handed out and uploaded."""
