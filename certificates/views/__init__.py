"""The screens of certificates: the public check, one's own papers and credit, batches."""
