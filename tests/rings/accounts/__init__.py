"""Ring accounts: the engine over real servers, ended at every step of a delivery; answers cut, folders numbered anew.

Reading order: `home` (one owner with an account over Dovecot, a submission server and Radicale, a door before it),
`history` (reads what the servers hold, and knows nothing of the engine), `answers` (what the door makes of answers).
"""
