"""What `tests/fuzz.py` tries: cases by kind, each a function that draws its arguments and holds the law."""
