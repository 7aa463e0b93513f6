"""
What each page asks for: a permission, SIGNED_IN, or PUBLIC. A page that is not named here is refused.

Our own pages stand here one by one, and tests/config/test_access.py has a row for each with the roles that it
opens to. An entry that ends in `*` stands for every URL name that begins so: only for other people's apps.
"""

from gridloop.core.org.access import PUBLIC, SIGNED_IN, AccessTable

# Programs bring a key, which the API itself holds against each operation; a session opens none of them.
_OPERATIONS = (
    "api-root", "openapi-json", "openapi-view",
    "report", "list_cases", "read_case", "read_log", "copy", "attach", "read_attachment", "reveal_reporter",
    "supplement", "withdraw", "amend", "annotate", "register", "reject", "close_on_spot",
    "dispatch", "recall", "adjudicate", "sign_for", "send_back", "transfer", "add_assistant",
    "request_extension", "grant_extension", "request_suspension", "grant_suspension",
    "refuse_time", "resume", "submit_result",
    "verify_pass", "verify_fail", "close", "call_back", "rate", "uphold", "reopen",
    "escalate", "hand_down", "answer_from_above", "merge", "unmerge", "split", "link", "unlink",
    "list_categories", "list_regions", "list_units", "read_standard", "read_key",
)  # fmt: skip

TABLE: AccessTable = {
    "alive": PUBLIC,
    # The shell: language and appearance are for everybody.
    "shell:language": PUBLIC,
    "shell:theme": PUBLIC,
    "shell:me": SIGNED_IN,
    "shell:styleguide": SIGNED_IN,
    # Login and what belongs to it; allauth guards what is the person's own.
    "account_*": PUBLIC,
    "mfa_*": PUBLIC,
    "socialaccount_*": PUBLIC,
    "openid_connect_*": PUBLIC,
    # Django's administration asks for is_staff and a model's own permission besides.
    "admin:*": SIGNED_IN,
    "admin:login": PUBLIC,
    "org:choose_post": SIGNED_IN,
    # The boundaries that the maps of every face draw.
    "org:regions": PUBLIC,
    "org:units": "case.view",
    # The desk: the case's own policies judge each verb besides.
    "desk:inbox": "case.view",
    "desk:cases": "case.view",
    "desk:search": "case.view",
    "desk:export": "case.export",
    "desk:case": "case.view",
    "desk:act": "case.view",
    "desk:attachment": "case.view",
    "desk:report": "case.report",
    "desk:suggest": "case.report",
    "desk:place": "case.report",
    "desk:reporter": "case.reveal_reporter",
    "desk:save_filter": "case.view",
    "desk:drop_filter": "case.view",
    # The portal: what lies behind a tracking code is open to whoever has the code.
    "portal:home": PUBLIC,
    "portal:report": PUBLIC,
    "portal:suggest": PUBLIC,
    "portal:kept": PUBLIC,
    "portal:track": PUBLIC,
    "portal:case": PUBLIC,
    "portal:thanks": PUBLIC,
    "portal:file": PUBLIC,
    "portal:act": PUBLIC,
    # Dispatch: proposals, one key, rules.
    "dispatch:queue": "case.dispatch",
    "dispatch:points": "case.dispatch",
    "dispatch:preview": "case.dispatch",
    "dispatch:batches": "case.dispatch",
    "dispatch:batch": "case.dispatch",
    "dispatch:item": "case.dispatch",
    "dispatch:confirm": "case.dispatch",
    "dispatch:undo": "case.dispatch",
    "dispatch:limits": "dispatch.manage",
    # Incidents: call-out, resources, plans, drills.
    "incidents:home": "incident.command",
    "incidents:open": "incident.command",
    "incidents:board": "incident.command",
    "incidents:call": "incident.command",
    "incidents:follow": "incident.command",
    "incidents:level": "incident.command",
    "incidents:note": "incident.command",
    "incidents:meet": "incident.command",
    "incidents:close": "incident.command",
    "incidents:finish_task": "incident.command",
    "incidents:report": "incident.command",
    "incidents:tick": "incident.command",
    "incidents:file": "incident.command",
    "incidents:contact": "incident.command",
    "incidents:steer": "incident.command",
    "incidents:resource_list": "incident.manage",
    "incidents:add_resource": "incident.manage",
    "incidents:import": "incident.manage",
    "incidents:export": "incident.manage",
    "incidents:resource_map": "incident.manage",
    "incidents:resource": "incident.manage",
    "incidents:resource_contact": "incident.manage",
    "incidents:resources": "centre.view",
    "incidents:settings": "incident.manage",
    "incidents:plans": "incident.manage",
    "incidents:add_plan": "incident.manage",
    "incidents:plan": "incident.manage",
    "incidents:document": "incident.manage",
    # The called person: the own calls after signing in, or this one call by the code in the message.
    "incidents:calls": SIGNED_IN,
    "incidents:answer": SIGNED_IN,
    "incidents:by_code": PUBLIC,
    # Rooms: joint handling and meetings.
    # Oversight: what is late, reminders, supervision, sampling. A slip is open to the unit that it went to.
    "oversight:watched": "oversight.view",
    "oversight:unheard": "oversight.view",
    "oversight:problems": "oversight.view",
    "oversight:remind": "oversight.remind",
    "oversight:slips": "case.view",
    "oversight:slip": "case.view",
    "oversight:slip_word": "case.view",
    "oversight:move_slip": "case.view",
    "oversight:new_slip": "oversight.supervise",
    # Figures: scores, registers, briefs.
    # Messages to the person who is signed in.
    "notify:inbox": SIGNED_IN,
    "notify:open": SIGNED_IN,
    "notify:read": SIGNED_IN,
    "notify:channels": SIGNED_IN,
    "notify:channel": SIGNED_IN,
    # The command centre.
    "centre:home": "centre.view",
    "centre:cases": "centre.view",
    "centre:cells": "centre.view",
    "centre:masked": "centre.view",
    "centre:played": "centre.view",
    "centre:live": "centre.view",
    "centre:news": "centre.view",
    **{f"exchange:{name}": PUBLIC for name in _OPERATIONS},
}
