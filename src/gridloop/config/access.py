"""
What each page asks for: a permission, SIGNED_IN, or PUBLIC. A page that is not named here is refused.

An entry that ends in `*` stands for every URL name that begins so; the longest wins.
"""

from gridloop.core.org.access import PUBLIC, SIGNED_IN, AccessTable

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
    "org:regions": PUBLIC,
    # Faces
    "portal:*": PUBLIC,
    "desk:*": "case.view",
    "centre:*": "centre.view",
    # Programs bring a key, which the API itself checks against each operation.
    "exchange:*": PUBLIC,
    "api:*": PUBLIC,
    "api-1.0.0:*": PUBLIC,
}
