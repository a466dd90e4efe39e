"""
The life of a run: one report, from the request for it to its file or its failure.

A run is *open* from the moment somebody asks for a report until the file is stored or the run has failed. An open run
holds the lease on its course and kind of report (`leases`), so two requests at the same moment start only one task.

- `submission` starts a run in the background, as an instructor task of the platform.
- `batches` makes the reports of all courses, with any number of workers.
- `making` makes the file of a run, stores it and ends the run.
- `records` finds and changes the rows of runs.

A run that a person starts at a command line holds no lease, so any number of them can be open.

No module here imports celery tasks: callers pass the task. So `proctored_results.tasks` can import this package.
"""
