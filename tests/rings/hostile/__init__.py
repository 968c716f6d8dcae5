"""The hostile ring: every reader against real files, named bombs and mutations of both. Run by `make rings` and CI.

- ``bombs``    the table of named bombs, made by code: mails, calendars, cards, tables, archives, mailboxes
- ``mutate``   grammar mutations of the files of public test suites, and of bombs
- ``readers``  what is tried: each public reader, and what is done with what comes out of it
- ``child``    one process that reads many things under limits which the operating system keeps
- ``trial``    starts children, hears what they found, and goes on after a death
- ``names``    what attackers write as names, titles and addresses; ``names_house`` sends it in, every way out is read
"""
