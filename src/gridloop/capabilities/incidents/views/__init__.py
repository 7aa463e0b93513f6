"""Pages of the call-out: leading an incident, answering a call, resources and plans."""
