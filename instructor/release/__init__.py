"""Make what students get and what is uploaded to the autograder, and check both."""
