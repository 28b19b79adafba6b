"""Never ends being imported."""
# bites: returns: While submitted.py was imported: it took longer than
# bites: plain grader: hangs
# loses: everything

while True:
    pass
