"""What studies and claims share: encodings, rows of measures, costs, agreement, read-outs, intervals."""
