"""Plays a year over HTTP: a scenario file has the numbers and the words, this package how a plot is drawn from them."""
