//! Of which segments personas are told, and their claims.

use super::{
    drivers::{AllDrivers, Known},
    inputs_of::inputs_of,
    measure::Measured,
    segments::sizes,
};
use segmenter_proto::{
    Result,
    jobs::{self, SourceKind},
    methods::{OTHER, OUT_OF_SCOPE, SegmentName, SegmentationModel},
    v1::PersonaGroup,
};
use segmenter_worker::{
    families::family,
    measure::{PersonaFeature, PersonaScope, SegmentTotals, Topic, persona_rows},
    results::PersonaRow,
    words::Words,
};

/// Personas where the job has none of its own.
const OF_THEIR_OWN: usize = 5;

/// A persona before anything is known of it.
#[derive(Debug)]
pub(super) struct Persona {
    title: String,
    notes: Option<String>,
    /// Position of the segmentation, and of its segments.
    pub(super) group: PersonaGroup,
    keys: Vec<String>,
}

impl Known<'_> {
    /// Gives the personas of the job, or else the segments of the first segmentation that brought most before `as_of`, or have most customers where
    /// nothing is bought; of equal ones the first.
    pub(super) fn personas(&self, measured: &[Measured]) -> Vec<Persona> {
        if self.job.personas.is_empty() {
            return self.largest(measured);
        }
        let persona = |of: &jobs::Persona| {
            let at = self.models.iter().position(|model| model.segmentation() == of.segmentation)?;
            let segments = self.models[at].segments();
            let own = |key: &String| segments.iter().position(|segment| segment.key == *key);
            // A range of clusters can end with fewer than there are keys.
            let positions: Vec<usize> = of.segments.iter().filter_map(own).collect();
            let names: Vec<String> = positions.iter().map(|own| self.called(at, &segments[*own])).collect();
            let title = of.title.clone().unwrap_or_else(|| match names.is_empty() {
                true => of.segments.join(", "),
                false => names.join(", "),
            });
            let group =
                PersonaGroup { segmentation: at as u32, segments: positions.into_iter().map(|at| at as u32).collect() };
            Some(Persona { title, notes: of.notes.clone(), group, keys: of.segments.clone() })
        };
        self.job.personas.iter().filter_map(persona).collect()
    }

    /// Gives what a segment of a segmentation is called: the groups of scores are called by their keys, which people are told in their language.
    fn called(&self, at: usize, segment: &SegmentName) -> String {
        let is_group = matches!(self.models[at], SegmentationModel::Rfm(_)) && segment.name == segment.key;
        let own = is_group.then(|| Words::of(&self.job.report.language).translated("segment", &segment.key));
        own.flatten().unwrap_or_else(|| segment.name.clone())
    }

    fn largest(&self, measured: &[Measured]) -> Vec<Persona> {
        let first = self.models.first().zip(measured.first()).zip(self.assigned.segmentations.first());
        let Some(((model, measured), counts)) = first else { return Vec::new() };
        let segments = model.segments();
        let worth = measured.effectiveness.by_segment.iter().map(|totals| totals.net);
        let mut found: Vec<_> = segments.iter().zip(sizes(model, counts)).zip(worth).enumerate().collect();
        found.retain(|(_, ((segment, customers), _))| {
            **customers >= self.fewest() && ![OTHER, OUT_OF_SCOPE].contains(&segment.key.as_str())
        });
        let has_purchases = self.has_purchases();
        found.sort_by(|(_, ((_, customers), worth)), (_, ((_, other_customers), other_worth))| {
            let by_worth = if has_purchases { other_worth.cmp(worth) } else { std::cmp::Ordering::Equal };
            by_worth.then(other_customers.cmp(customers))
        });
        let persona = |(at, ((segment, _), _)): (usize, ((&SegmentName, &u64), _))| Persona {
            title: self.called(0, segment),
            notes: None,
            group: PersonaGroup { segmentation: 0, segments: vec![at as u32] },
            keys: vec![segment.key.clone()],
        };
        found.into_iter().take(OF_THEIR_OWN).map(persona).collect()
    }

    /// Gives the rows of `personas.parquet`.
    ///
    /// # Errors
    /// Job, where an expression cannot be read; it was checked before.
    pub(super) fn persona_rows(&self, drivers: &AllDrivers, measured: &[Measured]) -> Result<Vec<PersonaRow>> {
        let (names, found) = (self.names(), &drivers.found);
        let (missing, scores) = (self.missing(&names), self.scores());
        let mut rows = Vec::new();
        let Some((everybody, own)) = found.bins.split_first() else { return Ok(rows) };
        for (number, (persona, bins)) in drivers.personas.iter().zip(own).enumerate() {
            let at = persona.group.segmentation as usize;
            let inputs = inputs_of(self.job, self.models[at].segmentation(), &names)?;
            let topics = names.iter().map(|name| self.topic(name));
            let features: Vec<PersonaFeature<'_>> = names
                .iter()
                .zip(inputs)
                .zip(topics)
                .map(|((name, is_input), topic)| PersonaFeature { name, is_input, topic })
                .collect();
            let medians = |of: usize| found.medians.get(of).map_or(&[][..], Vec::as_slice);
            // Where segments overlap, drivers have no rank.
            let ranked = &drivers.ranked[at].ranked;
            let every: Vec<usize> = (0..names.len()).collect();
            let ranked = if ranked.is_empty() { &every } else { ranked };
            let ranked: Vec<usize> = ranked.iter().copied().filter(|at| !scores.contains(&names[*at])).collect();
            let customers = self.customers(persona, bins);
            rows.extend(persona_rows(&PersonaScope {
                id: number as i64 + 1,
                title: &persona.title,
                notes: persona.notes.as_deref(),
                segmentation: self.models[at].segmentation(),
                segment_keys: &persona.keys,
                customers,
                revenue: self.revenue(persona, measured),
                features: &features,
                bins: &found.features,
                own: bins,
                all: everybody,
                medians: (medians(number + 1), medians(0)),
                ranked: &ranked,
                missing: &missing,
                fewest: self.fewest(),
                words: Words::of(&self.job.report.language),
            }));
        }
        Ok(rows)
    }

    /// Gives the customers of a persona, and of the run.
    fn customers(&self, persona: &Persona, bins: &[Vec<u64>]) -> (u64, u64) {
        let counts = &self.assigned.segmentations[persona.group.segmentation as usize];
        let all = counts.customers.iter().sum();
        // Each is in one bin of any feature; without features segments are added up.
        let of_segments = || {
            let sizes = sizes(&self.models[persona.group.segmentation as usize], counts);
            persona.group.segments.iter().filter_map(|at| sizes.get(*at as usize)).sum()
        };
        (bins.first().map_or_else(of_segments, |bins| bins.iter().sum()), all)
    }

    /// Gives what a persona and everybody spent before `as_of`; none where several segments that overlap are one persona.
    fn revenue(&self, persona: &Persona, measured: &[Measured]) -> Option<(f64, f64)> {
        let at = persona.group.segmentation as usize;
        let is_overlapping = self.models[at].model().overlapping();
        if !self.has_purchases() || (is_overlapping && persona.group.segments.len() > 1) {
            return None;
        }
        let totals = &measured.get(at)?.effectiveness.by_segment;
        let mut own = SegmentTotals::default();
        persona.group.segments.iter().filter_map(|at| totals.get(*at as usize)).for_each(|totals| own.merge(totals));
        let mut all = SegmentTotals::default();
        match totals.last().filter(|_| is_overlapping) {
            Some(everybody) => all.merge(everybody),
            None => totals.iter().for_each(|totals| all.merge(totals)),
        }
        Some((own.revenue(), all.revenue()))
    }

    /// Says whether claims of their own are about a feature.
    fn topic(&self, feature: &str) -> Option<Topic> {
        let of_preset = |name: &str, column: &str| {
            let mut presets = self.job.features.presets.iter().filter(|preset| preset.name == name);
            presets.any(|preset| format!("{column}{}", preset.suffix) == feature)
        };
        if of_preset("sales_channels", "channel_main") || feature == "preferred_channel" {
            return Some(Topic::Channel);
        }
        of_preset("products", "category_top").then_some(Topic::Bought)
    }

    /// Says why a topic has no feature, where the job maps what one could be made of.
    fn missing(&self, names: &[String]) -> Vec<(Topic, String)> {
        let mut missing = Vec::new();
        for (topic, preset, column) in
            [(Topic::Channel, "sales_channels", "channel"), (Topic::Bought, "products", "category")]
        {
            let lines = self.job.sources.iter().filter(|source| source.kind == SourceKind::Transactions);
            let is_mapped = lines.into_iter().any(|source| source.column(column).is_some());
            let is_there = names.iter().any(|name| self.topic(name) == Some(topic));
            if is_mapped && !is_there && family(preset).is_some() {
                missing.push((topic, format!("no feature says it; add the preset \"{preset}\"")));
            }
        }
        missing
    }
}
