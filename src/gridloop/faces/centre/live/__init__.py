"""
From a verb to the screens, without asking the database once for each of them.

`actions.tell` writes a row and `signal.wake` rings; `hub` hears it, once a process, reads what is new through
`news`, and hands each open `stream` what its reader may see (`viewer`). A screen that was away says how far
it had come (`news.Cursor`) and is told what it missed, or to load everything anew.
"""
