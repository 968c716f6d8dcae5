"""The slow rings: what people's trust rests on, tried at length. `make rings` runs them in full, CI a seeded sample.

- ``crash``    real processes killed, frozen and flushed; an independent checker reads the receiver's history
- ``accounts`` deliveries over real mail and calendar servers, ended at every step; answers cut, folders renumbered
- ``google`` and ``microsoft``: accounts at the emulators: random lives under faults, ended anywhere, forged notices
- ``laws``     the engine as a state machine: random pages, crashes, several workers, clock moves, the user's hand
- ``load``     the receiver under true and forged notices, a storm about one mailbox, and senders that never end
- ``talks``    talks that move and meetings of every sort: no mail late, none to or about anybody it should not
- ``hostile``  every reader against real files, named bombs and mutations; attackers' names in pages, mails and entries

Every test takes the `ring` fixture: its size, its chance, and the figures that stand in the report.
"""
