"""The kinds of report. A kind is also the part of a file name that says what is in the file."""

PROCTORED_EXAM_RESULTS = "proctored_exam_results_report"
