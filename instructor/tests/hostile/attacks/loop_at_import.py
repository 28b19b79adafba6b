"""Never ends being imported."""
# loses: everything

while True:
    pass
