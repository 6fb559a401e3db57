"""Meta's organic side against Meta's own lists, and its own SDK."""

from __future__ import annotations

from facebook_business.adobjects.iguser import IGUser
from facebook_business.adobjects.page import Page

from tests.conformance import meta_lists
from tests.conformance.proofs import Proofs

NODES = {"facebook_posts": Page, "instagram_media": IGUser}
EDGES = {"facebook_posts": "published_posts", "instagram_media": "media"}
ROWS = {"facebook_posts": "PagePost", "instagram_media": "IGMedia"}


PROOFS = Proofs(
    request=lambda each: meta_lists.request(each, NODES[each.stream].__name__, EDGES[each.stream]),
    response=lambda each: meta_lists.response(each, ROWS[each.stream]),
    paths=lambda stream, path: meta_lists.path(ROWS[stream], path),
    sdk=lambda each: meta_lists.sdk(each, NODES[each.stream], EDGES[each.stream]),
    sources={
        "request": meta_lists.SOURCE,
        "response": meta_lists.SOURCE,
        "paths": meta_lists.SOURCE,
        "sdk": "facebook_business 26",
    },
    calls={
        "facebook_posts": "Page.get_published_posts",
        "instagram_media": "IGUser.get_media",
    },
)
