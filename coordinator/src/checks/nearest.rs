/// Gives the known name that is nearest to a name, if one is near enough to be meant.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = name.trim().to_lowercase();
    known
        .into_iter()
        .filter(|candidate| *candidate != name)
        .map(|candidate| (strsim::osa_distance(&folded, &candidate.trim().to_lowercase()), candidate))
        // A third of the letters may be wrong; of a short name, one.
        .filter(|(distance, candidate)| *distance <= (candidate.chars().count().max(name.chars().count()) / 3).max(1))
        .min_by(|left, right| left.0.cmp(&right.0).then_with(|| left.1.cmp(right.1)))
        .map(|(_, candidate)| candidate)
}

/// Gives a hint: the nearest known name, else all of them.
pub(crate) fn did_you_mean(name: &str, known: &[&str]) -> Option<String> {
    match nearest(name, known.iter().copied()) {
        Some(near) => Some(format!("did you mean `{near}`?")),
        None if known.is_empty() => None,
        None => Some(format!("known: {}", known.join(", "))),
    }
}

/// Gives names as a person lists them: `a, b or c`.
pub(crate) fn one_of(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_slips_of_the_pen_but_no_far_name() {
        let known = ["frequency", "monetary", "k", "where"];
        assert_eq!(nearest("frequenzy", known), Some("frequency"));
        assert_eq!(nearest("Frequency", known), Some("frequency"));
        assert_eq!(nearest("wehre", known), Some("where"));
        assert_eq!(nearest("clusters", known), None);
        assert_eq!(nearest("oid", ["cid", " oid "]), Some(" oid "), "blanks are no letters");
        assert_eq!(did_you_mean("clusters", &["k", "where"]).as_deref(), Some("known: k, where"));
        assert_eq!(one_of(&["a", "b", "c"]), "a, b or c");
    }
}
