//! One arm beside the control, by one metric.

use super::adjusted::{Adjusted, adjusted};
use crate::measure::{
    effectiveness::OwnTotals,
    inference::{
        Estimate, fieller_interval, means_difference, shares_difference, shares_p_value, shares_relative,
        smallest_difference, welch_p_value,
    },
};

/// How a metric is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Values are 0 or 1.
    Share,
    Mean,
    Ratio,
}

/// A cell, or why it is null.
pub(super) type Cell<T = f64> = Result<T, &'static str>;

/// What an experiment says of an arm.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Compared {
    pub value: Cell,
    pub control: Cell,
    pub difference: Cell,
    pub interval: Cell<(f64, f64)>,
    /// The squared standard error of the difference, by which segments are compared.
    pub variance: Cell,
    pub relative: Cell,
    pub relative_interval: Cell<(f64, f64)>,
    pub adjusted: Cell<Adjusted>,
    pub smallest: Cell,
    pub p_value: Cell,
}

impl Compared {
    /// Gives one of which nothing can be said.
    pub fn nothing(why: &'static str) -> Self {
        Self {
            value: Err(why),
            control: Err(why),
            difference: Err(why),
            interval: Err(why),
            variance: Err(why),
            relative: Err(why),
            relative_interval: Err(why),
            adjusted: Err(why),
            smallest: Err(why),
            p_value: Err(why),
        }
    }
}

const NOBODY: &str = "nobody of whom it is known";
const CONSTANT: &str = "all values of an arm are equal";
/// Where most spend nothing and some much, Student's distribution is no guide to the mean of few who spend: with ten of them in an arm a ninth as
/// large as the other, one test of ten calls a difference that is none (log-normal money of σ 0.8), with a hundred about one of sixteen.
const ENOUGH_ABOVE_0: u64 = 100;
const FEW_ABOVE_0: &str = "an arm has fewer than 100 customers with a value above 0";
const NOT_APART_FROM_0: &str = "the control's value is not clearly different from 0";
const NO_COVARIATE: &str = "only means and rates are adjusted, and none of buyers";

/// Compares an arm with the control; `paired` are sums with the value before, of metrics that have one.
pub(super) fn compare(
    form: Form,
    [arm, control]: [&OwnTotals; 2],
    paired: Option<[&OwnTotals; 2]>,
    level: f64,
) -> Compared {
    let compared = match form {
        Form::Share => of_shares([(arm.positive, arm.known), (control.positive, control.known)], level),
        Form::Mean if [arm, control].into_iter().any(is_rarely_above_0) => {
            of_estimates([arm, control].map(OwnTotals::mean_of), [Err(FEW_ABOVE_0); 2], level)
        }
        Form::Mean => {
            of_estimates([arm, control].map(OwnTotals::mean_of), [arm, control].map(OwnTotals::mean_error), level)
        }
        Form::Ratio => {
            of_estimates([arm, control].map(OwnTotals::ratio_of), [arm, control].map(OwnTotals::ratio_error), level)
        }
    };
    let of_paired = |[arm, control]: [&OwnTotals; 2]| match form {
        Form::Mean if [arm, control].into_iter().any(is_rarely_above_0) => Err(FEW_ABOVE_0),
        _ => adjusted(arm, control, level),
    };
    Compared { adjusted: paired.ok_or(NO_COVARIATE).and_then(of_paired), ..compared }
}

/// Says whether some have no value above 0, and too few have one.
fn is_rarely_above_0(totals: &OwnTotals) -> bool {
    totals.positive < totals.known && totals.positive < ENOUGH_ABOVE_0
}

fn of_shares([arm, control]: [(u64, u64); 2], level: f64) -> Compared {
    if arm.1 == 0 || control.1 == 0 {
        return Compared::nothing(NOBODY);
    }
    let share = |(count, of): (u64, u64)| count as f64 / of as f64;
    let (p, q) = (share(arm), share(control));
    let (difference, interval) = shares_difference(arm, control, level);
    let variance = p * (1.0 - p) / arm.1 as f64 + q * (1.0 - q) / control.1 as f64;
    // Of both together, so that nobody of few is not taken for certain; below five expected no variance is a guide.
    let counted = arm.0 + control.0;
    let pooled = counted as f64 / (arm.1 + control.1) as f64;
    let expected =
        counted.min(arm.1 + control.1 - counted) as f64 * (arm.1.min(control.1) as f64 / (arm.1 + control.1) as f64);
    let of_both = pooled * (1.0 - pooled) * (1.0 / arm.1 as f64 + 1.0 / control.1 as f64);
    let nobody = "nobody, or everybody, of one of the arms";
    Compared {
        value: Ok(p),
        control: Ok(q),
        difference: Ok(difference),
        interval: Ok(interval),
        variance: if expected >= 5.0 { Ok(of_both) } else { Err("fewer than five are expected in an arm") },
        relative: if q > 0.0 { Ok(p / q - 1.0) } else { Err("the control's value is 0") },
        relative_interval: shares_relative(arm, control, level).ok_or(nobody),
        adjusted: Err(NO_COVARIATE),
        smallest: if variance > 0.0 { Ok(smallest_difference(variance.sqrt(), level)) } else { Err(CONSTANT) },
        p_value: shares_p_value(arm, control).ok_or("all shares are 0, or all are 1"),
    }
}

fn of_estimates([value, control]: [Cell; 2], errors: [Cell<Estimate>; 2], level: f64) -> Compared {
    let both = value.and_then(|value| control.map(|control| (value, control)));
    let estimates = match errors {
        // An arm in which nothing was seen to vary is not known without error.
        [Ok(arm), Ok(control)] if arm.variance > 0.0 && control.variance > 0.0 => Ok((arm, control)),
        [Ok(_), Ok(_)] => Err(CONSTANT),
        [Err(why), _] | [_, Err(why)] => Err(why),
    };
    let variance = estimates.map(|(arm, control)| arm.variance + control.variance);
    Compared {
        value,
        control,
        difference: both.map(|(value, control)| value - control),
        interval: estimates
            .and_then(|(arm, control)| means_difference(&arm, &control, level).map(|(_, ends)| ends).ok_or(CONSTANT)),
        variance,
        relative: both.and_then(|(value, control)| {
            if control > 0.0 { Ok(value / control - 1.0) } else { Err("the control's value is not above 0") }
        }),
        relative_interval: estimates.and_then(|(arm, control)| match control.value > 0.0 {
            true => fieller_interval(&arm, &control, level).ok_or(NOT_APART_FROM_0),
            false => Err(NOT_APART_FROM_0),
        }),
        adjusted: Err(NO_COVARIATE),
        smallest: variance.map(|variance| smallest_difference(variance.sqrt(), level)),
        p_value: estimates.and_then(|(arm, control)| welch_p_value(&arm, &control).ok_or(CONSTANT)),
    }
}
