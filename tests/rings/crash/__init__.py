"""Ring crash: real processes end anywhere, and a checker that knows nothing of the engine reads what was received.

Reading order: `receiver` (a provider that writes down every call and protects from nothing), `checker` (reads that and
the local mailbox: lost, doubled, late, outside), `arms` (who is to end where), `worker` (the Celery app with the arms
around it), `broken` (the engine with a protection taken out), `stage` (database, Redis, worker and clock of one run),
`rows` (what stands in its database), `stalled` (workers that stand still), `story` (an owner's three days, and what
they want).
"""
