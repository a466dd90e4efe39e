"""
The life of a run: one report, from the request for it to its file or its failure.

A run is *open* from the moment somebody asks for a report until the file is stored or the run has failed. An open run
holds the lease on its course and kind of report (`leases`), so that two requests at the same moment start one task.

- `submission` starts a run in the background, as an instructor task of the platform.
- `batches` has the reports of all courses made, by any number of workers.
- `making` makes the file of a run, stores it and ends the run.
- `records` finds and changes the rows of runs.

Runs that a person starts at a command line hold no lease and can be as many as they like.

Nothing here sends a celery task by itself: whoever calls passes the task. So `proctored_results.tasks`, which says what
a task does, can stand on this package.
"""
