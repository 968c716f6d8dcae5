"""What every emulated provider is built from; none of it knows one of them.

In reading order:
  values.py   what passes through: a request, an answer, an effect; JSON, base64 and moments
  server.py   HTTPS on a free loopback port
  checks.py   a schema's values: Wrong, and what a check is
  faults.py   a plan of faults by method; what is left of an answer after one
  windows.py  sliding windows of a quota
  forms.py    the forms of the token endpoint, the client's secret, PKCE
  screens.py  pages that a person sees while signing in
  tokens.py   keys and JSON web tokens
  mails.py    the bytes of a mail
  posting.py  a POST to a receiver; pushes.py the queue of what is to be posted
"""
