//! Whether every value of one column type is a value of another.

use physio_schema::field_type::FieldType;
use physio_schema::model::{ColumnType, LobSize};

/// The server's type beside the application's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// Nothing that is sent differs.
    Same,
    /// It takes every value of ours, and its own can be held here.
    Wider,
    /// An ENUM or SET that has all of our members and more.
    MoreMembers,
    /// Its values can be held here, but it does not take every value of ours.
    Narrower,
    /// Values of one mean nothing, or something else, to the other.
    Other,
}

/// How `theirs` takes what is written as `ours`.
pub(super) fn fit(theirs: &ColumnType, ours: &ColumnType) -> Fit {
    use ColumnType as T;
    if theirs == ours {
        return Fit::Same;
    }
    match (theirs, ours) {
        (T::Integer { width: w, unsigned: u, .. }, T::Integer { width, unsigned, .. }) => {
            let ((least, most), (our_least, our_most)) = (w.range(*u), width.range(*unsigned));
            let is_held = most <= i128::from(i64::MAX) || our_most > i128::from(i64::MAX);
            match (least <= our_least && most >= our_most, is_held) {
                (_, false) => Fit::Other,
                (true, true) if (least, most) == (our_least, our_most) => Fit::Same,
                (is_wider, true) => wider(is_wider),
            }
        }
        (
            T::Decimal { precision: p, scale: s, unsigned: u, .. },
            T::Decimal { precision, scale, unsigned, .. },
        ) => {
            let is_wider = s >= scale && p - s >= precision - scale && (!u || *unsigned);
            if (p, s, u) == (precision, scale, unsigned) { Fit::Same } else { wider(is_wider) }
        }
        (T::Float { digits: d, unsigned: u, .. }, T::Float { digits, unsigned, .. })
        | (T::Double { digits: d, unsigned: u, .. }, T::Double { digits, unsigned, .. })
        | (T::Double { digits: d, unsigned: u, .. }, T::Float { digits, unsigned, .. }) => {
            wider((d.is_none() || d == digits) && (!u || *unsigned))
        }
        (T::Float { .. }, T::Double { .. }) => Fit::Narrower,
        (T::Bit { bits: b }, T::Bit { bits }) => wider(b >= bits),
        (T::Year { .. }, T::Year { .. }) => Fit::Same,
        (T::Enum { members: m }, T::Enum { members }) | (T::Set { members: m }, T::Set { members }) => {
            match (members.iter().all(|member| m.contains(member)), m.len() > members.len()) {
                (true, true) => Fit::MoreMembers,
                // The numbers behind the members are never sent.
                (true, false) => Fit::Same,
                (false, _) => Fit::Narrower,
            }
        }
        (T::DateTime { fraction: f }, T::DateTime { fraction })
        | (T::Timestamp { fraction: f }, T::Timestamp { fraction })
        | (T::Time { fraction: f }, T::Time { fraction }) => wider(f >= fraction),
        (T::Text { size: LobSize::Medium | LobSize::Long }, T::Json) => Fit::Wider,
        (T::Text { .. }, T::Json) => Fit::Narrower,
        _ => match (text_bounds(theirs), text_bounds(ours)) {
            (Some((at_least, _)), Some((_, at_most))) => {
                // CHAR takes the blanks at the end away; an ENUM does not take every text.
                let is_stricter = matches!(theirs, T::Char { .. }) && !matches!(ours, T::Char { .. });
                let is_list = matches!(theirs, T::Enum { .. } | T::Set { .. });
                wider(at_least >= at_most && !is_stricter && !is_list)
            }
            _ => match (theirs, byte_bound(theirs), byte_bound(ours)) {
                // BINARY pads what is shorter: another length is another value.
                (T::Binary { .. }, _, _) => Fit::Other,
                (_, Some(bytes), Some(our_bytes)) => wider(bytes >= our_bytes),
                _ => Fit::Other,
            },
        },
    }
}

/// Whether the same value has another text on the wire: after an ALTER, the rows here are spelt the old way.
pub(super) fn is_spelt_otherwise(theirs: &ColumnType, ours: &ColumnType) -> bool {
    use ColumnType as T;
    match (theirs, ours) {
        (T::Decimal { scale: s, .. }, T::Decimal { scale, .. }) => s != scale,
        (T::DateTime { fraction: f }, T::DateTime { fraction })
        | (T::Timestamp { fraction: f }, T::Timestamp { fraction })
        | (T::Time { fraction: f }, T::Time { fraction }) => f != fraction,
        _ => fit(theirs, ours) == Fit::Other,
    }
}

/// Whether a field of that type can be read from every value of a column that is not altogether another.
///
/// The cache holds any integer and any REAL; the field need not.
pub(super) fn is_readable(theirs: &ColumnType, field: &FieldType) -> bool {
    match (theirs, field) {
        (ColumnType::Integer { width, unsigned, .. }, FieldType::Integer(integer)) => {
            let ((least, most), (our_least, our_most)) = (width.range(*unsigned), integer.range());
            our_least <= least && most <= our_most
        }
        (ColumnType::Double { .. }, FieldType::F32) => false,
        _ => true,
    }
}

fn wider(is_wider: bool) -> Fit {
    if is_wider { Fit::Wider } else { Fit::Narrower }
}

/// Characters that fit in any case, and characters that may be there at the most.
fn text_bounds(column_type: &ColumnType) -> Option<(u64, u64)> {
    let length = |text: &String| text.chars().count() as u64;
    match column_type {
        ColumnType::Char { length } | ColumnType::Varchar { length } => {
            Some((u64::from(*length), u64::from(*length)))
        }
        ColumnType::Text { size } => {
            let bytes = lob_bytes(*size);
            Some((bytes / 4, bytes))
        }
        ColumnType::Enum { members } => members.iter().map(length).max().map(|most| (0, most)),
        ColumnType::Set { members } => {
            Some((0, members.iter().map(|member| length(member) + 1).sum::<u64>().saturating_sub(1)))
        }
        _ => None,
    }
}

fn byte_bound(column_type: &ColumnType) -> Option<u64> {
    match column_type {
        ColumnType::Binary { length } | ColumnType::Varbinary { length } => Some(u64::from(*length)),
        ColumnType::Blob { size } => Some(lob_bytes(*size)),
        _ => None,
    }
}

fn lob_bytes(size: LobSize) -> u64 {
    match size {
        LobSize::Tiny => 255,
        LobSize::Normal => 65_535,
        LobSize::Medium => (1 << 24) - 1,
        LobSize::Long => u64::from(u32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_compared_by_what_they_hold() {
        let cases = [
            ("int(11)", "int(10)", Fit::Same),
            ("bigint(20)", "int(11)", Fit::Wider),
            ("int(11)", "bigint(20)", Fit::Narrower),
            ("int(10) unsigned", "int(11)", Fit::Narrower),
            ("bigint(20) unsigned", "int(11)", Fit::Other),
            ("decimal(12,2)", "decimal(10,2)", Fit::Wider),
            ("decimal(12,4)", "decimal(10,2)", Fit::Wider),
            ("decimal(10,4)", "decimal(10,2)", Fit::Narrower),
            ("decimal(10,2) unsigned", "decimal(10,2)", Fit::Narrower),
            ("double", "float", Fit::Wider),
            ("float", "double", Fit::Narrower),
            ("varchar(80)", "varchar(40)", Fit::Wider),
            ("varchar(20)", "varchar(40)", Fit::Narrower),
            ("text", "varchar(255)", Fit::Wider),
            ("tinytext", "varchar(255)", Fit::Narrower),
            ("mediumtext", "text", Fit::Wider),
            ("longtext", "mediumtext", Fit::Wider),
            ("char(40)", "varchar(40)", Fit::Narrower),
            ("varchar(40)", "char(40)", Fit::Wider),
            ("enum('a','b','c')", "enum('a','b')", Fit::MoreMembers),
            ("enum('b','a')", "enum('a','b')", Fit::Same),
            ("enum('a')", "enum('a','b')", Fit::Narrower),
            ("varchar(5)", "enum('a','b')", Fit::Wider),
            ("enum('a','b')", "varchar(5)", Fit::Narrower),
            ("datetime(3)", "datetime", Fit::Wider),
            ("datetime", "timestamp", Fit::Other),
            ("date", "datetime", Fit::Other),
            ("int(11)", "varchar(11)", Fit::Other),
            ("blob", "varbinary(9)", Fit::Wider),
            ("binary(8)", "binary(4)", Fit::Other),
            ("longtext", "json", Fit::Wider),
        ];
        for (theirs, ours, expected) in cases {
            let types = (theirs.parse().expect("a type"), ours.parse().expect("a type"));
            assert_eq!(fit(&types.0, &types.1), expected, "{theirs} for {ours}");
        }
    }

    #[test]
    fn another_scale_is_another_text() {
        let is_other = |theirs: &str, ours: &str| {
            is_spelt_otherwise(&theirs.parse().expect("a type"), &ours.parse().expect("a type"))
        };
        assert!(is_other("decimal(12,3)", "decimal(10,2)") && is_other("time(2)", "time"));
        assert!(!is_other("decimal(12,2)", "decimal(10,2)") && !is_other("bigint(20)", "int(11)"));
    }
}
