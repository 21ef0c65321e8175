"""Reading datasets: SQuAD-style JSON, tables, and a folder of the user's own articles."""

from workbench.evaluation.datasets.loading import LoadOptions, load

__all__ = ["LoadOptions", "load"]
