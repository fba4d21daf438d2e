"""What the tests of the running daemon, and the benchmarks, are made of."""
