//! How tight clusters are and how far they lie apart: one pass over all rows, exact and mergeable.

use segmenter_proto::{Error, ExactSum, Result, models::GRID, v1};

use crate::segmentation::kmeans::{
    kernel::{Instructions, NearestTwo, Points, squared_distance},
    rows::{centroids::Centroids, matrix::Matrix},
};

/// What is told of each cluster, in the order of the centroids; adds up over shards in any order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Separation {
    clusters: Vec<ClusterSpread>,
}

/// Of the rows of one cluster.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClusterSpread {
    /// Rows.
    pub rows: u64,
    /// Sum of squared distances to the centroid, in squared grid units.
    pub squares: u128,
    /// Sum of distances to the centroid, each rounded to a grid unit.
    pub distances: u128,
    /// Sum of (b − a) / max(a, b) with the distances a to the own and b to the next centroid.
    pub silhouette: ExactSum,
}

impl ClusterSpread {
    /// Takes in a row, of its exact squared distances to the own centroid and to the nearest other one; `u64::MAX`: there is
    /// none, which counts 0 in the silhouette.
    ///
    /// A row may lie nearer to another centroid than to its own, where the method does not go by distance alone.
    pub fn add(&mut self, own: u64, other: u64) {
        self.rows += 1;
        self.squares += u128::from(own);
        self.distances += u128::from(whole_distance(own));
        let (a, b) = ((own as f64).sqrt(), (other as f64).sqrt());
        let larger = a.max(b);
        // Always finite: what is divided by is not 0.
        let _ = self.silhouette.add(if larger > 0.0 && other != u64::MAX { (b - a) / larger } else { 0.0 });
    }

    /// Gives √(Σd² / rows) in scaled space; 0 without rows.
    pub fn rms_distance(&self) -> f64 {
        if self.rows == 0 { 0.0 } else { (self.squares as f64 / self.rows as f64).sqrt() / GRID }
    }

    /// Gives the mean of (b − a) / max(a, b); `None` without rows.
    pub fn silhouette(&self) -> Option<f64> {
        self.silhouette.mean(self.rows)
    }

    fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        self.squares += other.squares;
        self.distances += other.distances;
        self.silhouette.merge(&other.silhouette);
    }
}

impl Separation {
    /// Goes over all rows, each in the cluster of its nearest centroid.
    pub fn of(matrix: &Matrix, centroids: &Centroids) -> Self {
        let mut clusters = vec![ClusterSpread::default(); centroids.count()];
        let (points, by) = (Points::of(matrix.layout(), centroids), Instructions::best());
        for tile in 0..matrix.tiles() {
            let nearest = NearestTwo::among(&points, matrix, tile, by);
            for lane in 0..matrix.rows_of_tile(tile) {
                clusters[usize::from(nearest.labels[lane])].add(nearest.first[lane], nearest.second[lane]);
            }
        }
        Self { clusters }
    }

    /// Takes what was found of each cluster, where rows are not in the cluster of their nearest centroid.
    pub fn from_clusters(clusters: Vec<ClusterSpread>) -> Self {
        Self { clusters }
    }

    /// Gives what is told of each cluster, in the order of the centroids.
    pub fn clusters(&self) -> &[ClusterSpread] {
        &self.clusters
    }

    /// Gives the number of rows.
    pub fn rows(&self) -> u64 {
        self.clusters.iter().map(|cluster| cluster.rows).sum()
    }

    /// Gives the sum of squared distances to the own centroid, in squared grid units.
    pub fn inertia(&self) -> u128 {
        self.clusters.iter().map(|cluster| cluster.squares).sum()
    }

    /// Gives the share of the smallest cluster; 0 without rows.
    pub fn smallest_share(&self) -> f64 {
        let smallest = self.clusters.iter().map(|cluster| cluster.rows).min().unwrap_or(0);
        smallest as f64 / self.rows().max(1) as f64
    }

    /// Gives the mean over clusters i of the largest (s_i + s_j) / d_ij, with the mean distance s to the own centroid and the
    /// distance d between centroids (Davies and Bouldin 1979); smaller is better, `None` of fewer than two clusters with rows.
    pub fn davies_bouldin(&self, centroids: &Centroids) -> Option<f64> {
        let filled: Vec<usize> = (0..self.clusters.len()).filter(|cluster| self.clusters[*cluster].rows > 0).collect();
        if filled.len() < 2 {
            return None;
        }
        let spread = |cluster: usize| self.clusters[cluster].distances as f64 / self.clusters[cluster].rows as f64;
        let mut sum = 0.0;
        for i in &filled {
            let ratios = filled.iter().filter(|j| *j != i).map(|j| {
                let left = centroids.get(*i).iter().map(|unit| i64::from(*unit));
                let distance = (squared_distance(left, centroids.get(*j)) as f64).sqrt();
                (spread(*i) + spread(*j)) / distance
            });
            sum += ratios.fold(0.0, f64::max);
        }
        let index = sum / filled.len() as f64;
        index.is_finite().then_some(index)
    }

    /// Gives the mean over all rows of (b − a) / max(a, b) with distances to centroids; `None` of fewer than two clusters.
    pub fn simplified_silhouette(&self) -> Option<f64> {
        let mut total = ExactSum::default();
        self.clusters.iter().for_each(|cluster| total.merge(&cluster.silhouette));
        if self.clusters.len() < 2 { None } else { total.mean(self.rows()) }
    }

    /// Adds another shard's figures of the same centroids.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.clusters.len() != other.clusters.len() {
            return Err(Error::bug("separations of other centroids cannot be merged"));
        }
        self.clusters.iter_mut().zip(&other.clusters).for_each(|(total, other)| total.merge(other));
        Ok(())
    }

    /// Gives the message that travels.
    pub fn to_message(&self) -> v1::Separation {
        let of = &self.clusters;
        v1::Separation {
            rows: of.iter().map(|cluster| cluster.rows).collect(),
            squares: of.iter().map(|cluster| (cluster.squares as i128).into()).collect(),
            distances: of.iter().map(|cluster| (cluster.distances as i128).into()).collect(),
            silhouettes: of.iter().map(|cluster| cluster.silhouette.to_message()).collect(),
        }
    }

    /// Reads the message; fails on figures that do not fit together.
    pub fn from_message(message: &v1::Separation) -> Result<Self> {
        let clusters = message.rows.len();
        let lengths = [message.squares.len(), message.distances.len(), message.silhouettes.len()];
        if lengths.iter().any(|length| *length != clusters) {
            return Err(impossible());
        }
        let unsigned = |value: &v1::Int128| u128::try_from(i128::from(*value)).map_err(|_| impossible());
        let cluster = |at: usize| {
            Ok(ClusterSpread {
                rows: message.rows[at],
                squares: unsigned(&message.squares[at])?,
                distances: unsigned(&message.distances[at])?,
                silhouette: ExactSum::from_message(&message.silhouettes[at])?,
            })
        };
        Ok(Self { clusters: (0..clusters).map(cluster).collect::<Result<_>>()? })
    }
}

fn impossible() -> Error {
    Error::bug("a separation of clusters that cannot be was received")
}

/// The distance to the nearest grid unit: sums of it are exact.
pub(in crate::segmentation::kmeans) fn whole_distance(squared: u64) -> u64 {
    (squared as f64).sqrt().round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segmentation::kmeans::rows::layout::Layout;
    use segmenter_proto::draw;

    fn matrix(rows: &[Vec<i32>]) -> Matrix {
        Matrix::from_rows(Layout::of_numbers(2), rows.iter().map(Vec::as_slice))
    }

    fn rows() -> Vec<Vec<i32>> {
        let unit = |row: u32, axis: &str| (draw(1, axis, &row.to_string()) % (8 << 20)) as i32 - (4 << 20);
        (0..333).map(|row| vec![unit(row, "x"), unit(row, "y")]).collect()
    }

    #[test]
    fn parts_in_any_order_give_what_the_whole_gives() {
        let (rows, centroids) = (rows(), Centroids::new(2, vec![0, 0, 1 << 20, 0, -1 << 20, 5, 7, 3 << 20]).unwrap());
        let whole = Separation::of(&matrix(&rows), &centroids);
        let parts = rows.chunks(50).map(|rows| Separation::of(&matrix(rows), &centroids));
        let merged = parts.rev().reduce(|mut total, part| {
            total.merge(&Separation::from_message(&part.to_message()).unwrap()).unwrap();
            total
        });
        assert_eq!(merged.unwrap(), whole);
        assert_eq!(whole.rows(), 333);
        let mut inertia = 0;
        for row in &rows {
            let distance = |c: &[i32]| row.iter().zip(c).map(|(x, c)| i128::from(x - c).pow(2)).sum::<i128>();
            inertia += centroids.iter().map(distance).min().unwrap();
        }
        assert_eq!(whole.inertia(), inertia as u128);
        let smallest = whole.clusters().iter().map(|cluster| cluster.rows).min().unwrap();
        assert_eq!(whole.smallest_share(), smallest as f64 / 333.0);
    }

    #[test]
    fn figures_equal_those_worked_out_by_hand() {
        // 0 and 2 around 1, and 9 and 11 around 10, in steps of half a scaled unit.
        let rows: Vec<_> = [0, 2, 9, 11].map(|x| vec![x << 19, 0]).to_vec();
        let centroids = Centroids::new(2, vec![1 << 19, 0, 10 << 19, 0]).unwrap();
        let found = Separation::of(&matrix(&rows), &centroids);
        assert_eq!(found.clusters()[0].rms_distance(), 0.5);
        assert!((found.davies_bouldin(&centroids).unwrap() - 2.0 / 9.0).abs() < 1e-9);
        let silhouette = (2.0 * 9.0 / 10.0 + 2.0 * 7.0 / 8.0) / 4.0;
        assert!((found.simplified_silhouette().unwrap() - silhouette).abs() < 1e-12);
        assert!((found.clusters()[1].silhouette().unwrap() - silhouette).abs() < 1e-12);
    }

    #[test]
    fn one_cluster_has_a_spread_but_no_separation() {
        let centroids = Centroids::new(2, vec![0, 0]).unwrap();
        let found = Separation::of(&matrix(&[vec![3, 4]]), &centroids);
        assert_eq!((found.davies_bouldin(&centroids), found.simplified_silhouette()), (None, None));
        assert_eq!((found.inertia(), found.clusters()[0].distances), (25, 5));
        assert_eq!(ClusterSpread::default().rms_distance(), 0.0);
        assert!(found.clone().merge(&Separation::from_clusters(vec![])).is_err());
        assert!(Separation::from_message(&v1::Separation { rows: vec![1], ..Default::default() }).is_err());
    }
}
