"""The first steps, from the first visit to a network with a rhythm; and the sample network to look around in.

Reading order: `way` (the steps, and how far somebody is), then one file a step: `goal`, `connect`, `meet` (the first
thing of value, while the rest is read), `pick` (fifteen of forty), `origins` (whom no mailbox knows), `plan` (three
talks), `rhythm`, and `done`; `sample` beside them. Every step can be left out and come back to.
"""

from __future__ import annotations

from service.pages.first import connect, done, goal, meet, origins, pick, plan, rhythm, sample
from service.pages.first.way import pages

__all__ = ["connect", "done", "goal", "meet", "origins", "pages", "pick", "plan", "rhythm", "sample"]
