"""Results as a submission to HEPData: a directory with ``submission.yaml`` and a YAML file for each table."""

from cevns.io.hepdata.submission import tables, write_submission
from cevns.io.hepdata.tables import contours

__all__ = ["contours", "tables", "write_submission"]
