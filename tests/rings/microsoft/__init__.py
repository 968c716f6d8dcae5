"""Ring microsoft: the engine over Outlook as the emulator plays it, ended anywhere, lied to, and told of nothing.

Reading order: `home` (Microsoft as a side of `tests.rings.consent`), `history` (what stands there, judged by who knows
nothing of the engine), `mirror` (what stands in the store beside it), `life` (a random life of both; its steps are
`deeds`), `stories` (short ones), `broken` (adapters with one defect each).

The emulator's contract check runs beside all of it: a breach is a complaint like any other, and so is every mail whose
subject or text was given away.
"""
