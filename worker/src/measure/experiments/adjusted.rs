//! Differences less what was different before: CUPED (Deng, Xu, Kohavi and Walker 2013, WSDM, 123–132).

use crate::measure::{
    effectiveness::OwnTotals,
    inference::{Estimate, means_difference},
};

/// A difference, adjusted by the same metric before the experiment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Adjusted {
    pub difference: f64,
    pub interval: (f64, f64),
    /// Its squared standard error over that of the plain difference of the same customers.
    pub variance_ratio: f64,
}

/// Gives the adjusted difference of two arms; the value before stands in the place of what a ratio is divided by.
///
/// y' = y − θ(x − x̄) with θ = cov(y, x) / var(x) and x̄ of both arms together. The error of θ is left out, as it is of the order 1/n of the
/// variance.
///
/// # Errors
/// Why there is none.
pub(super) fn adjusted(arm: &OwnTotals, control: &OwnTotals, level: f64) -> Result<Adjusted, &'static str> {
    let mut both = arm.clone();
    both.merge(control);
    let moments = both.paired_moments().ok_or("fewer than two customers in an arm")?;
    if moments.spread_before <= 0.0 {
        return Err("nobody differed before");
    }
    let theta = moments.together / moments.spread_before;
    let estimate = |of: &OwnTotals| {
        let own = of.paired_moments().filter(|own| own.n >= 2.0).ok_or("fewer than two customers in an arm")?;
        let squares = own.spread - 2.0 * theta * own.together + theta * theta * own.spread_before;
        let freedom = own.n - 1.0;
        let of_mean = |squares: f64| squares.max(0.0) / (own.n * freedom);
        let value = own.mean - theta * (own.before - moments.before);
        Ok::<_, &'static str>((Estimate { value, variance: of_mean(squares), df: freedom }, of_mean(own.spread)))
    };
    let ((arm, plain), (control, control_plain)) = (estimate(arm)?, estimate(control)?);
    if plain <= 0.0 || control_plain <= 0.0 {
        return Err("all values of an arm are equal");
    }
    let (difference, interval) = means_difference(&arm, &control, level).ok_or("all adjusted values are equal")?;
    Ok(Adjusted { difference, interval, variance_ratio: (arm.variance + control.variance) / (plain + control_plain) })
}
