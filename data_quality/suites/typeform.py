"""Suites for Typeform: forms, their questions, and responses."""

from __future__ import annotations

from data_quality.chain import Chain, LandedSums, Level, current_base
from data_quality.suite import Pages, StreamSuite, inside_window

SUITES = (
    StreamSuite(
        stream="forms",
        pages=Pages(rows="items"),
        key=("form_id_typeform",),
        volume="snapshot",
    ),
    StreamSuite(
        stream="form_definitions",
        pages=Pages(rows=None),
        key=("form_id_typeform",),
        volume="snapshot",
    ),
    StreamSuite(
        stream="responses",
        # The pages do not say which form they are of: a response's own id is what can be counted.
        pages=Pages(rows="items", key=("response_id",), day="submitted_at"),
        key=("response_id_typeform",),
        day="submitted_at",
        is_day_final=True,
        # Both bounds are the vendor's, to the second.
        rules=inside_window("submitted_at", after=0.001),
    ),
)

CHAINS = (
    Chain(
        stream="responses",
        what="responses",
        touched="submitted_at",
        landed=LandedSums(
            fields={"moment": "submitted_at"},
            day="try_cast(moment as timestamptz) at time zone 'UTC'",
            measures={"responses": "1"},
        ),
        landed_at=1,
        levels=(
            Level(
                "base.base_typeform__responses",
                current_base("typeform", SUITES[-1]),
                "submitted_at",
                {"responses": "1", "answers": "len(answers)"},
            ),
            Level(
                "staging.stg_typeform__responses",
                "staging.stg_typeform__responses",
                "submitted_at",
                {"responses": "1", "answers": "len(answers)"},
                key="response_id_typeform",
            ),
            Level(
                "marts.fct_survey_response",
                "marts.fct_survey_response",
                "submitted_at",
                {"responses": "1", "answers": "answer_count"},
                where="platform = 'typeform'",
            ),
        ),
    ),
    Chain(
        stream="responses",
        what="answers",
        touched="submitted_at",
        levels=(
            Level(
                "staging.stg_typeform__answers",
                "staging.stg_typeform__answers",
                "submitted_at",
                {"answers": "1", "numbers": "coalesce(answer_number, 0)"},
            ),
            Level(
                "marts.fct_survey_answer",
                "marts.fct_survey_answer",
                "submitted_at",
                {"answers": "1", "numbers": "coalesce(answer_number, 0)"},
                where="survey_response_id in (select survey_response_id from"
                " marts.fct_survey_response where platform = 'typeform')",
            ),
        ),
    ),
)
