//! What a score's customers have that its models do not know: counted as notes when they are assigned, and warned of where it is
//! more than when the model was fitted and chance would give.

use crate::warning::Warning;
use segmenter_proto::{
    methods::SegmentationModel,
    models::{FeatureModel, OTHER_LEVEL},
    v1::NoteCount,
};
use segmenter_worker::notes::{Note, NoteCounter, Noted, Subject};

/// Standard deviations that chance may give.
const BY_CHANCE: f64 = 3.0;

/// Warns of what the models do not know that were not fitted to these customers, which `is_taken` says by position of the segmentation; `notes`
/// are of all customers, by the same.
pub fn beyond_models(
    models: &[SegmentationModel],
    notes: &[NoteCount],
    is_taken: impl Fn(usize) -> bool,
) -> Vec<Warning> {
    let mut counter = NoteCounter::default();
    counter.merge(notes);
    let mut warnings = Vec::new();
    for (number, model) in (0..).zip(models).filter(|(number, _)| is_taken(*number as usize)) {
        let Some((features, fitted)) = model.model().fitted() else { continue };
        for noted in counter.of(number, 0) {
            let feature = features.iter().find(|feature| Some(feature.name()) == noted.column.as_deref());
            let Some(usual) = feature.and_then(|feature| share_when_fitted(feature, noted.note, fitted)) else {
                continue;
            };
            if is_more_than_chance(&noted, usual) {
                let subject = Subject::Segmentation(model.segmentation().to_owned());
                let share = noted.share().unwrap_or_default() * 100.0;
                let text = format!(
                    "{}: {share:.1} %, where it was {:.1} % when it was fitted",
                    noted.sentence(),
                    usual * 100.0
                );
                warnings.push(Warning::of(subject, text));
            }
        }
    }
    warnings
}

/// Gives the share of the customers that a note was true of when the model was fitted to so many; none of a note about something
/// else.
fn share_when_fitted(feature: &FeatureModel, note: Note, fitted: u64) -> Option<f64> {
    match (feature, note) {
        (FeatureModel::Number(number), Note::Imputed) => Some(number.nulls as f64 / fitted.max(1) as f64),
        (FeatureModel::Number(number), Note::BeyondCuts) => Some(number.cut_share),
        (FeatureModel::Number(number), Note::BeyondScale) => Some(number.clipped_share),
        (FeatureModel::Category(category), Note::NoLevel) => {
            let other = category.levels.iter().find(|level| level.name == OTHER_LEVEL);
            Some(other.map_or(0.0, |level| level.share))
        }
        _ => None,
    }
}

/// Says whether a count is above what the usual share gives of so many by more than chance; where it was never, one is.
fn is_more_than_chance(noted: &Noted, usual: f64) -> bool {
    let expected = usual * noted.checked as f64;
    noted.count as f64 > expected + BY_CHANCE * (expected * (1.0 - usual)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use segmenter_proto::{
        methods::KmeansModel,
        models::{CategoryFeature, FeatureTransform, LevelShare},
    };

    fn model() -> SegmentationModel {
        let level = |name: &str, share| LevelShare { name: name.to_owned(), share };
        let features = vec![
            FeatureModel::Number(FeatureTransform {
                name: "money".to_owned(),
                cut_share: 0.01,
                ..FeatureTransform::default()
            }),
            FeatureModel::Category(CategoryFeature {
                name: "town".to_owned(),
                levels: vec![level("Nice", 1.0), level(OTHER_LEVEL, 0.0)],
                ..CategoryFeature::default()
            }),
        ];
        SegmentationModel::Kmeans(KmeansModel::new("s", features, &[vec![0; 3]], &[500], &["a".to_owned()]))
    }

    fn said(counts: &[(Note, &str, u64)]) -> Vec<String> {
        let mut counter = NoteCounter::default();
        counts.iter().for_each(|(note, feature, count)| counter.add(0, *note, feature, *count, 400));
        beyond_models(&[model()], &counter.to_message(), |_| true).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_was_never_there_is_said_at_once() {
        let said = said(&[(Note::NoLevel, "town", 1), (Note::Imputed, "money", 2), (Note::BeyondScale, "money", 0)]);
        assert_eq!(
            said,
            [
                "segmentation s: money is null for 2 of 400 customers and counts as the median: 0.5 %, where it was 0.0 % when it was \
                 fitted",
                "segmentation s: town has a value that is no level of the model for 1 of 400 customers, who count as (other): 0.2 %, \
                 where it was 0.0 % when it was fitted",
            ]
        );
    }

    #[test]
    fn what_was_there_is_said_where_it_is_more_than_chance() {
        // 4 of 400 are usual, and up to 9 are chance.
        assert!(
            said(&[(Note::BeyondCuts, "money", 4)]).is_empty() && said(&[(Note::BeyondCuts, "money", 9)]).is_empty()
        );
        assert!(
            said(&[(Note::BeyondCuts, "money", 10)])[0].contains("10 of 400 customers and counts as the cut: 2.5 %")
        );
    }
}
