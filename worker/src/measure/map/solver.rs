//! The coordinator's side: sums, then the plane and who lies where on it.

use super::{
    cells::MapCells,
    plane::Plane,
    principal::{Component, principal},
    sums::MapSums,
};
use segmenter_proto::{Error, Result, Rounds, v1};

/// Dimensions of a space that has a map, at most: time and memory of its sums grow with the square.
const MOST_DIMENSIONS: usize = 256;

/// The space of the clusters of one segmentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MappedSpace {
    /// Position of the segmentation in the job.
    pub segmentation: u32,
    /// Dimensions of the space.
    pub dimensions: usize,
}

/// Why there is no map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoMap {
    /// The space has so many dimensions.
    Dimensions(usize),
    /// So few customers are in scope that nothing is told of them.
    Few,
    /// All customers lie in one place.
    Alike,
    /// All customers lie on one line.
    OneDirection,
}

impl NoMap {
    /// Gives the reason for people.
    pub(super) fn reason(self) -> String {
        match self {
            Self::Dimensions(own) => {
                format!("{own} features and levels are more than the {MOST_DIMENSIONS} that a map is made of")
            }
            Self::Few => "fewer customers than min_cell are in scope".to_owned(),
            Self::Alike => "all customers in scope are alike".to_owned(),
            Self::OneDirection => "customers differ in one direction only, which profiles.parquet tells of".to_owned(),
        }
    }
}

/// A map that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundMap {
    pub(super) components: [Component; 2],
    pub(super) sums: MapSums,
    pub(super) cells: MapCells,
}

/// What became of a map.
pub type CustomerMap = std::result::Result<Box<FoundMap>, NoMap>;

/// Finds the maps of several segmentations in the same rounds.
#[derive(Debug)]
pub struct MapSolver {
    fewest: u64,
    maps: Vec<Progress>,
}

#[derive(Debug)]
enum Progress {
    /// Nothing is known of it.
    Open(MappedSpace),
    /// Its plane is.
    Laid(Box<Laid>),
    /// All is.
    Done(CustomerMap),
}

#[derive(Debug)]
struct Laid {
    segmentation: u32,
    plane: Plane,
    components: [Component; 2],
    sums: MapSums,
}

impl MapSolver {
    /// Takes the spaces, rising by segmentation; nothing is told of fewer than `fewest` customers.
    pub fn new(spaces: &[MappedSpace], fewest: u64) -> Self {
        let begun = |space: &MappedSpace| match space.dimensions > MOST_DIMENSIONS {
            true => Progress::Done(Err(NoMap::Dimensions(space.dimensions))),
            false => Progress::Open(*space),
        };
        Self { fewest, maps: spaces.iter().map(begun).collect() }
    }

    fn laid(&self, space: MappedSpace, sums: MapSums) -> Result<Progress> {
        if sums.sums.len() != space.dimensions {
            return Err(Error::bug("sums over places of another space came back"));
        }
        if sums.customers < self.fewest.max(1) {
            return Ok(Progress::Done(Err(NoMap::Few)));
        }
        Ok(match principal(&sums) {
            Err(none) => Progress::Done(Err(none)),
            Ok(components) => {
                let (segmentation, plane) = (space.segmentation, Plane::of(&components, &sums));
                Progress::Laid(Box::new(Laid { segmentation, plane, components, sums }))
            }
        })
    }
}

impl Rounds for MapSolver {
    type Request = v1::MapRequest;
    type Answer = v1::MapAnswer;
    /// One a space.
    type Output = Vec<CustomerMap>;

    fn next_request(&self) -> Option<v1::MapRequest> {
        let maps = self.maps.iter().filter_map(|own| match own {
            Progress::Open(space) => Some(v1::MapOf { segmentation: space.segmentation, plane: None }),
            Progress::Laid(own) => {
                Some(v1::MapOf { segmentation: own.segmentation, plane: Some(own.plane.to_message()) })
            }
            Progress::Done(_) => None,
        });
        let maps: Vec<v1::MapOf> = maps.collect();
        (!maps.is_empty()).then_some(v1::MapRequest { maps })
    }

    fn absorb(&mut self, answer: v1::MapAnswer) -> Result<()> {
        let unlike = || Error::bug("an answer of maps does not fit its request");
        let mut answers = answer.maps.into_iter();
        let maps = std::mem::take(&mut self.maps);
        for own in maps {
            let next = match own {
                Progress::Done(_) => own,
                Progress::Open(space) => match answers.next().and_then(|own| own.of) {
                    Some(v1::map_statistic::Of::Sums(sums)) => self.laid(space, MapSums::from_message(&sums)?)?,
                    _ => return Err(unlike()),
                },
                Progress::Laid(own) => match answers.next().and_then(|own| own.of) {
                    Some(v1::map_statistic::Of::Cells(cells)) => {
                        let (cells, Laid { components, sums, .. }) = (MapCells::from_message(&cells)?, *own);
                        Progress::Done(Ok(Box::new(FoundMap { components, sums, cells })))
                    }
                    _ => return Err(unlike()),
                },
            };
            self.maps.push(next);
        }
        if answers.next().is_some() { Err(unlike()) } else { Ok(()) }
    }

    fn finish(self) -> Result<Vec<CustomerMap>> {
        let done = self.maps.into_iter().map(|own| match own {
            Progress::Done(map) => Ok(map),
            _ => Err(Error::bug("maps are not finished")),
        });
        done.collect()
    }
}
