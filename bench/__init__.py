"""Speed, as ratios within one run: `make bench`. Absolute figures say little on a shared machine."""
