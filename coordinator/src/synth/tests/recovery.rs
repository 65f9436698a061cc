//! The planted groups can be found from what the job's features see.

use crate::synth::calendar::{AS_OF_DAY, Calendar};
use crate::synth::customer::Customer;
use crate::synth::group::GROUPS;
use crate::synth::line::{self, Rows, Shop};
use crate::synth::orders::{OrderLine, Spoilt, Status};
use crate::synth::product::Catalogue;
use crate::synth::random::Stream;
use crate::synth::tills::Receipt;
use std::collections::BTreeSet;

const FEATURES: usize = 5;
const K: usize = 6;

/// One customer's rows, gathered to the job's features.
#[derive(Default)]
struct Features {
    orders: BTreeSet<i64>,
    last: i64,
    rows: f64,
    promoted: f64,
    gifts: f64,
    gross: f64,
    client: i64,
}

impl Features {
    fn add(&mut self, order: i64, day: i64, cents: i64, promoted: bool, gift: bool) {
        if day >= AS_OF_DAY {
            return;
        }
        self.rows += 1.0;
        self.promoted += f64::from(u8::from(promoted));
        self.gifts += f64::from(u8::from(gift));
        if cents > 0 {
            self.orders.insert(order);
            self.last = self.last.max(day);
            self.gross += cents as f64 / 100.0;
        }
    }

    fn values(&self) -> [f64; FEATURES] {
        let orders = self.orders.len() as f64;
        [(AS_OF_DAY - self.last) as f64, orders, self.gross / orders, self.promoted / self.rows, self.gifts / self.rows]
    }
}

impl Rows for Features {
    fn order(&mut self, day: i64, line: OrderLine) {
        if line.client == self.client && line.spoilt == Spoilt::No && line.status == Status::Paid {
            let cents = line.price * line.quantity - line.discount;
            self.add(line.order_no, day, cents.into(), line.discount != 0, line.gift);
        }
    }

    fn receipt(&mut self, receipt: Receipt) {
        if receipt.card == self.client {
            let day = (receipt.date - Calendar::new().date(0)).num_days();
            self.add(receipt.receipt, day, receipt.cents, receipt.percent != 0, receipt.gift);
        }
    }
}

/// log1p where the skewness is above 1, then z-scores: what `auto` does.
fn standardise(rows: &mut [[f64; FEATURES]]) {
    for feature in 0..FEATURES {
        for pass in 0..2 {
            let n = rows.len() as f64;
            let mean = rows.iter().map(|row| row[feature]).sum::<f64>() / n;
            let moment = |p: i32| rows.iter().map(|row| (row[feature] - mean).powi(p)).sum::<f64>() / n;
            let (sd, skewness) = (moment(2).sqrt(), moment(3) / moment(2).powf(1.5));
            for row in rows.iter_mut() {
                row[feature] = match pass {
                    0 if skewness > 1.0 => row[feature].ln_1p(),
                    0 => row[feature],
                    _ => (row[feature] - mean) / sd,
                };
            }
        }
    }
}

fn distance(a: &[f64; FEATURES], b: &[f64; FEATURES]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum()
}

fn nearest(row: &[f64; FEATURES], centres: &[[f64; FEATURES]]) -> (usize, f64) {
    centres
        .iter()
        .map(|centre| distance(row, centre))
        .enumerate()
        .fold((0, f64::INFINITY), |best, found| if found.1 < best.1 { found } else { best })
}

/// The best of ten k-means++ starts, with its inertia.
fn cluster(rows: &[[f64; FEATURES]], k: usize) -> (f64, Vec<usize>) {
    let start = |restart: u64| {
        let mut stream = Stream::new(1, "restart", restart);
        let mut centres = vec![rows[stream.between(0, rows.len() as i64 - 1) as usize]];
        while centres.len() < k {
            let weights: Vec<f64> = rows.iter().map(|row| nearest(row, &centres).1).collect();
            centres.push(rows[stream.choice(&weights)]);
        }
        for _ in 0..30 {
            let mut sums = vec![([0.0; FEATURES], 0.0); k];
            for row in rows {
                let (sum, count) = &mut sums[nearest(row, &centres).0];
                sum.iter_mut().zip(row).for_each(|(total, value)| *total += value);
                *count += 1.0;
            }
            centres = sums.into_iter().map(|(sum, count)| sum.map(|total| total / f64::max(count, 1.0))).collect();
        }
        let inertia: f64 = rows.iter().map(|row| nearest(row, &centres).1).sum();
        (inertia, rows.iter().map(|row| nearest(row, &centres).0).collect())
    };
    (0..10).map(start).min_by(|a: &(f64, Vec<usize>), b| a.0.total_cmp(&b.0)).unwrap()
}

/// Adjusted Rand index (Hubert and Arabie 1985).
fn adjusted_rand(a: &[usize], b: &[usize]) -> f64 {
    let pairs = |n: f64| n * (n - 1.0) / 2.0;
    let mut table = [[0.0; 8]; 8];
    a.iter().zip(b).for_each(|(x, y)| table[*x][*y] += 1.0);
    let both: f64 = table.iter().flatten().map(|n| pairs(*n)).sum();
    let left: f64 = table.iter().map(|row| pairs(row.iter().sum())).sum();
    let right: f64 = (0..8).map(|column| pairs(table.iter().map(|row| row[column]).sum())).sum();
    let expected = left * right / pairs(a.len() as f64);
    (both - expected) / ((left + right) / 2.0 - expected)
}

#[test]
fn k_means_on_the_features_of_the_job_finds_the_planted_groups() {
    let (calendar, catalogue) = (Calendar::new(), Catalogue::new());
    let shop = Shop { seed: 42, lines_per_order: 1.5, calendar, catalogue, moves: None };
    let mut truth = Vec::new();
    let mut rows = Vec::new();
    for number in 0..4000 {
        let group = Customer::draw(shop.seed, number, &shop.calendar).group;
        let mut features = Features { client: crate::synth::customer::client_number(number), ..Features::default() };
        line::draw(&shop, number, &mut features);
        assert_eq!(features.orders.is_empty(), group.orders.1 == 0, "customer {number} of {}", group.name);
        if group.orders.1 > 0 {
            truth.push(GROUPS.iter().position(|planted| planted.name == group.name).unwrap());
            rows.push(features.values());
        }
    }
    standardise(&mut rows);
    let found = cluster(&rows, K).1;
    let index = adjusted_rand(&truth, &found);
    let mut table = [[0; K]; K];
    truth.iter().zip(&found).for_each(|(planted, cluster)| table[*planted][*cluster] += 1);
    assert!(index >= 0.95, "adjusted Rand index {index}; planted by found: {table:?}");
    // Calinski and Harabasz's index, up to a factor: the rows are z-scores, so their total is n times the features.
    let score = |k: usize| (((rows.len() * FEATURES) as f64 / cluster(&rows, k).0) - 1.0) / (k as f64 - 1.0);
    let scores: Vec<f64> = (4..=9).map(score).collect();
    assert!(scores.iter().all(|other| *other <= scores[K - 4]), "k = 4 to 9: {scores:?}");
}
