"""How a submission is exercised. Runs beside the student's code and knows no answer."""
