"""The ring of pages: every page of the app, found by following its links, in a real browser.

- ``walk``    finds the pages: from the first one on by every link, so that a page nobody can reach is found too
- ``test_every_page``  three widths, two languages, two themes: nothing wider than the screen, nothing for axe to say
- ``test_lighthouse``  what Lighthouse (npm, pinned) says of accessibility and best practices
"""
