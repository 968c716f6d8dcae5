"""Ring laws: the engine as a state machine, judged by the laws of ARCHITECTURE.md and not by its own code.

In reading order:

- ``town``      the other side: a fake provider that notes who called, when, and what the caller could know
- ``truth``     what is so: mails, talks and cards in every version, and what the owner said of whom
- ``house``     the engine on a real store, and its workers: whole, dying at a point, stalled at a point
- ``calls``     the laws of every single call into the world
- ``rows``      the laws of what is stored, at every moment
- ``quiet``     the laws of the end: the faults stopped, all is as the provider has it, nothing moves any more
- ``machine``   the rules: what people, providers, clocks and crashes do, in any order
- ``broken``    defects of the engine, one law each; the machine must find every one
"""
