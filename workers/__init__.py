"""The engine: brings adapters, domain and store together, with Celery.

Reading order: `runtime` (what everything is handed), `schedule` (all that is periodic), `tasks` (every task on one
page; `drain` does all due work inline), `app` (Celery's settings, error → answer), then the walk of one datum: `sync`
(pages → rows; `ahead` reads a large import in a process beside), `prepare` and `nextsteps` (what is due → outbox),
`deliver` and `effects` (outbox → provider), `facts` and `render` (values → mails, texts in ``mails/``), `upkeep`
(sweep, heartbeats, alarms), `watch` (the same from the web process, where nobody sweeps), `hearing` (a worker that
takes nothing ends itself), `logs`. Accounts: `connecting` (check, save, let go), `sealing` (their passwords), `listen`
(a process of its own that hears of news; to what, says `roll`), `freshness` (a calendar looked at once more before a
mail about a talk).
"""
