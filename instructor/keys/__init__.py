"""How the answer keys are made: recipes, cases, calibration, known mistakes, writing."""
