"""What Shopify is asked: each stream's fields once, in the two forms they are asked for.

Belongs here: query texts and the search syntax. Does not belong here: sending them.

A page query takes `first` rows and their nested rows up to `NESTED`; a bulk query has the same
fields, without sizes. Amounts are asked for in the shop's currency (`shopMoney`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from connectors.stream import Window, utc

# Shopify adds up what a query may hold at most, and refuses one of more than 1,000 points.
NESTED = 10
PAGE_INFO = "pageInfo { hasNextPage endCursor }"
MONEY = "{ shopMoney { amount currencyCode } }"
_VISIT = """{
    id occurredAt source sourceType landingPage referrerUrl
    utmParameters { source medium campaign content term }
}"""


@dataclass(frozen=True)
class Question:
    """One connection of Shopify's, and what is wanted of its rows.

    Attributes:
        name: the connection, and the root of its answers.
        fields: of a row, nested connections left out.
        arguments: beside first, after and query, as GraphQL writes them.
        searched: whether it takes a search.
        nested: name and fields of the one connection inside a row.
    """

    name: str
    fields: str
    arguments: str = ""
    searched: bool = True
    nested: tuple[str, str] | None = None

    def page(self) -> str:
        """The query of one page: variables first, after and, where it is searched, query."""
        inner = ""
        if self.nested:
            name, fields = self.nested
            inner = f"{name}(first: {NESTED}) {{ nodes {{ {fields} }} {PAGE_INFO} }}"
        search = ("$query: String", "query: $query") if self.searched else ("", "")
        declared = ", ".join(filter(None, ("$first: Int!", "$after: String", search[0])))
        given = ("first: $first", "after: $after", search[1], self.arguments)
        arguments = ", ".join(filter(None, given))
        return _tidy(
            f"query {self.name}({declared}) {{ {self.name}({arguments}) {{"
            f" nodes {{ {self.fields} {inner} }} {PAGE_INFO} }} }}"
        )

    def bulk(self, search: str | None) -> str:
        """The same rows as a query that a bulk operation runs."""
        inner = ""
        if self.nested:
            inner = f"{self.nested[0]} {{ edges {{ node {{ {self.nested[1]} }} }} }}"
        searched = f"query: {json.dumps(search)}" if search else ""
        arguments = ", ".join(filter(None, (searched, self.arguments)))
        return _tidy(
            f"{{ {self.name}({arguments}) {{ edges {{ node {{ {self.fields} {inner} }} }} }} }}"
        )


def rest(kind: str, nested: str, fields: str) -> str:
    """The query of the nested rows of one object after those that a page held."""
    return _tidy(
        f"query rest($id: ID!, $first: Int!, $after: String) {{ node(id: $id) {{ ... on {kind} {{"
        f" {nested}(first: $first, after: $after) {{ nodes {{ {fields} }} {PAGE_INFO} }} }} }} }}"
    )


def changed(window: Window, field: str = "updated_at") -> str:
    """The search for what changed in a window; two terms side by side must both hold."""
    return f"{field}:>='{utc(window.start)}' {field}:<'{utc(window.end)}'"


def _tidy(text: str) -> str:
    return " ".join(text.split())


SHOP = _tidy("""query shop { shop {
    id name myshopifyDomain currencyCode ianaTimezone taxesIncluded createdAt updatedAt
    plan { publicDisplayName }
} }""")

SCOPES = "query scopes { currentAppInstallation { accessScopes { handle } } }"

LOCATIONS = Question(
    "locations",
    """id name isActive isFulfillmentService fulfillsOnlineOrders createdAt updatedAt
    address { address1 city province provinceCode zip countryCode phone }""",
    arguments="includeInactive: true, includeLegacy: true, sortKey: ID",
    searched=False,
)

CUSTOMERS = Question(
    "customers",
    """id createdAt updatedAt firstName lastName state locale verifiedEmail
    defaultEmailAddress { emailAddress marketingState marketingUpdatedAt }
    defaultPhoneNumber { phoneNumber smsMarketingConsent { state updatedAt } }
    defaultAddress { address1 city provinceCode zip countryCodeV2 }""",
    arguments="sortKey: UPDATED_AT",
)

PRODUCTS = Question(
    "productVariants",
    """id title sku barcode price createdAt updatedAt
    product { id title productType vendor status isGiftCard }""",
    arguments="sortKey: ID",
    searched=False,
)

_LINE = f"""id name title variantTitle sku quantity currentQuantity isGiftCard
    variant {{ id }} product {{ id }}
    originalUnitPriceSet {MONEY} originalTotalSet {MONEY}
    discountAllocations {{ allocatedAmountSet {MONEY} }}
    taxLines {{ title priceSet {MONEY} }}"""

ORDERS = Question(
    "orders",
    f"""id legacyResourceId name number test confirmed
    createdAt processedAt updatedAt closedAt cancelledAt cancelReason
    displayFinancialStatus displayFulfillmentStatus sourceName email phone
    customer {{ id }} retailLocation {{ id }}
    shippingAddress {{ city provinceCode zip countryCodeV2 }}
    taxesIncluded currencyCode presentmentCurrencyCode discountCodes paymentGatewayNames
    totalPriceSet {{
        shopMoney {{ amount currencyCode }} presentmentMoney {{ amount currencyCode }}
    }}
    currentTotalPriceSet {MONEY} subtotalPriceSet {MONEY} totalDiscountsSet {MONEY}
    totalTaxSet {MONEY} totalShippingPriceSet {MONEY} totalTipReceivedSet {MONEY}
    totalRefundedSet {MONEY} netPaymentSet {MONEY}
    customerJourneySummary {{
        ready customerOrderIndex daysToConversion firstVisit {_VISIT} lastVisit {_VISIT}
    }}
    transactions {{
        id kind status test gateway createdAt processedAt amountSet {MONEY}
        parentTransaction {{ id }}
    }}
    refunds {{ id }}""",
    arguments="sortKey: UPDATED_AT",
    nested=("lineItems", _LINE),
)

# Which refunds there are. What they hold is asked for by id: a bulk operation takes no connection
# inside a list, and an order's refunds are a list.
REFUND_IDS = Question("orders", "id refunds { id }", arguments="sortKey: UPDATED_AT")

REFUND_LINE = f"""id quantity restockType location {{ id }}
    subtotalSet {MONEY} totalTaxSet {MONEY}
    lineItem {{
        id name title variantTitle sku originalUnitPriceSet {MONEY}
        variant {{ id }} product {{ id }}
    }}"""

REFUNDS = _tidy(f"""query refunds($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Refund {{
    id createdAt processedAt updatedAt note totalRefundedSet {MONEY}
    order {{
        id legacyResourceId test taxesIncluded displayFinancialStatus sourceName email phone
        customer {{ id }} retailLocation {{ id }}
    }}
    refundLineItems(first: {NESTED}) {{ nodes {{ {REFUND_LINE} }} {PAGE_INFO} }}
}} }} }}""")

REST_OF_ORDER = rest("Order", "lineItems", _LINE)
REST_OF_REFUND = rest("Refund", "refundLineItems", REFUND_LINE)

DELETIONS = Question(
    "events",
    "id action createdAt ... on BasicEvent { subjectId subjectType }",
    arguments="sortKey: CREATED_AT",
)

RUN_BULK = _tidy("""mutation run($query: String!, $groupObjects: Boolean!) {
    bulkOperationRunQuery(query: $query, groupObjects: $groupObjects) {
        bulkOperation { id status createdAt } userErrors { field message code }
    }
}""")

BULK = _tidy("""query bulk($id: ID!) { bulkOperation(id: $id) {
    id status errorCode createdAt completedAt objectCount rootObjectCount
    fileSize url partialDataUrl
} }""")

# Newest first. Only this app's: Shopify shows no others.
AT_WORK = _tidy("""query bulk {
    bulkOperations(first: 50, query: "operation_type:query status:running") {
        nodes { id status query createdAt }
    }
}""")

CANCEL = _tidy("""mutation cancel($id: ID!) {
    bulkOperationCancel(id: $id) { bulkOperation { id status } userErrors { field message } }
}""")
