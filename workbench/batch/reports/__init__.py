"""What a batch did, as files: one set for readers, one for spreadsheets, one for programs."""

from workbench.batch.reports.rows import FORMATS, SPLITS, Row
from workbench.batch.reports.writing import write_reports

__all__ = ["FORMATS", "SPLITS", "Row", "write_reports"]
