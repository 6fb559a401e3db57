"""What YouTube should have counted: the subjects of `truth` that are its own."""

from __future__ import annotations

TABLES = ("youtube_channel_day", "youtube_video", "youtube_video_count", "youtube_video_day")
# A night sees what YouTube says three hours after its end.
_SHOWN = "(deleted_at is null or deleted_at > $end + interval 3 hour)"
SUBJECTS: dict[str, tuple[str, str]] = {
    # Those that were taken down before the first night are in no answer.
    "what videos did per day": (
        f"""
        select report_date, video_id, views, minutes_watched, average_seconds, likes, dislikes,
            comments, shares, subscribers_gained, subscribers_lost
        from youtube_video_day inner join youtube_video using (video_id)
        where report_date < $end and {_SHOWN}
        qualify row_number() over (
            partition by video_id, report_date order by youtube_video_day.known_at desc
        ) = 1
        """,
        """
        select report_date, post_id, views, watch_minutes, average_view_seconds, reactions,
            dislikes, comments, shares, followers_gained, followers_lost
        from marts.fct_video_performance where platform = 'youtube'
        """,
    ),
    # A day that is not there yet is no day without views.
    "which days of the channel are there": (
        """
        select distinct report_date, $end - interval 7 day > report_date
        from youtube_channel_day
        """,
        """
        select distinct report_date, is_settled from marts.fct_video_performance
        """,
    ),
    "which days are said to be complete": (
        """
        select distinct report_date from youtube_channel_day
        where report_date < $end - interval 3 day
        """,
        """
        select distinct report_date from marts.fct_video_performance
        where report_date < (
            select complete_through_at from marts.rpt_freshness
            where vendor = 'youtube' and stream = 'video_performance'
        )
        """,
    ),
    # Where nobody may comment there is no number of comments, which is no 0.
    "what videos count so far": (
        f"""
        select video_id, coalesce(views, 0), if(shows_likes, coalesce(likes, 0), null),
            if(allows_comments, coalesce(comments, 0), null)
        from youtube_video left join youtube_video_count using (video_id)
        where {_SHOWN}
        qualify row_number() over (
            partition by video_id order by youtube_video_count.known_at desc nulls last
        ) = 1
        """,
        """
        select post_id, views_to_date, reactions_to_date, comments_to_date
        from marts.fct_social_performance where platform = 'youtube'
        qualify row_number() over (partition by post_id order by report_date desc) = 1
        """,
    ),
}
