"""The kinds of report. A kind is also a part of the names of its files."""

PROCTORED_EXAM_RESULTS = "proctored_exam_results_report"
