"""Meta organic: posts of a Facebook Page and media of an Instagram account, with their insights.

Graph API over HTTPS (see `connectors/meta.py` for token, paging, errors and limits). A page is
`{"data": [...], "paging": {...}}`, newest first; insights come inside each post, by expansion.
Every key is `id`.

    GET /v26.0/<page>/published_posts  posted in the window  → landing/meta_social/facebook_posts
    GET /v26.0/<ig user>/media         posted in the window  → landing/meta_social/instagram_media

Insights are totals of a post's whole life as of the pull, so a night asks for the posts of the
last 30 days again, and base keeps each changed version: the difference of two nights is a day. A
post that is too new has an empty list of insights, which is not zero.

Alone: `python -m connectors.meta_social --from 2026-02-01 --to 2026-02-02`.
"""

from __future__ import annotations

from itertools import islice

from connectors.client import Client
from connectors.meta import API, VERSION, connect, credential
from connectors.stream import Pages, Stream, Vendor, Window

# Of the impressions family nothing is left since November 2025; views count in its place.
POST_METRICS = "post_media_view,post_total_media_view_unique,post_clicks,post_reactions_like_total"
MEDIA_METRICS = "reach,views,saved,shares,total_interactions"
POST_FIELDS = (
    "id,message,created_time,permalink_url,shares,"
    # Of these edges only how many there are: `limit(0)` brings no comment and no name along.
    "comments.limit(0).summary(true),reactions.limit(0).summary(true),"
    f"insights.metric({POST_METRICS}).period(lifetime){{name,period,values}}"
)
MEDIA_FIELDS = (
    "id,caption,media_type,media_product_type,timestamp,permalink,like_count,comments_count,owner,"
    f"insights.metric({MEDIA_METRICS}){{name,period,values}}"
)
# The edges' own most; insights inside make a page slow, so no more than that.
POSTS_PER_PAGE = 100


def facebook_posts(client: Client, window: Window) -> Pages:
    """Posts that went out on the Page in the window."""
    return _posted(client, f"{client.settings['page_id']}/published_posts", POST_FIELDS, window)


def instagram_media(client: Client, window: Window) -> Pages:
    """Posts, reels and carousels that went out on Instagram in the window."""
    return _posted(client, f"{client.settings['instagram_user_id']}/media", MEDIA_FIELDS, window)


def _posted(client: Client, edge: str, fields: str, window: Window) -> Pages:
    params = {
        "fields": fields,
        "since": int(window.start.timestamp()),
        "until": int(window.end.timestamp()),
        "limit": POSTS_PER_PAGE,
    }
    return client.pages(f"/{VERSION}/{edge}", rows="data", params=params)


def probe(client: Client) -> Pages:
    """A post of the Page and one of the Instagram account."""
    for edge in (
        f"{client.settings['page_id']}/published_posts",
        f"{client.settings['instagram_user_id']}/media",
    ):
        params = {"fields": "id", "limit": 1}
        yield from islice(client.pages(f"/{VERSION}/{edge}", rows="data", params=params), 1)


VENDOR = Vendor(
    name="meta_social",
    streams=(
        Stream("facebook_posts", facebook_posts, lookback_days=30),
        Stream("instagram_media", instagram_media, lookback_days=30),
    ),
    connect=connect,
    required=("access_token", "page_id", "instagram_user_id"),
    secrets=("access_token",),
    version=API,
    probe=probe,
    credential=credential,
    scopes=(
        "pages_read_engagement",
        "read_insights",
        "instagram_basic",
        "instagram_manage_insights",
    ),
)
