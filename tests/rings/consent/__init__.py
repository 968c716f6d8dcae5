"""What the rings of providers with a page of consent share: `google` and `microsoft`.

`sides` (one provider as these parts see it), `home` (an owner with a connected account, one clock for both sides),
`wires` (how requests travel, and where they can be ended), `history` (what may be wrong with what was written and
sent), `mirror` (how the store is read beside the town), `lives` (many random lives at
once), `work` (what there is to do).
"""
