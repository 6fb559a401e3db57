{{ config(meta={
    'rows': 'rows',
    'key': ['property_id_ga4', 'report_date', 'landing_page', 'channel_group_ga4'],
    'whole': ['property_id_ga4', 'report_date'],
    'empty_page_keys': ['dimensionHeaders', 'metricHeaders', 'metadata', 'propertyQuota', 'kind', 'rowCount'],
}) }}

{%- set columns = [
    ['property_id_ga4', 'request:/properties/([0-9]+):runReport', 'text', 'required'],
    ['report_date', 'dimensionValues[dimensionHeaders.name=date].value', 'basic_date', 'required'],
    ['landing_page', 'dimensionValues[dimensionHeaders.name=landingPage].value', 'text'],
    ['channel_group_ga4', 'dimensionValues[dimensionHeaders.name=sessionDefaultChannelGroup].value', 'text', 'required'],
    ['sessions', 'metricValues[metricHeaders.name=sessions].value', 'bigint', 'required'],
    ['engaged_sessions', 'metricValues[metricHeaders.name=engagedSessions].value', 'bigint', 'required'],
    ['users', 'metricValues[metricHeaders.name=totalUsers].value', 'bigint', 'required'],
    ['new_users', 'metricValues[metricHeaders.name=newUsers].value', 'bigint', 'required'],
    ['page_views', 'metricValues[metricHeaders.name=screenPageViews].value', 'bigint', 'required'],
    ['key_events', 'metricValues[metricHeaders.name=keyEvents].value', 'double', 'required'],
    ['total_revenue', 'metricValues[metricHeaders.name=totalRevenue].value', 'double', 'required'],
    ['report_timezone', 'page:metadata.timeZone', 'text', 'required'],
    ['currency_code', 'page:metadata.currencyCode', 'text', 'required'],
    ['is_thresholded', 'page:metadata.subjectToThresholding', 'boolean'],
    ['has_other_row', 'page:metadata.dataLossFromOtherRow', 'boolean'],
    ['sampled_events', 'page:metadata.samplingMetadatas[0].samplesReadCount', 'bigint'],
    ['sampling_space', 'page:metadata.samplingMetadatas[0].samplingSpaceSize', 'bigint'],
    ['restricted_metrics', 'page:metadata.schemaRestrictionResponse.activeMetricRestrictions', 'text'],
    ['truncations', 'page:metadata.dataTruncationReasons', 'text'],
] -%}

{{ base_rows(source('ga4', 'landing_pages'), columns) }}
