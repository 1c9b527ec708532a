"""Scoring: schemes, score sheets, and the 红色指数 of units, computed exactly from facts and sheets."""
