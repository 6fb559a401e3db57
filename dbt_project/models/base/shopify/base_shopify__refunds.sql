{{ config(meta={'rows': 'data.nodes', 'key': ['refund_id_shopify']}) }}

{%- set columns = [
    ['refund_id_shopify', 'id', 'text', 'required'],
    ['order_id_shopify', 'order.id', 'text', 'required'],
    ['refunded_at', 'processedAt', 'timestamp', 'required'],
    ['created_at', 'createdAt', 'timestamp'],
    ['updated_at', 'updatedAt', 'timestamp', 'required'],
    ['refund_note', 'note', 'text'],
    ['currency_code', 'totalRefundedSet.shopMoney.currencyCode', 'text', 'required'],
    ['refunded_amount', 'totalRefundedSet.shopMoney.amount', 'decimal(18, 4)', 'required'],
    ['is_test', 'order.test', 'boolean', 'required'],
    ['has_taxes_included', 'order.taxesIncluded', 'boolean', 'required'],
    ['financial_status', 'order.displayFinancialStatus', 'text'],
    ['source_name', 'order.sourceName', 'text'],
    ['email', 'order.email', 'text'],
    ['phone_number', 'order.phone', 'text'],
    ['customer_id_shopify', 'order.customer.id', 'text'],
    ['location_id_shopify', 'order.retailLocation.id', 'text'],
    ['refund_lines', 'refundLineItems.nodes', 'list', [
        ['refund_line_id_shopify', 'id', 'text'],
        ['line_id_shopify', 'lineItem.id', 'text', 'required'],
        ['product_id_shopify', 'lineItem.variant.id', 'text'],
        ['product_name', 'lineItem.title', 'text'],
        ['quantity', 'quantity', 'bigint', 'required'],
        ['restock_type', 'restockType', 'text'],
        ['unit_amount', 'lineItem.originalUnitPriceSet.shopMoney.amount', 'decimal(18, 4)', 'required'],
        ['subtotal_amount', 'subtotalSet.shopMoney.amount', 'decimal(18, 4)', 'required'],
        ['tax_amount', 'totalTaxSet.shopMoney.amount', 'decimal(18, 4)', 'required'],
    ]],
] -%}

{{ base_rows(source('shopify', 'refunds'), columns) }}
