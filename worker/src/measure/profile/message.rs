//! The profile statistic as it travels.

use super::{
    levels::LevelCounts,
    moments::Moments,
    statistic::{FeatureStatistic, ProfileStatistic},
};
use segmenter_proto::{
    Error, ExactSum, Result,
    v1::{self, feature_statistic::Kind},
};

impl ProfileStatistic {
    /// Gives the message that travels.
    pub fn to_message(&self) -> v1::ProfileStatistic {
        v1::ProfileStatistic { features: self.features.iter().map(feature_to_message).collect() }
    }

    /// Reads the message.
    ///
    /// # Errors
    /// A bug where the message is not one that [`Self::to_message`] gives.
    pub fn from_message(message: &v1::ProfileStatistic) -> Result<Self> {
        Ok(Self { features: message.features.iter().map(feature_from_message).collect::<Result<_>>()? })
    }
}

fn feature_to_message(feature: &FeatureStatistic) -> v1::FeatureStatistic {
    let kind = match feature {
        FeatureStatistic::Number { scale, by_segment } => Kind::Number(v1::NumberStatistic {
            scale: *scale,
            by_segment: by_segment
                .iter()
                .map(|moments| v1::Moments {
                    n: moments.n,
                    nulls: moments.nulls,
                    sum: Some(moments.sum.to_message()),
                    squares: Some(moments.squares.to_message()),
                })
                .collect(),
        }),
        FeatureStatistic::Category(counts) => Kind::Category(v1::CategoryStatistic {
            n_by_segment: counts.n.clone(),
            nulls_by_segment: counts.nulls.clone(),
            levels: counts
                .levels
                .iter()
                .flatten()
                .map(|(name, counts)| v1::Level { name: name.clone(), customers_by_segment: counts.clone() })
                .collect(),
            too_many_levels: counts.levels.is_none(),
        }),
    };
    v1::FeatureStatistic { kind: Some(kind) }
}

fn feature_from_message(message: &v1::FeatureStatistic) -> Result<FeatureStatistic> {
    match &message.kind {
        Some(Kind::Number(number)) => Ok(FeatureStatistic::Number {
            scale: number.scale,
            by_segment: number.by_segment.iter().map(moments_from_message).collect::<Result<_>>()?,
        }),
        Some(Kind::Category(category)) => {
            let segments = category.n_by_segment.len();
            let sizes_agree = category.nulls_by_segment.len() == segments
                && category.levels.iter().all(|level| level.customers_by_segment.len() == segments);
            if !sizes_agree {
                return Err(Error::bug("a category statistic counts different numbers of segments"));
            }
            let levels = category.levels.iter().map(|level| (level.name.clone(), level.customers_by_segment.clone()));
            Ok(FeatureStatistic::Category(LevelCounts {
                n: category.n_by_segment.clone(),
                nulls: category.nulls_by_segment.clone(),
                levels: (!category.too_many_levels).then(|| levels.collect()),
            }))
        }
        None => Err(Error::bug("a feature statistic without a kind")),
    }
}

fn moments_from_message(message: &v1::Moments) -> Result<Moments> {
    let sum = |sum: &Option<v1::ExactSum>| sum.as_ref().map_or_else(|| Ok(ExactSum::default()), ExactSum::from_message);
    Ok(Moments { n: message.n, nulls: message.nulls, sum: sum(&message.sum)?, squares: sum(&message.squares)? })
}
