"""Holds the answers: reads the keys, asks the tests, compares and names mistakes. Imports no torch."""
