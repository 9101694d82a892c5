"""Who learns, attends and passes: courses, releases, runs, enrolments and their evidence."""
