//! From merged sums to the rows of `experiments.parquet`.

use super::{
    compare::{Cell, Compared, Form, compare},
    statistic::ExperimentStatistic,
};
use crate::{
    measure::{
        effectiveness::Basis,
        groups::apart_from_all,
        inference::{benjamini_hochberg, heterogeneity, shares_fit},
    },
    results::ExperimentRow,
    words::Words,
};
use segmenter_proto::{
    Error, Result,
    jobs::{Experiment, MetricKind, OwnMetric},
    methods,
};

/// Metrics of experiments that are built in.
pub const EXPERIMENT_METRICS: [&str; 4] = ["revenue_per_customer", "conversion", "average_order_value", "repeat_rate"];

/// Below it the sizes of the arms do not fit their shares: something else than the plan decided who is in them.
const UNEQUAL: f64 = 0.001;

/// Which experiment is told of.
#[derive(Debug, Clone, Copy)]
pub struct ExperimentScope<'a> {
    /// The experiment.
    pub experiment: &'a Experiment,
    /// Metrics of the user's own.
    pub own: &'a [OwnMetric],
    /// ISO 4217 code of every amount.
    pub currency: Option<&'a str>,
    /// The window that ends with the experiment.
    pub basis: Basis,
    /// Customers that each arm must have for its figures to be told.
    pub min_cell: u64,
    /// Of intervals, such as 0.95.
    pub level: f64,
    /// The words that it is told in.
    pub words: &'a Words,
}

/// Sums over the segments of a segmentation.
#[derive(Debug, Clone, Copy)]
pub struct ExperimentGroups<'a> {
    /// Name of the segmentation.
    pub segmentation: &'a str,
    /// Keys of the segments, in the order of the labels.
    pub segment_keys: &'a [String],
    /// Whether a customer can be in several of them.
    pub overlapping: bool,
    /// The sums.
    pub statistic: &'a ExperimentStatistic,
}

/// A metric as it is told.
struct Metric<'a> {
    name: &'a str,
    form: Form,
    unit: &'static str,
    is_money: bool,
    /// Only of customers who bought, which the experiment may have changed.
    of_buyers: bool,
}

/// Where a row stands.
struct Place<'a> {
    segmentation: Option<&'a str>,
    segment_key: Option<&'a str>,
    metric: usize,
    arm: usize,
    /// The group of the sums.
    group: usize,
}

/// Gives the rows of an experiment: over everybody, then by segmentation and segment. The tests of one call are one family.
///
/// # Errors
/// A bug where sums are of other arms, metrics or segments.
pub fn experiment_rows(
    scope: &ExperimentScope<'_>,
    overall: &ExperimentStatistic,
    divisions: &[ExperimentGroups<'_>],
) -> Result<Vec<ExperimentRow>> {
    let control = scope.experiment.control().ok_or_else(|| Error::bug("an experiment has no control"))?;
    let metrics = metrics(scope)?;
    let arms: Vec<usize> = (0..scope.experiment.arms.len()).filter(|arm| *arm != control).collect();
    let sample_ratio = sample_ratio(scope.experiment, overall);
    let told = Told { scope, metrics: &metrics, control, sample_ratio, left_out: overall.left_out };
    let mut rows = Vec::new();
    for metric in 0..metrics.len() {
        for &arm in &arms {
            let place = Place { segmentation: None, segment_key: None, metric, arm, group: 0 };
            rows.push(told.row(&place, overall, None)?.0);
        }
    }
    for division in divisions {
        for metric in 0..metrics.len() {
            for &arm in &arms {
                rows.extend(told.of_segments(division, metric, arm)?);
            }
        }
    }
    let tested: Vec<f64> = rows.iter().filter_map(|row| row.p_value).collect();
    let mut q_values = benjamini_hochberg(&tested).into_iter();
    for row in rows.iter_mut().filter(|row| row.p_value.is_some()) {
        row.q_value = q_values.next();
        row.tests = Some(tested.len() as i64);
    }
    Ok(rows)
}

/// Gives the p-value of the sizes of the arms against their planned shares, where these do not fit each other.
pub fn unequal_arms(experiment: &Experiment, overall: &ExperimentStatistic) -> Option<f64> {
    sample_ratio(experiment, overall).filter(|p| *p < UNEQUAL)
}

fn sample_ratio(experiment: &Experiment, overall: &ExperimentStatistic) -> Option<f64> {
    let sums = overall.metrics.first()?;
    let sizes: Vec<u64> = sums.plain.iter().take(experiment.arms.len()).map(|arm| arm.known + arm.unknown).collect();
    let shares: Vec<f64> = experiment.arms.iter().map(|(_, share)| *share).collect();
    shares_fit(&sizes, &shares)
}

fn metrics<'a>(scope: &ExperimentScope<'a>) -> Result<Vec<Metric<'a>>> {
    let metric = |name: &'a String| {
        let built_in = |form, unit, is_money, of_buyers| Metric { name, form, unit, is_money, of_buyers };
        Ok(match name.as_str() {
            "revenue_per_customer" => built_in(Form::Mean, "currency_per_customer", true, false),
            "conversion" => built_in(Form::Share, "share", false, false),
            "average_order_value" => built_in(Form::Ratio, "currency_per_order", true, true),
            "repeat_rate" => built_in(Form::Share, "share", false, true),
            _ => {
                let own = scope.own.iter().find(|metric| metric.name == *name);
                let own = own.ok_or_else(|| Error::bug(format!("there is no metric {name}")))?;
                match own.kind {
                    MetricKind::Rate => built_in(Form::Share, "share", false, false),
                    MetricKind::Mean => built_in(Form::Mean, "value", false, false),
                    MetricKind::Ratio => built_in(Form::Ratio, "value", false, false),
                    MetricKind::Total => return Err(Error::bug("a total is no metric of experiments")),
                }
            }
        })
    };
    scope.experiment.metrics.iter().map(metric).collect()
}

/// What is the same in all rows.
struct Told<'a> {
    scope: &'a ExperimentScope<'a>,
    metrics: &'a [Metric<'a>],
    control: usize,
    sample_ratio: Option<f64>,
    left_out: [u64; 3],
}

impl Told<'_> {
    fn of_segments(&self, division: &ExperimentGroups<'_>, metric: usize, arm: usize) -> Result<Vec<ExperimentRow>> {
        let arms = self.scope.experiment.arms.len();
        let sums = division.statistic.metrics.get(metric).ok_or_else(|| Error::bug("a metric has no sums"))?;
        let groups: Vec<&[_]> = sums.plain.chunks(arms).collect();
        let (groups, _) = apart_from_all(&groups, division.overlapping)?;
        if groups.len() != division.segment_keys.len() {
            return Err(Error::bug(format!("an experiment has other segments of {}", division.segmentation)));
        }
        let mut rows = Vec::new();
        let mut differences = Vec::new();
        for (group, key) in division.segment_keys.iter().enumerate() {
            let (segmentation, segment_key) = (Some(division.segmentation), Some(key.as_str()));
            let place = Place { segmentation, segment_key, metric, arm, group };
            let (row, difference) = self.row(&place, division.statistic, Some(division.overlapping))?;
            rows.push(row);
            differences.extend(difference.filter(|_| key != methods::OUT_OF_SCOPE));
        }
        if !division.overlapping
            && let Some((q, df, p)) = heterogeneity(&differences)
        {
            for row in rows.iter_mut().filter(|row| row.segment_key.as_deref() != Some(methods::OUT_OF_SCOPE)) {
                (row.heterogeneity, row.heterogeneity_df, row.heterogeneity_p) = (Some(q), Some(df as i64), Some(p));
            }
        }
        Ok(rows)
    }

    /// Gives a row, and the difference with its squared standard error where both are known.
    fn row(
        &self,
        place: &Place<'_>,
        statistic: &ExperimentStatistic,
        overlapping: Option<bool>,
    ) -> Result<(ExperimentRow, Option<(f64, f64)>)> {
        let Place { metric, arm, group, .. } = *place;
        let (scope, experiment) = (self.scope, self.scope.experiment);
        let metric_told = &self.metrics[metric];
        let sums = statistic.metrics.get(metric).ok_or_else(|| Error::bug("a metric has no sums"))?;
        let of_arm = |totals: &'_ [_], arm: usize| totals.get(group * experiment.arms.len() + arm).cloned();
        let plain = [of_arm(&sums.plain, arm), of_arm(&sums.plain, self.control)];
        let [Some(own), Some(control)] = plain else { return Err(Error::bug("an arm of an experiment has no sums")) };
        let paired = match [of_arm(&sums.paired, arm), of_arm(&sums.paired, self.control)] {
            [Some(own), Some(control)] => Some([own, control]),
            _ => None,
        };
        let assigned = |totals: &crate::measure::effectiveness::OwnTotals| totals.known + totals.unknown;
        // A value of buyers is told where enough bought, and not where enough were assigned.
        let shown_of = |totals: &crate::measure::effectiveness::OwnTotals| match metric_told.of_buyers {
            true => totals.known,
            false => assigned(totals),
        };
        let few = [&own, &control].into_iter().any(|totals| shown_of(totals) < scope.min_cell);
        let compared = if scope.basis.not_over().is_some() {
            Compared::nothing("the experiment is not over")
        } else if few {
            Compared::nothing("an arm has few customers")
        } else {
            let paired = paired.as_ref().map(|[own, control]| [own, control]);
            compare(metric_told.form, [&own, &control], paired, scope.level)
        };
        let word = if metric_told.of_buyers {
            "difference among buyers"
        } else if experiment.randomised {
            "effect"
        } else {
            "difference"
        };
        let row = ExperimentRow {
            experiment: experiment.name.clone(),
            segmentation: place.segmentation.map(str::to_owned),
            segment_key: place.segment_key.map(str::to_owned),
            metric: metric_told.name.to_owned(),
            arm: experiment.arms[arm].0.clone(),
            control: experiment.control.clone(),
            basis: scope.basis.name().to_owned(),
            window_start: experiment.start,
            window_end: experiment.end,
            unit: metric_told.unit.to_owned(),
            currency: scope.currency.filter(|_| metric_told.is_money).map(str::to_owned),
            word: word.to_owned(),
            assigned: whole(assigned(&own)),
            n: whole(own.known),
            value: compared.value.ok(),
            control_assigned: whole(assigned(&control)),
            control_n: whole(control.known),
            control_value: compared.control.ok(),
            difference: compared.difference.ok(),
            ci_low: compared.interval.ok().map(|(low, _)| low),
            ci_high: compared.interval.ok().map(|(_, high)| high),
            ci_level: compared.interval.ok().map(|_| scope.level),
            relative: compared.relative.ok(),
            relative_low: compared.relative_interval.ok().map(|(low, _)| low),
            relative_high: compared.relative_interval.ok().map(|(_, high)| high),
            adjusted_difference: compared.adjusted.ok().map(|adjusted| adjusted.difference),
            adjusted_low: compared.adjusted.ok().map(|adjusted| adjusted.interval.0),
            adjusted_high: compared.adjusted.ok().map(|adjusted| adjusted.interval.1),
            variance_ratio: compared.adjusted.ok().map(|adjusted| adjusted.variance_ratio),
            smallest_difference: compared.smallest.ok(),
            p_value: compared.p_value.ok(),
            q_value: None,
            tests: None,
            heterogeneity: None,
            heterogeneity_df: None,
            heterogeneity_p: None,
            sample_ratio_p: self.sample_ratio,
            in_two_arms: whole(self.left_out[0]),
            in_other_arm: whole(self.left_out[1]),
            too_late: whole(self.left_out[2]),
            sentence: self.sentence(word, arm, metric_told, &compared),
            reason: self.reason(&compared, overlapping),
        };
        let difference = compared.difference.ok().zip(compared.variance.ok());
        Ok((row, difference))
    }

    fn sentence(&self, word: &str, arm: usize, metric: &Metric<'_>, compared: &Compared) -> String {
        let (words, experiment) = (self.scope.words, self.scope.experiment);
        let shown = |value: f64| match metric.form {
            Form::Share => words.percent(&words.fixed(value * 100.0, 2)),
            _ => words.fixed(value, 2),
        };
        let called = |kind: &str, name: &str| words.translated(kind, name).unwrap_or_else(|| name.to_owned());
        let name = called("metric", metric.name);
        let (arm, control) = (&experiment.arms[arm].0, &experiment.control);
        let (Ok(value), Ok(beside), Ok(difference)) = (compared.value, compared.control, compared.difference) else {
            let told = [("metric", name.into()), ("arm", arm.into()), ("control", control.into())];
            return words.say("experiment-unknown", told);
        };
        let interval = compared.interval.map_or_else(
            |_| String::new(),
            |(low, high)| {
                let may_be_chance = low <= 0.0 && 0.0 <= high;
                let chance = if may_be_chance { "yes" } else { "no" };
                let told = [("low", shown(low).into()), ("high", shown(high).into()), ("chance", chance.into())];
                words.say("experiment-interval", told)
            },
        );
        let text = words.say(
            "experiment-found",
            [
                ("metric", name.into()),
                ("value", shown(value).into()),
                ("arm", arm.into()),
                ("beside", shown(beside).into()),
                ("control", control.into()),
                (
                    "word",
                    words.translated("compared", &word.replace(' ', "_")).unwrap_or_else(|| word.to_owned()).into(),
                ),
                ("difference", shown(difference).into()),
                ("interval", interval.into()),
            ],
        );
        match self.sample_ratio.is_some_and(|p| p < UNEQUAL) {
            true => format!("{text} {}", words.word("experiment-sizes")),
            false => text,
        }
    }

    /// Gives why cells are null, as `cells: why; cells: why`, in the order of the columns.
    fn reason(&self, compared: &Compared, overlapping: Option<bool>) -> Option<String> {
        let cells: [(&str, Cell<()>); 8] = [
            ("value", compared.value.map(|_| ())),
            ("control_value", compared.control.map(|_| ())),
            ("difference", compared.difference.map(|_| ())),
            ("ci", compared.interval.map(|_| ())),
            ("relative", compared.relative.map(|_| ()).and(compared.relative_interval.map(|_| ()))),
            ("adjusted", compared.adjusted.map(|_| ())),
            ("smallest_difference", compared.smallest.map(|_| ())),
            ("p_value, q_value", compared.p_value.map(|_| ())),
        ];
        let overlap = overlapping.filter(|overlapping| *overlapping).map(|_| ("heterogeneity", "segments overlap"));
        let nulls = cells.into_iter().filter_map(|(cell, known)| Some((cell, known.err()?))).chain(overlap);
        let mut by_why: Vec<(&str, Vec<&str>)> = Vec::new();
        for (cell, why) in nulls {
            match by_why.iter_mut().find(|(known, _)| *known == why) {
                Some((_, named)) => named.push(cell),
                None => by_why.push((why, vec![cell])),
            }
        }
        let told = |why: &str| match why {
            "an arm has few customers" => format!("an arm has fewer than {} customers", self.scope.min_cell),
            "the experiment is not over" => self.scope.basis.not_over().unwrap_or_default(),
            why => why.to_owned(),
        };
        let parts: Vec<String> =
            by_why.iter().map(|(why, cells)| format!("{}: {}", cells.join(", "), told(why))).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
