//! "Did you mean": the nearest known name to a misspelt one.

/// The candidate that is most like `name`, if one is like enough to be meant.
///
/// Case and underscores count little, so that `treatmentid` finds `treatment_id`.
///
/// ```
/// use physio_schema::suggest::nearest;
/// assert_eq!(nearest("treatmentid", ["patient_id", "treatment_id"]), Some("treatment_id"));
/// assert_eq!(nearest("zebra", ["patient_id", "treatment_id"]), None);
/// ```
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(name);
    let mut best: Option<(f64, &str)> = None;
    for candidate in candidates {
        let other = fold(candidate);
        let likeness = if other == folded { 1.0 } else { likeness(&folded, &other) };
        if likeness >= 0.7 && best.is_none_or(|(most, _)| likeness > most) {
            best = Some((likeness, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// `; did you mean …?`, or nothing: the tail of an error message.
pub fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(name, candidates).map(|found| format!("; did you mean `{found}`?")).unwrap_or_default()
}

fn fold(name: &str) -> String {
    name.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect()
}

/// Edits weigh most; the start of a name (`branch_id`, `branch`) counts a little.
fn likeness(a: &str, b: &str) -> f64 {
    strsim::normalized_damerau_levenshtein(a, b).max(strsim::jaro_winkler(a, b) - 0.15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_wins_and_strangers_are_not_suggested() {
        let columns = ["patient_id", "patient_uid", "branch_id", "remarks"];
        assert_eq!(nearest("pateint_id", columns), Some("patient_id"));
        assert_eq!(nearest("Remark", columns), Some("remarks"));
        assert_eq!(nearest("BRANCHID", columns), Some("branch_id"));
        assert_eq!(nearest("xyz", columns), None);
        assert_eq!(did_you_mean("remarkz", columns), "; did you mean `remarks`?");
        assert_eq!(did_you_mean("q", columns), "");
    }
}
