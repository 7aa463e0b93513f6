"""Pages of the desk: lists, one case and its verbs, taking a report down."""
