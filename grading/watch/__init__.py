"""`python grade.py --watch`: grade the submission whenever it is saved."""
