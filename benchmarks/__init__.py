"""What `make bench` runs: our work and a peer's, interleaved on the same machine, told as ratios."""
