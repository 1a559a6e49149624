"""What is installed, and the files that install it."""
