//! What customers do with messages: a query over their messages, purchases and consents, folded customer by customer; no feature sees it.

use super::reachable::deciding_consents;
use crate::{
    measure::{History, Judged, Message, Purchase, cells_of, granted_of, packed_cells},
    spec::{CAMPAIGN, RunSpec, campaign_table, judges_messages, tells},
    sql::{AnsweredRows, Catalogue, Query, Room, ShardTables},
};
use arrow::{
    array::{
        Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Decimal128Array, Float64Array, Int64Array, StringArray,
    },
    datatypes::{DataType, Date32Type, Decimal128Type, Field, Float64Type, Int64Type},
};
use segmenter_proto::{
    Error, Result,
    jobs::{Job, Source, SourceKind, Unit},
};
use std::{collections::BTreeSet, sync::Arc};

/// What a customer did with messages before `as_of`, packed; not a feature. See [`packed_cells`].
pub const MESSAGES: &str = "__messages";
/// The same of the outcome window; not a feature.
pub const OUTCOME_MESSAGES: &str = "__outcome_messages";

/// Bytes that a row takes until it is folded: as the query gives it, and as it is sorted.
const BYTES_A_ROW: usize = 320;

/// What rows of the query are.
const MESSAGE: i64 = 1;
const PURCHASE: i64 = 2;
const CONSENT: i64 = 3;

/// The queries over the rows before `as_of`, and over those of the outcome window, where consents are none of its rows.
#[derive(Debug)]
pub(super) struct MessagesPlan {
    before: Query,
    after: Option<Query>,
}

/// Cells of the customers of a shard.
pub(super) struct Folded {
    pub(super) columns: Vec<ArrayRef>,
    /// Customers of whom something could not be computed.
    pub(super) lost: u64,
}

impl MessagesPlan {
    /// Compiles it; none of a job without messages and promotions.
    ///
    /// # Errors
    /// Sources of a kind have columns of one name and of different types: Job.
    pub(super) fn compile(spec: &RunSpec) -> Result<Option<Self>> {
        if !judges_messages(&spec.job) {
            return Ok(None);
        }
        let catalogue = Catalogue::of(spec)?;
        let bind = |with_consents| {
            Query::bind(&query(&spec.job, with_consents), &catalogue).map_err(|error| {
                let told = Error::job(format!("how customers answer messages cannot be asked for: {}", error.message));
                match error.hint {
                    Some(hint) => told.with_hint(hint),
                    None => told,
                }
            })
        };
        let after = spec.job.effectiveness.outcome_days.map(|_| bind(false)).transpose()?;
        Ok(Some(Self { before: bind(true)?, after }))
    }

    pub(super) fn fields(&self) -> Vec<Field> {
        let after = self.after.as_ref().map(|_| OUTCOME_MESSAGES);
        [MESSAGES].into_iter().chain(after).map(|name| Field::new(name, DataType::Binary, false)).collect()
    }

    /// Gives the reference tables that the query looks at, by the positions of their sources.
    pub(super) fn references(&self) -> BTreeSet<usize> {
        self.before.references()
    }

    /// Folds the rows of a shard's customers.
    ///
    /// # Errors
    /// One customer does not fit into memory (Resources).
    pub(super) fn compute(
        &self,
        spec: &RunSpec,
        before: &ShardTables<'_>,
        after: &ShardTables<'_>,
        room: Room<'_>,
    ) -> Result<Folded> {
        let customers = before.customers();
        let mut packed = vec![Vec::new(); customers];
        let mut lost = folded(&self.before, before, room, &judged(spec, false), None, &mut packed)?;
        let mut columns: Vec<ArrayRef> = vec![Arc::new(BinaryArray::from_iter_values(&packed))];
        if let Some(query) = &self.after {
            let mut later = vec![Vec::new(); customers];
            lost += folded(query, after, room, &judged(spec, true), Some(&packed), &mut later)?;
            columns.push(Arc::new(BinaryArray::from_iter_values(later)));
        }
        Ok(Folded { columns, lost })
    }
}

fn judged(spec: &RunSpec, is_outcome: bool) -> Judged<'_> {
    Judged {
        attribution: &spec.job.effectiveness.attribution,
        contacts: &spec.job.contacts,
        as_of: Date32Type::from_naive_date(spec.job.as_of),
        is_outcome,
        has_consents: has(&spec.job, SourceKind::Consents),
    }
}

/// Folds the rows of a query into `packed`; consents are those that the cells of before `as_of` know, where those are given.
fn folded(
    query: &Query,
    tables: &ShardTables<'_>,
    room: Room<'_>,
    judged: &Judged<'_>,
    known: Option<&[Vec<u8>]>,
    packed: &mut [Vec<u8>],
) -> Result<u64> {
    let rows = (room.memory / BYTES_A_ROW).max(1);
    let lost = query.each_row(tables, room, rows, |answered| {
        let read = answered.iter().map(Columns::of).collect::<Result<Vec<_>>>()?;
        let mut places: Vec<(u32, usize, usize)> = Vec::new();
        for (batch, columns) in read.iter().enumerate() {
            places.extend(columns.customers.iter().enumerate().map(|(row, customer)| (*customer, batch, row)));
        }
        places.sort_unstable();
        for own in places.chunk_by(|left, right| left.0 == right.0) {
            let customer = own.first().map_or(0, |(customer, ..)| *customer) as usize;
            let mut history = History::default();
            let mut withheld = BTreeSet::new();
            for (_, batch, row) in own {
                if let Some(columns) = read.get(*batch) {
                    columns.put(*row, &mut history, &mut withheld);
                }
            }
            history.granted.retain(|channel| !withheld.contains(channel));
            if let Some(before) = known.and_then(|known| known.get(customer)) {
                history.granted = granted_of(before)?;
            }
            let place = packed.get_mut(customer).ok_or_else(|| Error::bug("messages to a customer of no shard"))?;
            *place = packed_cells(&cells_of(&history, judged));
        }
        Ok(())
    })?;
    // Who has no row in the window may be written to all the same.
    for (before, place) in known.into_iter().flatten().zip(packed.iter_mut()).filter(|(_, place)| place.is_empty()) {
        let history = History { granted: granted_of(before)?, ..History::default() };
        *place = packed_cells(&cells_of(&history, judged));
    }
    Ok(lost)
}

/// The columns of some rows of the query.
struct Columns<'a> {
    customers: &'a [u32],
    what: &'a [i64],
    texts: [&'a StringArray; 3],
    has_id: &'a BooleanArray,
    days: [&'a [i32]; 2],
    known_days: [&'a ArrayRef; 2],
    hour: &'a Int64Array,
    moment: &'a Float64Array,
    steps: [&'a Int64Array; 7],
    amounts: [&'a Decimal128Array; 5],
    granted: &'a BooleanArray,
}

impl<'a> Columns<'a> {
    fn of(rows: &'a AnsweredRows) -> Result<Self> {
        let wrong = || Error::bug("what customers do with messages has other columns");
        let column = |at: usize| rows.columns.get(at).ok_or_else(wrong);
        let whole = |at| column(at)?.as_primitive_opt::<Int64Type>().ok_or_else(wrong);
        let text = |at| column(at)?.as_string_opt::<i32>().ok_or_else(wrong);
        let truth = |at| column(at)?.as_boolean_opt().ok_or_else(wrong);
        let day = |at| {
            let days = column(at)?.as_primitive_opt::<Date32Type>().ok_or_else(wrong)?;
            Ok::<_, Error>(days.values().as_ref())
        };
        let amount = |at| column(at)?.as_primitive_opt::<Decimal128Type>().ok_or_else(wrong);
        Ok(Self {
            customers: rows.customers.values(),
            what: whole(0)?.values(),
            texts: [text(1)?, text(2)?, text(3)?],
            has_id: truth(4)?,
            days: [day(5)?, day(8)?],
            known_days: [column(5)?, column(8)?],
            hour: whole(6)?,
            moment: column(7)?.as_primitive_opt::<Float64Type>().ok_or_else(wrong)?,
            steps: [whole(9)?, whole(10)?, whole(11)?, whole(12)?, whole(13)?, whole(14)?, whole(15)?],
            amounts: [amount(16)?, amount(17)?, amount(18)?, amount(19)?, amount(20)?],
            granted: truth(21)?,
        })
    }

    /// Puts a row into the history of its customer.
    fn put(&self, row: usize, history: &mut History<'a>, withheld: &mut BTreeSet<&'a str>) {
        let [channel, campaign, promotion] = self.texts.map(|texts| texts.is_valid(row).then(|| texts.value(row)));
        let [sent, delivered, opened, clicked, converted, bounced, complained] =
            self.steps.map(|steps| if steps.is_valid(row) { steps.value(row).max(0) as u64 } else { 0 });
        let [cost, amount, margin, uncosted, fixed] =
            self.amounts.map(|amounts| amounts.is_valid(row).then(|| amounts.value(row)));
        let moment = self.moment.is_valid(row).then(|| self.moment.value(row));
        let day = |at: usize| {
            let known = self.known_days.get(at).is_some_and(|days| days.is_valid(row));
            self.days.get(at).and_then(|days| days.get(row)).copied().filter(|_| known)
        };
        match (self.what.get(row).copied(), channel, moment) {
            (Some(MESSAGE), ..) => history.messages.push(Message {
                channel,
                campaign,
                promotion,
                has_id: self.has_id.is_valid(row) && self.has_id.value(row),
                sent_at: day(0).map(|day| (day, if self.hour.is_valid(row) { self.hour.value(row) as u8 } else { 0 })),
                touched: moment,
                left: day(1),
                sent,
                delivered,
                opened,
                clicked,
                converted,
                bounced,
                complained,
                cost: cost.unwrap_or_default(),
                told: amount.unwrap_or_default(),
                fixed,
            }),
            (Some(PURCHASE), _, Some(at)) => {
                let net = amount.unwrap_or_default();
                let uncosted = uncosted.unwrap_or_default();
                history.purchases.push(Purchase { at, promotion, bought: converted > 0, net, margin, uncosted });
            }
            (Some(CONSENT), Some(channel), _) => {
                history.granted.insert(channel);
                if !(self.granted.is_valid(row) && self.granted.value(row)) {
                    withheld.insert(channel);
                }
            }
            _ => {}
        }
    }
}

/// The columns of the query behind the customer and what the row is.
const COLUMNS: &str = "channel campaign promotion has_id day hour moment left_day sent delivered opened clicked converted bounced \
                       complained cost amount margin uncosted fixed granted";

fn has(job: &Job, kind: SourceKind) -> bool {
    job.sources.iter().any(|source| source.kind == kind)
}

/// Gives the query: a row a message, a purchase of one time and promotion, and a consent. It says `customer_id` for the id of whoever is segmented.
fn query(job: &Job, with_consents: bool) -> String {
    let mut parts = Vec::new();
    if has(job, SourceKind::Messages) {
        parts.push(messages(job));
    }
    if has(job, SourceKind::Transactions) {
        parts.push(purchases(job));
    }
    let mut consents = job.sources.iter().filter(|source| source.kind == SourceKind::Consents).peekable();
    // Where results may not name the channels, nobody has agreed to any.
    if with_consents && consents.peek().is_some() && consents.clone().all(|source| tells(job, source, "channel")) {
        let deciding = deciding_consents(job);
        let nothing = COLUMNS.split(' ').filter(|name| !["channel", "granted"].contains(name));
        parts.push(format!(
            "select customer_id, cast({CONSENT} as bigint) as what, channel, {}, granted from ({deciding}) where channel is \
             not null",
            nulls(&nothing.collect::<Vec<_>>())
        ));
    }
    parts.join("\nunion all\n").replace(Unit::Customer.key(), job.unit.key())
}

/// Gives nulls of the types that the columns have.
fn nulls(names: &[&str]) -> String {
    let null = |name: &&str| {
        let kind = match *name {
            "channel" | "campaign" | "promotion" => "text",
            "has_id" | "granted" => "boolean",
            "day" | "left_day" => "date",
            "moment" => "double",
            "cost" | "amount" | "margin" | "uncosted" | "fixed" => "decimal(28, 4)",
            _ => "bigint",
        };
        format!("cast(null as {kind}) as {name}")
    };
    names.iter().map(null).collect::<Vec<_>>().join(", ")
}

/// Gives a column of a source as a type, or null where it does not tell it.
fn column(job: &Job, source: &Source, name: &str, as_type: &str) -> String {
    format!("cast({} as {as_type})", if tells(job, source, name) { name } else { "null" })
}

/// Puts the rows of all sources of a kind together, as `one` gives those of a source: what one source has as text another may have as a number.
fn of_kind(job: &Job, kind: SourceKind, one: impl Fn(&Source) -> String) -> String {
    let sources = job.sources.iter().filter(|source| source.kind == kind);
    sources.map(one).collect::<Vec<_>>().join("\nunion all\n")
}

/// A message is one `message_id` of one source, whose steps count once; without an id the steps of one instant are one.
fn messages(job: &Job) -> String {
    let rows = of_kind(job, SourceKind::Messages, |source| {
        let own = |name: &str, as_type: &str| column(job, source, name, as_type);
        // What is done counts, whoever may see the word for it.
        format!(
            "select customer_id, '{name}' as source, time, cast(action as text) as action, {message_id} as message_id, \
             {channel} as channel, {campaign} as campaign, {promotion} as promotion, {cost} as cost, {amount} as amount from \"{name}\"",
            name = source.name,
            message_id = own("message_id", "text"),
            channel = own("channel", "text"),
            campaign = own(CAMPAIGN, "text"),
            promotion = own("promotion_id", "text"),
            cost = own("cost", "decimal(28, 4)"),
            amount = own("amount", "decimal(28, 4)"),
        )
    });
    let touch = job.effectiveness.attribution.of.name();
    let count = |step: &str| format!("count(*) filter (where action = '{step}') as {step}");
    let steps = ["sent", "delivered", "opened", "clicked", "converted", "bounced", "complained"].map(count).join(", ");
    let (fixed, join) = match campaign_table(job) {
        Some(table) => (
            "c.fixed".to_owned(),
            format!(
                "left join (select cast({CAMPAIGN} as text) as known, cast(max(cost) as decimal(28, 4)) as fixed from \"{table}\" \
                 group by cast({CAMPAIGN} as text)) c on c.known = m.campaign"
            ),
        ),
        None => ("cast(null as decimal(28, 4))".to_owned(), String::new()),
    };
    format!(
        "select m.customer_id, cast({MESSAGE} as bigint) as what, m.channel, m.campaign, m.promotion, m.has_id, cast(m.sent_at as date) as day, \
         cast(date_part('hour', m.sent_at) as bigint) as hour, cast(date_part('epoch', m.touched) as double) as moment, \
         cast(m.left_at as date) as left_day, m.sent, m.delivered, m.opened, m.clicked, m.converted, m.bounced, m.complained, \
         m.cost, m.amount, {no_goods}, {fixed} as fixed, cast(null as boolean) as granted
         from (select customer_id, coalesce(own_channel, min(channel)) as channel, coalesce(own_campaign, min(campaign)) as campaign, \
         coalesce(own_promotion, min(promotion)) as promotion, message_id is not null as has_id, \
         min(time) filter (where action in ('sent', 'delivered')) as sent_at, min(time) filter (where action = '{touch}') as touched, \
         min(time) filter (where action = 'unsubscribed') as left_at, {steps}, cast(sum(cost) as decimal(28, 4)) as cost, \
         cast(sum(amount) as decimal(28, 4)) as amount
         from (select customer_id, source, time, action, message_id, channel, campaign, promotion, cost, amount, \
         case when message_id is null then channel end as own_channel, case when message_id is null then campaign end as own_campaign, \
         case when message_id is null then promotion end as own_promotion, case when message_id is null then time end as own_time
         from ({rows}))
         group by customer_id, source, message_id, own_channel, own_campaign, own_promotion, own_time) m
         {join}",
        no_goods = nulls(&["margin", "uncosted"]),
    )
}

/// Purchases and refunds, as the presets mean them: see `value.sql`.
fn purchases(job: &Job) -> String {
    let rows = of_kind(job, SourceKind::Transactions, |source| {
        let is_refund = if source.column("is_refund").is_some() { "is_refund" } else { "null" };
        let cost = if tells(job, source, "cost") { "cost" } else { "null" };
        format!(
            "select customer_id, time, cast(amount as decimal(28, 4)) as amount, coalesce(cast({is_refund} as boolean), amount < 0) as refund, \
             try_cast({cost} as decimal(28, 4)) as cost, {promotion} as promotion from \"{name}\"",
            name = source.name,
            promotion = column(job, source, "promotion_id", "text"),
        )
    });
    let net = "case when refund then -abs(amount) else amount end";
    format!(
        "select customer_id, cast({PURCHASE} as bigint) as what, {nothing}, promotion, {no_message}, \
         cast(date_part('epoch', time) as double) as moment, {no_steps}, count(*) filter (where not refund) as converted, {no_cost}, \
         cast(sum({net}) as decimal(28, 4)) as amount, \
         cast(sum(case when refund then abs(cost) - abs(amount) else amount - cost end) as decimal(28, 4)) as margin, \
         cast(sum({net}) filter (where cost is null) as decimal(28, 4)) as uncosted, {no_consent}
         from ({rows}) group by customer_id, time, promotion",
        nothing = nulls(&["channel", "campaign"]),
        no_message = nulls(&["has_id", "day", "hour"]),
        no_steps = nulls(&["left_day", "sent", "delivered", "opened", "clicked"]),
        no_cost = nulls(&["bounced", "complained", "cost"]),
        no_consent = nulls(&["fixed", "granted"]),
    )
}
