//! Several fits over the same rows, of which the best is kept.

use segmenter_proto::{Error, Result, Rounds, Watched, v1};

use crate::segmentation::kmeans::{
    rounds::{
        fit::{Ask, KmeansFit, KmeansResult, farthest_request, round_request},
        round::{FarRow, RoundStatistics},
        shard::MOST_RUNS,
    },
    rows::centroids::Centroids,
};

/// Lloyd's iterations from several starts at once: each scan over the rows serves every fit that is not done.
///
/// It is driven like a [`KmeansFit`]; each fit ends as it would alone.
#[derive(Debug)]
pub struct KmeansRace {
    fits: Vec<KmeansFit>,
}

/// How a race ended.
#[derive(Debug)]
pub struct RaceResult {
    /// The start that won: the smallest inertia, ties to the first.
    pub winner: usize,
    /// One a start.
    pub results: Vec<KmeansResult>,
}

impl KmeansRace {
    /// Begins at one or two starts, with so many iterations each at most.
    ///
    /// # Errors
    /// On another number of starts: Bug.
    pub fn new(starts: Vec<Centroids>, cap: u32) -> Result<Self> {
        if starts.is_empty() || starts.len() > MOST_RUNS {
            return Err(Error::bug(format!("a k-means race of {} starts, expected 1 to {MOST_RUNS}", starts.len())));
        }
        Ok(Self { fits: starts.into_iter().map(|start| KmeansFit::new(start, cap)).collect() })
    }

    /// Fits that have empty clusters come first, one by one, so that all go on together.
    fn first_to_fill(&self) -> Option<(usize, Centroids, usize)> {
        self.fits.iter().enumerate().find_map(|(fit, of)| match of.ask()? {
            Ask::Farthest(centroids, rows) => Some((fit, centroids, rows)),
            Ask::Round(_) => None,
        })
    }

    fn to_label(&self) -> impl Iterator<Item = (u32, Centroids)> {
        (0..).zip(&self.fits).filter_map(|(fit, of)| match of.ask()? {
            Ask::Round(centroids) => Some((fit, centroids)),
            Ask::Farthest(..) => None,
        })
    }
}

impl Rounds for KmeansRace {
    type Request = v1::KmeansRequest;
    type Answer = v1::KmeansAnswer;
    type Output = RaceResult;

    fn next_request(&self) -> Option<v1::KmeansRequest> {
        if let Some((_, centroids, rows)) = self.first_to_fill() {
            return Some(farthest_request(&centroids, rows));
        }
        let runs: Vec<_> = self.to_label().collect();
        (!runs.is_empty()).then(|| round_request(runs))
    }

    fn absorb(&mut self, answer: v1::KmeansAnswer) -> Result<()> {
        if let Some((fit, _, _)) = self.first_to_fill() {
            let rows = answer.farthest.into_iter().map(FarRow::from_message).collect();
            return self.fits[fit].absorb_farthest(rows);
        }
        let asked: Vec<u32> = self.to_label().map(|(fit, _)| fit).collect();
        if asked.len() != answer.rounds.len() {
            return Err(Error::bug("a k-means answer does not fit its request"));
        }
        for (fit, round) in asked.into_iter().zip(&answer.rounds) {
            self.fits[fit as usize].absorb_round(RoundStatistics::from_message(round)?)?;
        }
        Ok(())
    }

    fn watched(&self) -> Option<Watched> {
        let figures = self.fits.iter().filter_map(KmeansFit::watched);
        figures.min_by(|left, right| left.value.total_cmp(&right.value))
    }

    fn finish(self) -> Result<RaceResult> {
        let results: Vec<KmeansResult> = self.fits.into_iter().map(KmeansFit::finish).collect::<Result<_>>()?;
        let best = results.iter().enumerate().min_by_key(|(_, result)| result.statistics.inertia);
        let winner = best.map(|(index, _)| index).ok_or_else(|| Error::bug("a k-means race without a start"))?;
        Ok(RaceResult { winner, results })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segmentation::kmeans::{
        rounds::{round::merge_kmeans_answers, shard::KmeansShard},
        rows::{layout::Layout, matrix::Matrix},
    };
    use arrow::array::StringArray;
    use segmenter_proto::draw;

    fn shards(count: usize) -> Vec<KmeansShard> {
        let unit = |row: usize, axis: &str| (draw(2, axis, &row.to_string()) % (4 << 20)) as i32;
        let rows: Vec<Vec<i32>> = (0..500).map(|row| vec![unit(row, "x"), unit(row, "y")]).collect();
        let shard = |number: usize| {
            let of = (number..500).step_by(count);
            let cells: Vec<&[i32]> = of.clone().map(|row| rows[row].as_slice()).collect();
            let ids = StringArray::from_iter_values(of.map(|row| format!("{row:04}")));
            KmeansShard::new(Matrix::from_rows(Layout::of_numbers(2), cells.into_iter()), ids).unwrap()
        };
        (0..count).map(shard).collect()
    }

    fn ask(shards: &mut [KmeansShard], request: &v1::KmeansRequest) -> v1::KmeansAnswer {
        let answers = shards.iter_mut().map(|shard| shard.answer(request, 1).unwrap());
        let merge = |mut total, answer| {
            merge_kmeans_answers(request, &mut total, answer).unwrap();
            total
        };
        answers.reduce(merge).unwrap()
    }

    #[test]
    fn each_fit_ends_as_it_would_alone_and_the_best_wins() {
        // The first start has centroids far from all rows, so that both kinds of requests come.
        let starts = [vec![0, 0, 5, 5, 8 << 20, 8 << 20], vec![0, 0, 1 << 20, 3 << 20, 3 << 20, 0]];
        let starts = starts.map(|units| Centroids::new(2, units).unwrap());
        let alone = starts.clone().map(|start| {
            let (mut parts, mut fit) = (shards(1), KmeansFit::new(start, 50));
            while let Some(request) = fit.next_request() {
                fit.absorb(ask(&mut parts, &request)).unwrap();
            }
            fit.finish().unwrap()
        });
        let (mut parts, mut race) = (shards(3), KmeansRace::new(starts.to_vec(), 50).unwrap());
        let (mut requests, mut fills) = (0, 0);
        while let Some(request) = race.next_request() {
            requests += 1;
            fills += u32::from(request.step() == v1::KmeansStep::Farthest);
            race.absorb(ask(&mut parts, &request)).unwrap();
        }
        let RaceResult { winner, results } = race.finish().unwrap();
        assert!(fills > 0);
        for (together, alone) in results.iter().zip(&alone) {
            assert_eq!((&together.centroids, together.iterations), (&alone.centroids, alone.iterations));
            assert_eq!(together.statistics.inertia, alone.statistics.inertia);
        }
        assert_eq!(requests - fills, alone.iter().map(|result| result.iterations).max().unwrap());
        let inertias = alone.map(|result| result.statistics.inertia);
        assert_eq!(winner, usize::from(inertias[1] < inertias[0]));
    }

    #[test]
    fn answers_that_do_not_fit_are_refused() {
        assert!(KmeansRace::new(vec![], 9).is_err());
        let mut race = KmeansRace::new(vec![Centroids::new(1, vec![0]).unwrap()], 9).unwrap();
        assert!(race.absorb(v1::KmeansAnswer::default()).is_err() && race.finish().is_err());
    }
}
