"""The only writers of the exchange."""

from gridloop.faces.exchange.actions.answers import Answer, answer_once, forget_answers
from gridloop.faces.exchange.actions.keys import admit, issue_key, revoke_key

__all__ = ["Answer", "admit", "answer_once", "forget_answers", "issue_key", "revoke_key"]
