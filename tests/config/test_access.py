"""
Every page and who may open it, written out by hand and held against `config/access.py`.

A new URL needs two lines: one in TABLE there, and its row in PAGES here.
"""

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from gridloop.config.access import TABLE
from gridloop.core.org.access import is_met, required
from gridloop.core.org.actors import REPORTER, Actor, ActorKind
from gridloop.core.org.permissions import APPOINTABLE, Role
from tests.core.org.factories import make_person, make_post, make_town

# Other people's apps, whose pages guard themselves; nothing of ours may hide behind a `*`.
THIRD_PARTY = ("account_", "mfa_", "socialaccount_", "openid_connect_", "admin:")

# A visitor has not signed in; a resident has, and holds no post.
WHO = (
    "visitor", "resident", "grid_worker", "handler", "unit_lead", "operator", "leader",
    "secretary", "mediator", "inspector", "liaison", "auditor", "admin",
)  # fmt: skip
EVERYBODY = "+ + + + + + + + + + + + +"
SIGNED_IN = "- + + + + + + + + + + + +"
ON_CASES_ = "- - + + + + + + + + + + -"
REPORTING = "- + + + + + + + + + + - -"
EXPORTING = "- - - - + + + - - - - + -"
REVEALING = "- - - - - + + - - - - - -"
DISPATCHING = "- - - - - + + - - - - - -"
MANAGING_DISPATCH = "- - - - - - + - - - - - -"
WATCHING_ = "- - - - + + + + - - - + -"
REMINDING = "- - - - - + + - - - - - -"
LEADING__ = "- - - - - - + - - - - - -"
AT_CENTRE = "- - - - + + + + - - - - -"
COMMAND = "- - - - - + + - - - - - -"
RESOURCES = "- - - - - + + - - - - - +"

PAGES = {
    "alive":                       EVERYBODY,
    "shell:language":              EVERYBODY,
    "shell:theme":                 EVERYBODY,
    "shell:me":                    SIGNED_IN,
    "shell:styleguide":            SIGNED_IN,
    "org:choose_post":             SIGNED_IN,
    "org:regions":                 EVERYBODY,
    "org:units":                   ON_CASES_,
    "desk:inbox":                  ON_CASES_,
    "desk:cases":                  ON_CASES_,
    "desk:search":                 ON_CASES_,
    "desk:export":                 EXPORTING,
    "desk:case":                   ON_CASES_,
    "desk:act":                    ON_CASES_,
    "desk:attachment":             ON_CASES_,
    "desk:report":                 REPORTING,
    "desk:suggest":                REPORTING,
    "desk:place":                  REPORTING,
    "desk:reporter":               REVEALING,
    "desk:save_filter":            ON_CASES_,
    "desk:drop_filter":            ON_CASES_,
    "portal:home":                 EVERYBODY,
    "portal:report":               EVERYBODY,
    "portal:suggest":              EVERYBODY,
    "portal:kept":                 EVERYBODY,
    "portal:track":                EVERYBODY,
    "portal:case":                 EVERYBODY,
    "portal:thanks":               EVERYBODY,
    "portal:file":                 EVERYBODY,
    "portal:act":                  EVERYBODY,
    # dispatch
    "dispatch:queue":              DISPATCHING,
    "dispatch:points":             DISPATCHING,
    "dispatch:preview":            DISPATCHING,
    "dispatch:batches":            DISPATCHING,
    "dispatch:batch":              DISPATCHING,
    "dispatch:item":               DISPATCHING,
    "dispatch:confirm":            DISPATCHING,
    "dispatch:undo":               DISPATCHING,
    "dispatch:limits":             MANAGING_DISPATCH,
    "dispatch:rules":              MANAGING_DISPATCH,
    "dispatch:add_rule":           MANAGING_DISPATCH,
    "dispatch:rule":               MANAGING_DISPATCH,
    "dispatch:move_rule":          MANAGING_DISPATCH,
    "dispatch:switch_rule":        MANAGING_DISPATCH,
    "dispatch:dry_runs":            MANAGING_DISPATCH,
    "dispatch:try_rule":            MANAGING_DISPATCH,
    "dispatch:dry_run":             MANAGING_DISPATCH,
    "dispatch:export_dry_run":      MANAGING_DISPATCH,
    "dispatch:automatic":           MANAGING_DISPATCH,
    # incidents
    "incidents:home":              COMMAND,
    "incidents:open":              COMMAND,
    "incidents:board":             COMMAND,
    "incidents:call":              COMMAND,
    "incidents:follow":            COMMAND,
    "incidents:level":             COMMAND,
    "incidents:note":              COMMAND,
    "incidents:meet":              COMMAND,
    "incidents:close":             COMMAND,
    "incidents:finish_task":       COMMAND,
    "incidents:report":            COMMAND,
    "incidents:tick":              COMMAND,
    "incidents:file":              COMMAND,
    "incidents:contact":           COMMAND,
    "incidents:steer":             COMMAND,
    "incidents:calls":             SIGNED_IN,
    "incidents:answer":            SIGNED_IN,
    "incidents:by_code":           EVERYBODY,
    "incidents:resource_list":     RESOURCES,
    "incidents:add_resource":      RESOURCES,
    "incidents:import":            RESOURCES,
    "incidents:export":            RESOURCES,
    "incidents:resource_map":      RESOURCES,
    "incidents:resource":          RESOURCES,
    "incidents:resource_contact":  RESOURCES,
    "incidents:resources":         AT_CENTRE,
    "incidents:settings":          RESOURCES,
    "incidents:plans":             RESOURCES,
    "incidents:add_plan":          RESOURCES,
    "incidents:plan":              RESOURCES,
    "incidents:document":          RESOURCES,
    # rooms
    "rooms:meetings":             ON_CASES_,
    "rooms:room":                 ON_CASES_,
    "rooms:open":                 ON_CASES_,
    "rooms:say":                  ON_CASES_,
    "rooms:add_task":             ON_CASES_,
    "rooms:end_task":             ON_CASES_,
    "rooms:drop_task":            ON_CASES_,
    "rooms:call":                 ON_CASES_,
    "rooms:meeting":              ON_CASES_,
    "rooms:change":               ON_CASES_,
    "rooms:cancel":               ON_CASES_,
    "rooms:minutes":              ON_CASES_,
    "rooms:paper":                ON_CASES_,
    "rooms:calendar":             ON_CASES_,
    "rooms:decide":               ON_CASES_,
    "rooms:undecide":             ON_CASES_,
    "rooms:carry_out":            ON_CASES_,
    "rooms:feed":                 EVERYBODY,
    # oversight
    "oversight:watched":           WATCHING_,
    "oversight:unheard":           WATCHING_,
    "oversight:problems":          WATCHING_,
    "oversight:remind":            REMINDING,
    "oversight:slips":             ON_CASES_,
    "oversight:slip":              ON_CASES_,
    "oversight:slip_word":         ON_CASES_,
    "oversight:move_slip":         ON_CASES_,
    "oversight:new_slip":          LEADING__,
    "oversight:times":             LEADING__,
    "oversight:decide":            LEADING__,
    "oversight:samples":           ON_CASES_,
    "oversight:sample":            ON_CASES_,
    "oversight:judge":             ON_CASES_,
    "oversight:draw":              REMINDING,
    "oversight:rules":             LEADING__,
    "oversight:drop_step":         LEADING__,
    "oversight:sample_rule":       LEADING__,
    "oversight:burden":            WATCHING_,
    "oversight:end_exemption":     LEADING__,
    # figures
    "figures:home":                WATCHING_,
    "figures:export":              EXPORTING,
    "figures:cases":               WATCHING_,
    "figures:formula":             WATCHING_,
    "figures:exclusions":          WATCHING_,
    "figures:ask":                 AT_CENTRE,
    "figures:decide":              LEADING__,
    "figures:registers":           WATCHING_,
    "figures:register_new":        LEADING__,
    "figures:register":            WATCHING_,
    "figures:register_edit":       LEADING__,
    "figures:register_drop":       LEADING__,
    "figures:register_file":       EXPORTING,
    "figures:briefs":              WATCHING_,
    "figures:brief_file":          WATCHING_,
    # messages
    "notify:inbox":                SIGNED_IN,
    "notify:open":                 SIGNED_IN,
    "notify:read":                 SIGNED_IN,
    "notify:channels":             SIGNED_IN,
    "notify:channel":              SIGNED_IN,
    # centre
    "centre:home":                 AT_CENTRE,
    "centre:cases":                AT_CENTRE,
    "centre:cells":                AT_CENTRE,
    "centre:masked":               AT_CENTRE,
    "centre:played":               AT_CENTRE,
    "centre:recent":               AT_CENTRE,
    "centre:live":                 AT_CENTRE,
    "centre:news":                 AT_CENTRE,
    # A key opens these, see tests/faces/exchange; the session is never looked at.
    "exchange:api-root":           EVERYBODY,
    "exchange:openapi-json":       EVERYBODY,
    "exchange:openapi-view":       EVERYBODY,
    "exchange:report":             EVERYBODY,
    "exchange:list_cases":         EVERYBODY,
    "exchange:read_case":          EVERYBODY,
    "exchange:read_log":           EVERYBODY,
    "exchange:copy":               EVERYBODY,
    "exchange:attach":             EVERYBODY,
    "exchange:read_attachment":    EVERYBODY,
    "exchange:reveal_reporter":    EVERYBODY,
    "exchange:supplement":         EVERYBODY,
    "exchange:withdraw":           EVERYBODY,
    "exchange:amend":              EVERYBODY,
    "exchange:annotate":           EVERYBODY,
    "exchange:register":           EVERYBODY,
    "exchange:reject":             EVERYBODY,
    "exchange:close_on_spot":      EVERYBODY,
    "exchange:dispatch":           EVERYBODY,
    "exchange:recall":             EVERYBODY,
    "exchange:adjudicate":         EVERYBODY,
    "exchange:sign_for":           EVERYBODY,
    "exchange:send_back":          EVERYBODY,
    "exchange:transfer":           EVERYBODY,
    "exchange:add_assistant":      EVERYBODY,
    "exchange:request_extension":  EVERYBODY,
    "exchange:grant_extension":    EVERYBODY,
    "exchange:request_suspension": EVERYBODY,
    "exchange:grant_suspension":   EVERYBODY,
    "exchange:refuse_time":        EVERYBODY,
    "exchange:resume":             EVERYBODY,
    "exchange:submit_result":      EVERYBODY,
    "exchange:verify_pass":        EVERYBODY,
    "exchange:verify_fail":        EVERYBODY,
    "exchange:close":              EVERYBODY,
    "exchange:call_back":          EVERYBODY,
    "exchange:rate":               EVERYBODY,
    "exchange:uphold":             EVERYBODY,
    "exchange:reopen":             EVERYBODY,
    "exchange:escalate":           EVERYBODY,
    "exchange:hand_down":          EVERYBODY,
    "exchange:answer_from_above":  EVERYBODY,
    "exchange:merge":              EVERYBODY,
    "exchange:unmerge":            EVERYBODY,
    "exchange:split":              EVERYBODY,
    "exchange:link":               EVERYBODY,
    "exchange:unlink":             EVERYBODY,
    "exchange:list_categories":    EVERYBODY,
    "exchange:list_regions":       EVERYBODY,
    "exchange:list_units":         EVERYBODY,
    "exchange:read_standard":      EVERYBODY,
    "exchange:read_key":           EVERYBODY,
}  # fmt: skip


def url_names(resolver: URLResolver, namespaces: tuple[str, ...] = ()) -> set[str]:
    found: set[str] = set()
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            below = (*namespaces, entry.namespace) if entry.namespace else namespaces
            found |= url_names(entry, below)
        elif isinstance(entry, URLPattern) and entry.name:
            found.add(":".join((*namespaces, entry.name)))
    return found


def our_url_names() -> set[str]:
    return {name for name in url_names(get_resolver()) if not name.startswith(THIRD_PARTY)}


def test_every_page_of_ours_is_named_in_the_access_table():
    missing = our_url_names() - set(TABLE)
    assert not missing, f"Name what each asks for in TABLE of gridloop/config/access.py: {sorted(missing)}"


def test_every_page_of_ours_has_a_row_in_this_table():
    missing = our_url_names() - set(PAGES)
    assert not missing, (
        f"Say which roles it opens to in PAGES of tests/config/test_access.py: {sorted(missing)}"
    )


def test_neither_table_names_a_page_that_is_gone():
    named = {name for name in (*TABLE, *PAGES) if not name.startswith(THIRD_PARTY)}
    gone = named - our_url_names()
    assert not gone, f"Take it out of config/access.py and of PAGES: {sorted(gone)}"


def test_only_other_peoples_apps_stand_as_a_whole():
    assert {key[:-1] for key in TABLE if key.endswith("*")} <= set(THIRD_PARTY)


def test_the_roles_across_are_all_that_a_person_can_have():
    assert ("visitor", "resident", *(role.value for role in APPOINTABLE)) == WHO


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_to_these_and_to_nobody_else(page):
    needed = required(TABLE, page)
    opens = ["+" if is_met(needed, actor_as(who), is_signed_in=who != "visitor") else "-" for who in WHO]
    assert dict(zip(WHO, opens, strict=True)) == dict(zip(WHO, PAGES[page].split(), strict=True))


def test_a_page_that_no_table_names_opens_to_nobody():
    assert required(TABLE, "desk:made_up") is None
    assert not is_met(None, actor_as("leader"), is_signed_in=True)


@pytest.mark.django_db
def test_the_table_is_held_against_real_requests():
    town = make_town()
    admin, operator = make_person("admin"), make_person("operator")
    make_post(admin, town.centre, Role.ADMIN, town.town)
    make_post(operator, town.centre, Role.OPERATOR, town.town)
    inbox = reverse("desk:inbox")
    assert Client().get(inbox).headers["Location"].startswith(reverse("account_login"))
    assert (signed_in(admin).get(inbox).status_code, signed_in(operator).get(inbox).status_code) == (403, 200)
    assert Client().get(reverse("alive")).status_code == 200


def actor_as(who: str) -> Actor:
    if who in {"visitor", "resident"}:
        return REPORTER
    return Actor(ActorKind.PERSON, Role(who), who, user_id=1)


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person, "allauth.account.auth_backends.AuthenticationBackend")
    return client
