"""The presets over orders, written anew for Polars. Money is whole ten-thousandths, which are exact however they are added."""

from datetime import date, datetime, timezone

import polars as pl

AS_OF = date(2026, 1, 1)
SCALE = 10_000


def entropy(counts):
    share = counts / counts.sum()
    return -(share * share.log(2)).sum()


def first_of_most(value, n):
    """The most frequent, of several the first by name."""
    return value.sort_by([-n.cast(pl.Int64), value]).first()


def ratio(a, b):
    """Null, where nothing is divided by."""
    return pl.when(b != 0).then(a / b)


def days_before(column):
    return (pl.lit(AS_OF) - column).dt.total_days()


def lines(data):
    money = lambda column: (pl.col(column).cast(pl.Decimal(38, 4)) * SCALE).cast(pl.Int64)
    rows = pl.scan_parquet(f"{data}/orders/*.parquet").filter(
        (pl.col("status") != "cancelled") & pl.col("client_no").is_not_null()
        & (pl.col("ordered_at") < datetime(2026, 1, 1, tzinfo=timezone.utc)))
    gross = pl.col("quantity").cast(pl.Int64) * money("unit_price")
    rows = rows.select(
        pl.col("client_no").alias("customer_id"), pl.col("order_no").alias("order_id"), pl.col("ordered_at").alias("time"),
        pl.col("ordered_at").dt.date().alias("day"), "sku", "category", "channel", money("discount").alias("discount"),
        (gross - money("discount")).alias("amount"), (gross * 6).floordiv(10).alias("cost"))
    return rows.filter(pl.col("amount").is_not_null())


def presets(data):
    all_lines = lines(data).collect(engine="streaming").lazy()
    amount, discount, cost = pl.col("amount"), pl.col("discount"), pl.col("cost")
    is_bought = amount >= 0
    bought = all_lines.filter(is_bought)
    who = "customer_id"
    gross, back = amount.filter(is_bought).sum(), -amount.filter(~is_bought).sum()
    orders = pl.col("order_id").filter(is_bought).n_unique()
    margin = pl.when(is_bought).then(amount - cost).otherwise(cost.abs() - amount.abs())
    of_lines = all_lines.group_by(who).agg(
        days_before(pl.col("day").filter(is_bought).max()).alias("recency_days"), orders.alias("frequency"), amount.sum().alias("monetary"),
        days_before(pl.col("day").filter(is_bought).min()).alias("tenure_days"), ratio(gross, orders).alias("average_order_value"),
        gross.alias("value_gross"), back.alias("value_refunded"), amount.sum().alias("value_net"), ratio(back, gross).alias("refund_share"),
        margin.sum().alias("value_margin"), ratio(margin.sum(), amount.filter(cost.is_not_null()).sum()).alias("margin_rate"),
        ratio(discount.filter(is_bought).sum(), (amount + discount).filter(is_bought).sum()).alias("discount_rate"),
        (~is_bought).sum().alias("refund_rows"), (~is_bought).mean().alias("refund_row_share"), ratio(back, gross).alias("refund_value_share"),
        days_before(pl.col("day").filter(~is_bought).max()).alias("refund_last_days"))
    recent = amount.filter(pl.col("day") >= date(2025, 10, 3)).sum()
    before = amount.filter((pl.col("day") >= date(2025, 7, 5)) & (pl.col("day") < date(2025, 10, 3))).sum()
    months = (2026 - pl.col("day").dt.year().cast(pl.Int64)) * 12 + 1 - pl.col("day").dt.month().cast(pl.Int64)
    reduced = discount > 0
    of_bought = bought.group_by(who).agg(
        recent.alias("spend_recent"), before.alias("spend_before"), ratio(recent, before).alias("spend_ratio"),
        (((13 - 2 * months) * amount).filter(months.is_between(1, 12)).sum() / 286).alias("spend_slope"),
        before.alias("past_spend"), ratio(recent, before).alias("past_spend_ratio"),
        ratio(reduced.sum(), discount.count()).alias("promotion_share"),
        ratio(amount.filter(reduced).sum(), amount.filter(discount.is_not_null()).sum()).alias("promotion_value_share"),
        ratio(discount.filter(reduced).sum(), (amount + discount).filter(reduced).sum()).alias("promotion_depth"))
    # Equal spending shares a decile, by how many spent less.
    spent = pl.when(pl.col("past_spend") > 0).then(pl.col("past_spend"))
    decile = 1 + (10 * (spent.rank("min").cast(pl.Int64) - 1)).floordiv(spent.count().cast(pl.Int64))
    declining = of_bought.select(who, decile.alias("past_spend_decile"), "past_spend_ratio").with_columns(
        ((pl.col("past_spend_decile") >= 8) & (pl.col("past_spend_ratio") < 0.5)).fill_null(False).alias("is_declining")).drop("past_spend_ratio")
    gap = pl.col("gap")
    gaps = bought.select(who, "day").unique().sort(who, "day").with_columns(
        pl.col("day").diff().over(who).dt.total_days().alias("gap")).group_by(who).agg(
        gap.median().alias("gap_days_median"), gap.mean().alias("gap_days_mean"), gap.max().alias("gap_days_max"),
        gap.std().alias("gap_days_stddev"), pl.len().alias("order_days"),
        days_before(pl.col("day").max()).alias("last"), days_before(pl.col("day").min()).alias("first"))
    rhythm_days = pl.when(pl.col("order_days") >= 3).then(pl.col("gap_days_median")).otherwise(90.0)
    gaps = gaps.with_columns(
        (pl.col("gap_days_median") - pl.col("last")).alias("due_in_days"), ratio(pl.col("last"), pl.col("gap_days_median")).alias("overdue_ratio"),
        rhythm_days.alias("lifecycle_days")).with_columns(
        pl.when(pl.col("first") <= 30).then(pl.lit("new")).when(pl.col("last") <= 1.5 * pl.col("lifecycle_days")).then(pl.lit("active"))
        .when(pl.col("last") <= 3 * pl.col("lifecycle_days")).then(pl.lit("cooling")).otherwise(pl.lit("lapsed")).alias("lifecycle")).drop("last", "first")
    q = bought.group_by(who, pl.col("day").dt.quarter().alias("q")).agg(amount.sum().alias("spent"))
    spent_in = lambda number: pl.col("spent").filter(pl.col("q") == number).sum()
    whole = pl.col("spent").sum()
    seasons = q.group_by(who).agg(
        *[ratio(spent_in(number), whole).alias(f"season_share_q{number}") for number in (1, 2, 3, 4)],
        pl.when(whole != 0).then((pl.col("spent") / whole).pow(2).sum()).alias("season_concentration"),
        pl.col("q").filter(pl.col("spent") == pl.col("spent").max()).min().alias("season_peak_quarter"))
    n = pl.col("n")
    of_product = bought.filter(pl.col("sku").is_not_null()).group_by(who, "sku").agg(pl.len().alias("n"), pl.col("day").n_unique().alias("days"))
    products = of_product.group_by(who).agg(
        pl.len().alias("products_distinct"), (pl.col("days") > 1).mean().alias("product_repeat_share"), (n.max() / n.sum()).alias("product_top_share"),
        entropy(n).alias("product_entropy"))
    of_category = bought.filter(pl.col("sku").is_not_null() & pl.col("category").is_not_null()).group_by(who, "category").agg(pl.len().alias("n"))
    categories = of_category.group_by(who).agg(
        pl.len().alias("categories_distinct"), first_of_most(pl.col("category"), n).alias("category_top"), (n.max() / n.sum()).alias("category_top_share"),
        (n.top_k(3).sum() / n.sum()).alias("category_top3_share"), entropy(n).alias("category_entropy"))
    of_order = bought.filter(pl.col("order_id").is_not_null()).group_by(who, "order_id").agg(
        amount.sum().alias("spent"), pl.len().alias("lines"), pl.col("sku").drop_nulls().n_unique().alias("products"))
    has_products = pl.col("products").filter(pl.col("products") > 0)
    baskets = of_order.group_by(who).agg(
        pl.len().alias("baskets"), pl.col("spent").mean().alias("basket_value_mean"), pl.col("spent").median().alias("basket_value_median"),
        pl.col("spent").max().alias("basket_value_max"), pl.col("lines").mean().alias("basket_lines_mean"), has_products.mean().alias("basket_products_mean"))
    of_channel = bought.filter(pl.col("channel").is_not_null()).group_by(who, "channel").agg(pl.len().alias("n"), pl.col("time").max().alias("last"))
    channels = of_channel.group_by(who).agg(
        first_of_most(pl.col("channel"), n).alias("channel_main"), (n.max() / n.sum()).alias("channel_main_share"), pl.len().alias("channels"),
        entropy(n).alias("channel_entropy"), pl.col("channel").filter(pl.col("last") == pl.col("last").max()).min().alias("channel_last"))
    moments = bought.select(who, "time").unique().with_columns(pl.col("time").dt.weekday().alias("weekday"), pl.col("time").dt.hour().alias("hour"))
    weekdays = moments.group_by(who, "weekday").agg(pl.len().alias("n")).group_by(who).agg(
        first_of_most(pl.col("weekday"), n).alias("favourite_weekday"), entropy(n).alias("weekday_entropy"))
    hours = moments.group_by(who, "hour").agg(pl.len().alias("n")).group_by(who).agg(first_of_most(pl.col("hour"), n).alias("favourite_hour"))
    hour = pl.col("hour")
    shares = moments.group_by(who).agg(
        (pl.col("weekday") >= 6).mean().alias("weekend_share"), hour.is_between(6, 11).mean().alias("morning_share"),
        hour.is_between(12, 17).mean().alias("afternoon_share"), (hour >= 18).mean().alias("evening_share"), (hour < 6).mean().alias("night_share"))
    tables = [of_lines, of_bought, declining, gaps, seasons, products, categories, baskets, channels, weekdays, hours, shares]
    return pl.collect_all(tables, engine="streaming")


MONEY = {
    "monetary", "average_order_value", "value_gross", "value_refunded", "value_net", "value_margin", "spend_recent", "spend_before", "spend_slope",
    "past_spend", "basket_value_mean", "basket_value_median", "basket_value_max",
}


def sums(tables):
    """Gives of each column its sum (of text: customers by value)."""
    found = {}
    for table in tables:
        for name in table.columns:
            if name == "customer_id":
                continue
            if table[name].dtype == pl.String:
                counts = table[name].drop_nulls().value_counts()
                found[name] = dict(zip(counts[name].to_list(), counts["count"].to_list()))
            else:
                total = table[name].cast(pl.Int64 if table[name].dtype == pl.Boolean else table[name].dtype).sum() or 0
                found[name] = float(total) / (SCALE if name in MONEY else 1)
    return found
