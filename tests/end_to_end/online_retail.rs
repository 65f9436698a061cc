//! Online Retail, both years, against numbers that were computed with DuckDB 2.0 (`tests/peers/online_retail.py`).

use crate::harness::*;
use std::path::Path;

fn run_example(name: &str) -> Option<(Workspace, CommittedRun)> {
    let data = shared_data("online_retail/online_retail_2010_2011.parquet")?;
    let data = data.parent().and_then(Path::parent).unwrap().to_str().unwrap().to_owned();
    let workspace = Workspace::new();
    let job = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/examples").join(name);
    let ran = workspace.run(&job).env("DATA", &data).env("OUT", &workspace.uri("out")).go().succeeded();
    let run = CommittedRun::of(&ran);
    Some((workspace, run))
}

struct Shop {
    customers: usize,
    buyers: usize,
    orders: u64,
    net: i128,
    repeat_rate: f64,
}

/// Reads the numbers off `features/`, in ten-thousandths of a pound.
fn shop(run: &CommittedRun) -> Shop {
    let features = run.table("features");
    let orders: Vec<u64> = features.column("frequency").into_iter().map(|n| n.unwrap().parse().unwrap()).collect();
    let money = |text: &str| text.replace('.', "").parse::<i128>().unwrap();
    let buyers = orders.iter().filter(|orders| **orders >= 1).count();
    Shop {
        customers: orders.len(),
        buyers,
        orders: orders.iter().sum(),
        net: features.column("monetary").into_iter().map(|amount| money(amount.unwrap())).sum(),
        repeat_rate: orders.iter().filter(|orders| **orders >= 2).count() as f64 / buyers as f64,
    }
}

#[test]
fn sales_of_2010_2011() {
    let Some((_workspace, run)) = run_example("online_retail.toml") else { return };
    let fates = run.fates("orders");
    assert_eq!((fates.read, fates.used, fates.filtered, fates.anonymous), (541_909, 397_884, 11_805, 132_220));
    let shop = shop(&run);
    assert_eq!((shop.customers, shop.buyers, shop.orders), (4_338, 4_338, 18_532));
    assert_eq!(shop.net, 89_114_079_040);
    assert!((shop.repeat_rate - 0.6558).abs() < 0.00005, "{}", shop.repeat_rate);
}

#[test]
fn net_of_refunds_of_2010_2011() {
    let Some((_workspace, run)) = run_example("online_retail_net.toml") else { return };
    let fates = run.fates("orders");
    assert_eq!((fates.read, fates.used, fates.filtered, fates.anonymous), (541_909, 406_829, 0, 135_080));
    let shop = shop(&run);
    // 33 customers only brought things back; one more bought for nothing.
    assert_eq!((shop.customers, shop.buyers, shop.orders), (4_372, 4_339, 18_536));
    assert_eq!(shop.net, 83_000_658_140);
    assert_eq!(run.assignments("value").counts("segment_key")["no_purchases"], 33);
}

#[test]
fn both_years_without_their_overlap() {
    let Some((_workspace, run)) = run_example("online_retail_both_years.toml") else { return };
    let (first, second) = (run.fates("orders_2009"), run.fates("orders_2010"));
    assert_eq!((first.read, first.filtered, second.read), (525_461, 22_523, 541_909));
    assert_eq!(first.read - first.filtered + second.read, 1_044_847);
    assert_eq!((first.used, second.used), (402_731, 406_829));
    let shop = shop(&run);
    assert_eq!((shop.customers, shop.buyers, shop.orders), (5_942, 5_881, 36_975));
    assert_eq!(shop.net, 163_436_510_380);
}

/// The best inertia of 50 starts of scikit-learn 1.9.1 on the matrix that `tests/peers/online_retail.py` makes: recency,
/// orders and revenue of 4,338 customers, log(1 + x), winsorised at 0.5 %, z-scores; k = 5.
const BEST_OF_SCIKIT_LEARN: f64 = 3185.8975;

#[test]
fn clusters_are_as_tight_as_the_best_of_fifty_starts() {
    let Some((_workspace, run)) = run_example("online_retail.toml") else { return };
    let distances = run.assignments("behaviour").numbers("distance");
    let inertia: f64 = distances.iter().map(|distance| distance * distance).sum();
    assert!(inertia <= BEST_OF_SCIKIT_LEARN * 1.01, "inertia {inertia}, scikit-learn {BEST_OF_SCIKIT_LEARN}");
    assert!(inertia >= BEST_OF_SCIKIT_LEARN * 0.99, "inertia {inertia} is of another matrix");
}
