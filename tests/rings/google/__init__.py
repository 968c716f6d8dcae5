"""Ring google: the engine over Google as the emulator plays it, ended anywhere, lied to, and told of nothing.

Reading order: `home` (one owner with a connected account, one clock for both sides), `wires` (how requests travel, and
where they can be ended), `history` (what stands at Google, judged by who knows nothing of the engine), `mirror` (what
stands in the store beside it), `life` (a random life of both; its steps are `deeds`), `stories` (short ones), `broken`
(adapters with one defect each).

The emulator's contract check runs beside all of it: a breach is a complaint like any other.
"""
