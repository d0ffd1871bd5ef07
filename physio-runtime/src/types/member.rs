//! MySQL's ENUM and SET.

use super::{FieldError, FieldValue, SpellingError};
use rusqlite::types::{Value, ValueRef};
use std::fmt;
use std::str::FromStr;

/// A member of an ENUM or SET; `schema!` makes one type per such column.
///
/// A text that the dump does not list is kept as it is, so that a row of a newer server is not damaged.
pub trait Member: Sized + Clone + PartialEq {
    /// The members' texts in the order of the dump.
    const MEMBERS: &'static [&'static str];
    /// The member of that exact text, or the one that keeps an unknown text.
    fn from_text(text: &str) -> Self;
    /// The text that MySQL stores.
    fn as_str(&self) -> &str;
}

/// Reads a member; what generated types do in `FieldValue::from_sql`.
pub fn read_member<M: Member>(value: ValueRef<'_>, expected: &'static str) -> Result<M, FieldError> {
    match value {
        ValueRef::Text(text) => std::str::from_utf8(text)
            .map(M::from_text)
            .map_err(|_| FieldError::new(expected, "TEXT that is not UTF-8")),
        other => Err(FieldError::class(expected, other)),
    }
}

/// The members of a SET column, in the order in which MySQL stores them.
///
/// A member that the dump does not list is kept where it stands:
///
/// ```
/// use physio_runtime::types::{Member, Set};
///
/// #[derive(Clone, PartialEq)]
/// enum Flag { Gift, Express, Unknown(String) }
///
/// impl Member for Flag {
///     const MEMBERS: &'static [&'static str] = &["gift", "express"];
///     fn from_text(text: &str) -> Self {
///         match text { "gift" => Flag::Gift, "express" => Flag::Express, _ => Flag::Unknown(text.into()) }
///     }
///     fn as_str(&self) -> &str {
///         match self { Flag::Gift => "gift", Flag::Express => "express", Flag::Unknown(text) => text }
///     }
/// }
///
/// let mut flags: Set<Flag> = "new,express".parse()?;
/// flags.insert(Flag::Gift);
/// assert_eq!(flags.to_string(), "gift,new,express");
/// # Ok::<(), physio_runtime::types::SpellingError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Set<M: Member> {
    members: Vec<M>,
}

impl<M: Member> Set<M> {
    /// No member.
    pub const fn new() -> Self {
        Self { members: Vec::new() }
    }

    /// Whether the member is in it.
    pub fn contains(&self, member: &M) -> bool {
        self.members.contains(member)
    }

    /// Puts a member in at its place in the dump's order; false when it was there already.
    ///
    /// A member that the dump does not list comes last.
    pub fn insert(&mut self, member: M) -> bool {
        if self.contains(&member) {
            return false;
        }
        let rank = Self::rank(&member);
        let place =
            self.members.iter().position(|present| Self::rank(present) > rank).unwrap_or(self.members.len());
        self.members.insert(place, member);
        true
    }

    /// Takes a member out; false when it was not there.
    pub fn remove(&mut self, member: &M) -> bool {
        let before = self.members.len();
        self.members.retain(|present| present != member);
        self.members.len() < before
    }

    /// The members in stored order.
    pub fn iter(&self) -> std::slice::Iter<'_, M> {
        self.members.iter()
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    fn rank(member: &M) -> usize {
        M::MEMBERS.iter().position(|text| *text == member.as_str()).unwrap_or(usize::MAX)
    }
}

impl<M: Member> Default for Set<M> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a, M: Member> IntoIterator for &'a Set<M> {
    type Item = &'a M;
    type IntoIter = std::slice::Iter<'a, M>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<M: Member> FromIterator<M> for Set<M> {
    fn from_iter<I: IntoIterator<Item = M>>(members: I) -> Self {
        let mut set = Self::new();
        members.into_iter().for_each(|member| {
            set.insert(member);
        });
        set
    }
}

impl<M: Member> fmt::Display for Set<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, member) in self.members.iter().enumerate() {
            if position > 0 {
                f.write_str(",")?;
            }
            f.write_str(member.as_str())?;
        }
        Ok(())
    }
}

impl<M: Member> FromStr for Set<M> {
    type Err = SpellingError;

    /// Never fails: unknown members are kept. The order of the text is kept too.
    fn from_str(text: &str) -> Result<Self, SpellingError> {
        let members = if text.is_empty() { Vec::new() } else { text.split(',').map(M::from_text).collect() };
        Ok(Self { members })
    }
}

impl<M: Member> FieldValue for Set<M> {
    fn from_sql(value: ValueRef<'_>) -> Result<Self, FieldError> {
        let text = String::from_sql(value)?;
        text.parse().map_err(|_| FieldError::new("a SET", "other text"))
    }

    fn to_sql(&self) -> Value {
        Value::Text(self.to_string())
    }
}

impl<M: Member> serde::Serialize for Set<M> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, M: Member> serde::Deserialize<'de> for Set<M> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, Clone, PartialEq)]
    struct Flag(String);

    impl Member for Flag {
        const MEMBERS: &'static [&'static str] = &["fragile", "gift", "express"];
        fn from_text(text: &str) -> Self {
            Flag(text.to_owned())
        }
        fn as_str(&self) -> &str {
            &self.0
        }
    }

    #[test]
    fn members_stand_in_the_order_of_the_dump() {
        let set: Set<Flag> = ["express", "unheard", "fragile"].map(Flag::from_text).into_iter().collect();
        assert_eq!(set.to_string(), "fragile,express,unheard");
    }

    #[test]
    fn insert_and_remove_tell_whether_something_changed() {
        let mut set = Set::new();
        assert!(set.insert(Flag::from_text("gift")));
        assert!(!set.insert(Flag::from_text("gift")));
        assert!(set.remove(&Flag::from_text("gift")));
        assert!(!set.remove(&Flag::from_text("gift")));
        assert!(set.is_empty());
    }

    proptest! {
        #[test]
        fn stored_text_round_trips(text in "([a-z]{1,4}(,[a-z]{1,4}){0,5})?") {
            let set: Set<Flag> = text.parse().unwrap();
            prop_assert_eq!(set.to_sql(), Value::Text(text));
        }
    }
}
