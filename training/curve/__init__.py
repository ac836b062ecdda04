"""Learning curves: what more labels would buy, overall and class by class."""
