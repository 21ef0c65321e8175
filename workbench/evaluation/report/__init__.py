"""What an evaluation found, as a page of its own that asks nothing of a network."""

from workbench.evaluation.report.render import render

__all__ = ["render"]
