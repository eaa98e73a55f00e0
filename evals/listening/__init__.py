"""What is heard of what candidates say, against labels that were written before anything was run."""
