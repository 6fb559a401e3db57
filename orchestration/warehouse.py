"""The warehouse's assets: typed by dbt, judged by the gate, modelled by dbt, reconciled, published.

Every step here opens the one build file, so all share a pool of limit 1 and a lock that holds
across processes. dbt runs in a few large steps: it takes seconds to start.
"""

# No postponed annotations here: Dagster reads the type of `context` when it decorates.

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DbtCliResource, DbtProject, dbt_assets

from connectors.settings import landing_url
from orchestration import environment, failed_tests, locks, modelling, publish

POOL = "build_file"
LOADS = modelling.LOADS
IDENTIFIERS = modelling.IDENTIFIERS
RECONCILIATION = dg.AssetKey(["ops", "reconciliation"])
PUBLISHED = dg.AssetKey(["published", "warehouse"])

BASE = "path:models/base"
MODELS = "path:seeds path:models/staging path:models/intermediate"
MARTS = "path:models/marts"

NIGHT_TAG = "throughline/night"
PARTITION_TAG = "dagster/partition"
PARTITION_RANGE_END_TAG = "dagster/asset_partition_range_end"

_LOCKED = "Process {pid} has the build file open; waiting for it."
_WAIT_SECONDS = 3600

# Figures of a load that add up to those of a run.
_COUNTED = ("pages", "landed_rows", "new_rows", "quarantined_rows", "repeated_rows")

Connection = duckdb.DuckDBPyConnection


@dataclass(frozen=True)
class Rooms:
    """What the other rooms do with the build file; tests put others in their place.

    Attributes:
        register: enters newly landed loads into ops.loads.
        judge: the gate; decides each load that waits.
        resolve: writes identity.customer_identifiers; returns what it looked at, by name.
        compare: reconciles with the sources' own totals.
        alarms: the names of what `resolve` looks at.
        rules: seeds whose files have errors, with the errors.
    """

    register: Callable[[Connection, str], object]
    judge: Callable[[Connection], Sequence[Any]]
    resolve: Callable[[Connection], Sequence[Any]]
    compare: Callable[[Connection], Sequence[Any]]
    alarms: Sequence[str] = ()
    rules: Callable[[], Mapping[str, Sequence[str]]] = dict


@contextmanager
def build_file_locked(context: dg.AssetExecutionContext) -> Iterator[None]:
    """Keep every other process of ours off the build file."""
    with locks.held(locks.build_lock(), _LOCKED, _WAIT_SECONDS, context.log.warning):
        yield


@contextmanager
def build_file(context: dg.AssetExecutionContext) -> Iterator[Connection]:
    """The build file, opened for writing by this step alone."""
    with build_file_locked(context), duckdb.connect(str(environment.build_file())) as con:
        # Not as a setting of connect(): the extension that knows time zones is loaded after it.
        con.execute("set TimeZone = 'UTC'")
        yield con


def dbt_layers(project: DbtProject, rooms: Rooms) -> list[dg.AssetsDefinition]:
    """base, then staging and intermediate, then marts: one step each."""
    translator = modelling.Translator()

    def layer(name: str, select: str) -> Callable[..., dg.AssetsDefinition]:
        return dbt_assets(
            manifest=project.manifest_path,
            select=select,
            name=name,
            project=project,
            dagster_dbt_translator=translator,
            pool=POOL,
        )

    @layer("base", BASE)
    def base(context: dg.AssetExecutionContext, dbt_cli: DbtCliResource) -> Iterator[Any]:
        with build_file(context) as con:
            rooms.register(con, landing_url())
        yield from _build(context, dbt_cli)

    @layer("staging", MODELS)
    def staging(context: dg.AssetExecutionContext, dbt_cli: DbtCliResource) -> Iterator[Any]:
        wrong = rooms.rules()
        if wrong:
            with build_file(context) as con:
                refuse_without_last_good(con, wrong)
        # Before the models that are made from them, as Dagster wants it.
        for seed, problems in wrong.items():
            key = dg.AssetKey(["seeds", seed])
            if key in context.selected_asset_keys:
                yield dg.MaterializeResult(
                    asset_key=key, metadata={"left_out": "; ".join(problems)}
                )
        yield from _build(context, dbt_cli, *wrong)

    @layer("marts", MARTS)
    def marts(context: dg.AssetExecutionContext, dbt_cli: DbtCliResource) -> Iterator[Any]:
        yield from _build(context, dbt_cli)

    return [base, staging, marts]


def refuse_without_last_good(con: Connection, wrong: Mapping[str, Sequence[str]]) -> None:
    """A seed with an error is left out, so that what was loaded last stays in force.

    Raises:
        dagster.Failure: it was never loaded; the message names file and line.
    """
    loaded = {
        name
        for (name,) in con.execute(
            "select table_name from duckdb_tables() where schema_name = 'seeds'"
        ).fetchall()
    }
    never = [problem for seed in wrong if seed not in loaded for problem in wrong[seed]]
    if never:
        raise dg.Failure(
            f"No rules were loaded before these, so none can stay in force: {'; '.join(never)}."
            " Mend the file and run again.",
            allow_retries=False,
        )


def _build(
    context: dg.AssetExecutionContext, dbt_cli: DbtCliResource, *left_out: str
) -> Iterator[Any]:
    # A test runs in the step that builds the last of the models it looks at. Unit tests look at
    # SQL and not at data: they are `make test`'s.
    # Nobody reads the manifest that each call would write.
    arguments = ["build", "--no-write-json", "--indirect-selection", "buildable"]
    arguments += ["--exclude-resource-type", "unit_test"]
    arguments += ["--exclude", *left_out] if left_out else []
    with build_file_locked(context):
        dbt = dbt_cli.cli(arguments, context=context)
        yield from failed_tests.with_rows(dbt.stream(), dbt.target_path, environment.build_file())


def gate(
    streams: Sequence[tuple[str, str]], base: dg.AssetsDefinition, rooms: Rooms
) -> dg.AssetsDefinition:
    """[ops, loads]: each landed load accepted or held back, one check per stream.

    A load held back stops nobody, so these checks do not block.
    """

    @dg.asset(
        key=LOADS,
        deps=sorted(base.keys),
        group_name="gate",
        kinds={"duckdb"},
        pool=POOL,
        description="Every load and what was decided about it; the gate judges the new ones here.",
        check_specs=[
            dg.AssetCheckSpec(
                check_name(vendor, stream),
                asset=LOADS,
                description=f"The newest loads of {vendor}/{stream}, judged on their new rows.",
            )
            for vendor, stream in streams
        ],
    )
    def loads(context: dg.AssetExecutionContext) -> Iterator[Any]:
        with build_file(context) as con:
            verdicts = rooms.judge(con)
        held = [verdict for verdict in verdicts if not verdict.is_accepted]
        yield dg.MaterializeResult(
            metadata={"judged": len(verdicts), "held_back": len(held)},
            check_results=[
                _stream_check(
                    vendor,
                    stream,
                    [v for v in verdicts if (v.vendor, v.stream) == (vendor, stream)],
                )
                for vendor, stream in streams
            ],
        )

    return loads


def check_name(vendor: str, stream: str) -> str:
    """The check of a stream; Dagster allows no slash in it."""
    return f"{vendor}__{stream}"


def _stream_check(vendor: str, stream: str, verdicts: Sequence[Any]) -> dg.AssetCheckResult:
    held = [verdict for verdict in verdicts if not verdict.is_accepted]
    figures: dict[str, float] = {}
    tables: dict[str, Any] = {}
    for verdict in verdicts:
        for figure, value in verdict.figures.items():
            # What came adds up over the loads; what a load was held against does not.
            figures[figure] = value + (figures.get(figure, 0) if figure in _COUNTED else 0)
        tables |= {name: dg.MetadataValue.md(table) for name, table in verdict.tables.items()}
    told = held or [verdict for verdict in verdicts if verdict.warnings]
    return dg.AssetCheckResult(
        check_name=check_name(vendor, stream),
        asset_key=LOADS,
        passed=not held,
        severity=dg.AssetCheckSeverity.WARN,
        description="; ".join(str(verdict) for verdict in told)
        or ("accepted" if verdicts else "no new load"),
        metadata={"loads": len(verdicts), **figures, **tables},
    )


def identity(upstream: Sequence[dg.AssetKey], rooms: Rooms) -> dg.AssetsDefinition:
    """[identity, customer_identifiers]: who is who; a graph, which SQL is slow at.

    Its checks warn and never block.
    """

    @dg.asset(
        key=IDENTIFIERS,
        deps=upstream,
        group_name="identity",
        kinds={"python", "duckdb"},
        pool=POOL,
        description="Every identifier seen and the customer it belongs to.",
        check_specs=[dg.AssetCheckSpec(name, asset=IDENTIFIERS) for name in rooms.alarms],
    )
    def customer_identifiers(context: dg.AssetExecutionContext) -> Iterator[Any]:
        with build_file(context) as con:
            looked_at = rooms.resolve(con)
        told = "; ".join(alarm.told for alarm in looked_at if alarm.told)
        yield dg.MaterializeResult(
            metadata={"told": told} if told else None,
            check_results=[
                dg.AssetCheckResult(
                    check_name=alarm.name,
                    asset_key=IDENTIFIERS,
                    passed=not alarm.wrong,
                    severity=dg.AssetCheckSeverity.WARN,
                    description="; ".join(filter(None, (*alarm.wrong, alarm.told))) or None,
                    metadata=dict(alarm.figures),
                )
                for alarm in looked_at
            ],
        )

    return customer_identifiers


def reconciliation(
    vendors: Sequence[str], marts: dg.AssetsDefinition, rooms: Rooms
) -> dg.AssetsDefinition:
    """[ops, reconciliation]: landing against facts against the sources' totals, per vendor.

    These checks block: what does not add up is not published.
    """

    @dg.asset(
        key=RECONCILIATION,
        deps=sorted(marts.keys),
        group_name="gate",
        kinds={"duckdb"},
        pool=POOL,
        description="Rows and sums from landing to fact, per vendor, stream and day.",
        check_specs=[
            dg.AssetCheckSpec(vendor, asset=RECONCILIATION, blocking=True) for vendor in vendors
        ],
    )
    def compared(context: dg.AssetExecutionContext) -> Iterator[Any]:
        with build_file(context) as con:
            comparisons = rooms.compare(con)
        different = [comparison for comparison in comparisons if not comparison.is_equal]
        yield dg.MaterializeResult(
            metadata={"compared": len(comparisons), "different": len(different)},
            check_results=[
                _reconciled(vendor, [c for c in comparisons if c.vendor == vendor])
                for vendor in vendors
            ],
        )

    return compared


def _reconciled(vendor: str, comparisons: Sequence[Any]) -> dg.AssetCheckResult:
    """What must agree and does not stops the run; what may differ is a warning."""
    wrong = [comparison for comparison in comparisons if comparison.is_wrong]
    different = wrong or [comparison for comparison in comparisons if not comparison.is_equal]
    return dg.AssetCheckResult(
        check_name=vendor,
        asset_key=RECONCILIATION,
        passed=not different,
        severity=dg.AssetCheckSeverity.ERROR if wrong else dg.AssetCheckSeverity.WARN,
        description="; ".join(str(comparison) for comparison in different[:5]) or None,
        metadata={"compared": len(comparisons), "different": len(different)},
    )


def published(
    streams: Sequence[tuple[str, str]], marts: dg.AssetsDefinition
) -> dg.AssetsDefinition:
    """[published, warehouse]: runs only where everything before it held."""

    @dg.asset(
        key=PUBLISHED,
        deps=[RECONCILIATION, *sorted(marts.keys)],
        group_name="published",
        kinds={"duckdb"},
        pool=POOL,
        description="The file that analysts read, put in place in one step.",
    )
    def warehouse(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        night = night_of(context.run) or _last_night(context.instance, streams)
        with build_file_locked(context):
            try:
                version = publish.publish(
                    environment.build_file(), environment.published_folder(), night
                )
            except publish.PublishError as error:
                raise dg.Failure(str(error), allow_retries=False) from error
        return dg.MaterializeResult(
            metadata={"published_as": version.path.name, "bytes": version.size, "night": night}
        )

    return warehouse


def night_of(run: dg.DagsterRun) -> str | None:
    """The night a run is for: what it was told, or its partition."""
    tags = (NIGHT_TAG, PARTITION_TAG, PARTITION_RANGE_END_TAG)
    return next((run.tags[tag] for tag in tags if tag in run.tags), None)


def _last_night(instance: dg.DagsterInstance, streams: Sequence[tuple[str, str]]) -> str:
    landed = (instance.get_materialized_partitions(dg.AssetKey(stream)) for stream in streams)
    return max(set().union(*landed), default=f"{datetime.now(UTC):%Y-%m-%d}")
