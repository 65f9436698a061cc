use super::*;
use segmenter_proto::{
    jobs::Step,
    models::{FittedConstant, FittedModel},
};

fn fitted(values: &[f64]) -> FittedModel {
    let constant = |value: &f64| FittedConstant { name: String::new(), value: *value, standard_error: None };
    FittedModel { constants: values.iter().map(constant).collect(), ..FittedModel::default() }
}

fn lifetime(model: OrderModel, step: Step) -> Lifetime {
    Lifetime { model, step, horizon_days: 273, holdout_days: 180, margin: 0.3, discount_rate: 0.1, sample: None }
}

fn forecaster(model: OrderModel, step: Step, orders: &[f64], value: &[f64]) -> Forecaster {
    let fit = LifetimeFit { customers: 9, orders: fitted(orders), order_value: fitted(value) };
    Forecaster::new(&lifetime(model, step), &fit, 273)
}

const CDNOW: [f64; 4] = [0.243, 4.414, 0.793, 2.426];
const CDNOW_VALUE: [f64; 3] = [6.25, 3.74, 15.44];

fn near(found: Option<f64>, expected: f64, within: f64) {
    let found = found.expect("a forecast");
    assert!((found / expected - 1.0).abs() < within, "{found} is not {expected}");
}

#[test]
fn the_sum_is_the_closed_form() {
    // mpmath 1.3 with 40 digits, of (a + b′ − 1) / (a − 1) · [1 − (1 − z)^s ₂F₁(s, b′; a + b′ − 1; z)].
    for ((shape, left, stayed, z), expected) in [
        ((0.243, 0.793, 2.426, 0.5), 0.214_187_480_844_514_8),
        ((2.243, 0.793, 4.426, 0.44), 1.500_248_208_241_571),
        ((26.5, 0.1, 30.0, 0.9), 205.806_806_505_914_73),
        // a = 1 is a limit there, and a + b′ < 1 a change of sign.
        ((0.5, 1.0, 2.0, 0.7), 0.798_052_488_617_023_7),
        ((3.0, 1.000_000_1, 5.0, 0.3), 1.132_367_945_062_649_3),
        ((0.2, 0.3, 0.4, 0.05), 0.010_387_914_011_782_932),
        // (1 − z)^s is below the smallest number.
        ((520.0, 0.8, 505.0, 0.8), f64::NAN),
        ((520.0, 0.8, 505.0, 0.6), 518.519_203_324_821_4),
        ((5.0, 40.0, 1000.0, 0.8), 13.321_319_492_064_242),
        ((1.5, 200_000.0, 700_000.0, 0.5), 1.169_670_362_310_811),
        ((0.243, 0.793, 2.426, 0.998), 8.953_696_685_717_207),
    ] {
        let found = orders_of_who_is_there(shape, left, stayed, z);
        if expected.is_nan() {
            // More than with less time.
            assert!(found > 518.5 && found.is_finite(), "{found}");
            continue;
        }
        assert!((found / expected - 1.0).abs() < 2e-12, "{shape} {left} {stayed} {z}: {found}, not {expected}");
    }
}

#[test]
fn the_published_customer_is_forecast() {
    // Fader, Hardie and Lee (2005): x = 2, t = 30.43 and T = 38.86 weeks, 39 weeks ahead: 1.226 orders.
    let mut forecaster = forecaster(OrderModel::BgNbd, Step::Week, &CDNOW, &CDNOW_VALUE);
    let history = History { orders: 2, last: 213, age: 272, value: 22.35 };
    let found = forecaster.of(&history);
    assert!((found.orders.unwrap() - 1.226).abs() < 0.001, "{found:?}");
    // By hand: 1 / (1 + .793 / 3.426 · ((4.414 + 272/7) / (4.414 + 213/7))^2.243), and 6.25 (15.44 + 2 · 22.35) / (12.5 + 2.74).
    near(found.alive, 0.726_576, 2e-5);
    near(found.order_value, 6.25 * 60.14 / 15.24, 1e-12);
    near(found.value, found.orders.unwrap() * 6.25 * 60.14 / 15.24, 1e-12);
    // Between what it is worth if all came at once and if all came at the end.
    let (most, least) = (0.3 * found.value.unwrap(), 0.3 * found.value.unwrap() / 1.1);
    assert!(least < found.discounted.unwrap() && found.discounted.unwrap() < most, "{found:?}");
    // Of a customer without repeat orders: certainly there, and worth what customers are in the mean.
    let once = forecaster.of(&History { orders: 0, last: 0, age: 272, value: 0.0 });
    near(once.alive, 1.0, 1e-15);
    near(once.order_value, 6.25 * 15.44 / 2.74, 1e-12);
}

#[test]
fn who_came_once_may_be_gone_by_the_other_model() {
    let mut forecaster = forecaster(OrderModel::MbgNbd, Step::Week, &[0.525, 6.183, 0.891, 1.614], &[]);
    // By hand: 1 / (1 + .891 / 1.614 · ((6.183 + 10) / 6.183)^.525).
    let found = forecaster.of(&History { orders: 0, last: 0, age: 70, value: 0.0 });
    near(found.alive, 1.0 / (1.0 + 0.891 / 1.614 * (16.183_f64 / 6.183).powf(0.525)), 1e-14);
    assert_eq!((found.order_value, found.value, found.discounted), (None, None, None));
    // The longer ago, the less.
    let later = forecaster.of(&History { orders: 0, last: 0, age: 700, value: 0.0 });
    assert!(later.alive < found.alive && later.orders < found.orders);
}

#[test]
fn orders_to_come_are_the_same_in_any_unit_and_their_worth_nearly() {
    let history = History { orders: 3, last: 100, age: 200, value: 10.0 };
    let of = |step: Step| {
        let orders = [CDNOW[0], CDNOW[1] * 7.0 / step.days(), CDNOW[2], CDNOW[3]];
        forecaster(OrderModel::BgNbd, step, &orders, &CDNOW_VALUE).of(&history)
    };
    let (day, week, month) = (of(Step::Day), of(Step::Week), of(Step::Month));
    near(day.orders, week.orders.unwrap(), 1e-12);
    near(month.orders, week.orders.unwrap(), 1e-12);
    // Discounted at the end of a step: a day later at most, a week, a month.
    assert!(month.discounted < week.discounted && week.discounted < day.discounted);
    near(month.discounted, day.discounted.unwrap(), 0.01);
}

#[test]
fn orders_within_steps_add_up_with_their_worth() {
    let history = History { orders: 3, last: 100, age: 203, value: 10.0 };
    let found = forecaster(OrderModel::BgNbd, Step::Week, &CDNOW, &CDNOW_VALUE).of(&history);
    // A second time: by what is expected up to the end of each week.
    let fit = LifetimeFit { customers: 9, orders: fitted(&CDNOW), order_value: fitted(&CDNOW_VALUE) };
    let up_to = |days: u32| {
        Forecaster::undiscounted(&lifetime(OrderModel::BgNbd, Step::Week), &fit, days).of(&history).value.unwrap()
    };
    let weeks = (1..=39).map(|week| (up_to(week * 7) - if week > 1 { up_to(week * 7 - 7) } else { 0.0 }, week * 7));
    let expected: f64 = weeks.map(|(value, end)| 0.3 * value / 1.1_f64.powf(f64::from(end) / 365.0)).sum();
    near(found.discounted, expected, 1e-12);
    near(found.value, up_to(273), 1e-12);
}

#[test]
fn what_cannot_be_known_is_none() {
    let once = History { orders: 0, last: 0, age: 10, value: 0.0 };
    // A mean over customers that is infinite, orders of no value, and no model at all.
    let mut infinite = forecaster(OrderModel::BgNbd, Step::Week, &CDNOW, &[6.0, 0.9, 15.0]);
    assert!(infinite.of(&once).order_value.is_none() && infinite.of(&once).orders.is_some());
    assert!(infinite.of(&History { orders: 1, value: 5.0, ..once }).order_value.is_some());
    assert!(infinite.of(&History { orders: 1, value: 0.0, ..once }).order_value.is_none());
    assert_eq!(forecaster(OrderModel::BgNbd, Step::Week, &[], &[]).of(&once), Forecast::default());
    // Far more terms than anybody waits for.
    let extreme = [1e-6, 1e-6, 1e-6, 1.0];
    let found = forecaster(OrderModel::BgNbd, Step::Week, &extreme, &CDNOW_VALUE).of(&History { age: 0, ..once });
    assert_eq!((found.orders, found.discounted), (None, None));
}
