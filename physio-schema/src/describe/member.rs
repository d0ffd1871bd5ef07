//! Variants of ENUM and SET members.

use super::names::{Names, capitalised, words};

/// One member: its variant and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// The variant's name.
    pub name: String,
    /// The text that MySQL stores.
    pub text: String,
}

/// Variants of the members in order, and the name of the variant for texts that are none of them.
///
/// The latter is `Unknown`, which a member of that text does not get.
///
/// ```
/// use physio_schema::describe::describe_variants;
/// let (variants, unknown) = describe_variants(&["in clinic".into(), "A+".into()]);
/// assert_eq!((variants[0].name.as_str(), variants[1].name.as_str()), ("InClinic", "APlus"));
/// assert_eq!(unknown, "Unknown");
/// ```
pub fn describe_variants(members: &[String]) -> (Vec<Variant>, String) {
    let unknown = "Unknown";
    let mut names = Names::reserving(&[unknown]);
    let variants = members
        .iter()
        .map(|text| Variant { name: names.take_type(&[&spoken(text)]), text: text.clone() })
        .collect();
    (variants, unknown.to_owned())
}

/// Signs that tell members apart (`A+` and `A-`) as words; everything else is left to the rules of names.
fn spoken(text: &str) -> String {
    if text.is_empty() {
        return "Empty".to_owned();
    }
    let mut spoken = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let word = match letter {
            '+' => "Plus",
            '-' if letters.peek().is_none() => "Minus",
            '-' if spoken.is_empty() && letters.peek().is_some_and(|c| c.is_numeric()) => "Minus",
            '%' => "Percent",
            '&' => "And",
            '<' => "Less",
            '>' => "Greater",
            '=' => "Equal",
            '#' => "Number",
            '*' => "Star",
            '@' => "At",
            '$' => "Dollar",
            '€' => "Euro",
            '?' => "Question",
            '!' => "Exclamation",
            other => {
                spoken.push(other);
                continue;
            }
        };
        spoken.push(' ');
        spoken.push_str(word);
        spoken.push(' ');
    }
    if words(&spoken).is_empty() { capitalised("symbol") } else { spoken }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(members: &[&str]) -> Vec<String> {
        let members: Vec<String> = members.iter().map(|text| (*text).to_owned()).collect();
        describe_variants(&members).0.into_iter().map(|variant| variant.name).collect()
    }

    #[test]
    fn members_become_camel_case() {
        assert_eq!(names(&["pending", "LOGIN_FAIL", "in clinic"]), ["Pending", "LoginFail", "InClinic"]);
    }

    #[test]
    fn signs_tell_members_apart() {
        assert_eq!(names(&["A+", "A-", "0", "-1", ""]), ["APlus", "AMinus", "_0", "Minus1", "Empty"]);
    }

    #[test]
    fn a_member_called_unknown_leaves_the_catch_all_alone() {
        assert_eq!(names(&["unknown", "a b", "a_b"]), ["Unknown_2", "AB", "AB_2"]);
    }
}
