"""Evidence that the kit's promises hold: the confusion matrix, other versions, many submissions."""
