//! What another type means: does the generated field change, and does MySQL spell the same values?

use super::{ColumnPair, Verdict};
use crate::diff::Class;
use crate::diff::spell::charset_of;
use crate::field_type::FieldType;
use crate::model::{ColumnType, LobSize, SpatialKind};
use crate::plan::storage_of;

/// A placeholder for the generated type of an ENUM or SET, which is named after table and column.
const MEMBER: Option<&str> = Some("its own type");

pub(super) fn classify_type(pair: &ColumnPair<'_>, verdict: &mut Verdict) {
    let (old, new) = (&pair.old.column_type, &pair.new.column_type);
    let [was, is] =
        [(old, pair.wide[0]), (new, pair.wide[1])].map(|(t, wide)| FieldType::of(t, wide, MEMBER));
    if was != is {
        return verdict.add(Class::BreaksCode, format!("the field was {} and is {}", was.name(), is.name()));
    }
    if let (ColumnType::Enum { members: was }, ColumnType::Enum { members: is })
    | (ColumnType::Set { members: was }, ColumnType::Set { members: is }) = (old, new)
    {
        return classify_members(was, is, matches!(old, ColumnType::Set { .. }), verdict);
    }
    if storage_of(old) != storage_of(new) && !pair.wide[1] {
        return verdict.add(Class::NeedsRePull, "the cache stores it in another way");
    }
    match change_of_values(pair) {
        Values::Same => verdict.add(Class::Compatible, "every value stays as it is spelt"),
        Values::Fewer => verdict.add(Class::NeedsRePull, "MySQL may have cut or clamped values to fit"),
        Values::Respelt => verdict.add(Class::NeedsRePull, "MySQL spells the same values in another way"),
    }
}

fn classify_members(old: &[String], new: &[String], is_set: bool, verdict: &mut Verdict) {
    let gone: Vec<&str> = old.iter().filter(|member| !new.contains(member)).map(String::as_str).collect();
    let added: Vec<&str> = new.iter().filter(|member| !old.contains(member)).map(String::as_str).collect();
    if !gone.is_empty() {
        let class = Class::BreaksCode;
        verdict.add(class, format!("code may name the member that is gone: {}", gone.join(", ")));
    }
    if !added.is_empty() {
        let class = Class::Additive;
        verdict.add(class, format!("code without {} keeps it as Unknown", added.join(", ")));
    }
    let kept_now = new.iter().filter(|member| old.contains(member));
    let kept_before = old.iter().filter(|member| new.contains(member));
    if !kept_before.eq(kept_now) {
        if is_set {
            verdict.add(Class::NeedsRePull, "MySQL spells a SET in the order of its members");
        } else {
            verdict.add(Class::Compatible, "members are sent by name; only the order of sorting changes");
        }
    } else if gone.is_empty() && added.is_empty() {
        verdict.add(Class::Compatible, "the members are the same");
    }
}

/// What happens to the values that are there.
enum Values {
    Same,
    /// Some may not fit.
    Fewer,
    Respelt,
}

impl Values {
    fn same_if(fits: bool) -> Self {
        if fits { Self::Same } else { Self::Fewer }
    }
}

/// Both types make the same Rust field.
fn change_of_values(pair: &ColumnPair<'_>) -> Values {
    use ColumnType::{
        Binary, Bit, Blob, Char, Decimal, Double, Float, Integer, Json, Spatial, Text, Varbinary, Varchar,
    };
    let (old, new) = (&pair.old.column_type, &pair.new.column_type);
    match (old, new) {
        (Integer { width: a, unsigned: s, .. }, Integer { width: b, unsigned: t, .. }) => {
            let ((low, high), (lowest, highest)) = (a.range(*s), b.range(*t));
            Values::same_if(lowest <= low && high <= highest)
        }
        (
            Decimal { precision: p, scale: s, unsigned: u, .. },
            Decimal { precision: q, scale: t, unsigned: v, .. },
        ) => {
            if s == t {
                Values::same_if(p <= q && (u == v || *u))
            } else {
                Values::Respelt
            }
        }
        (Float { digits: a, unsigned: s, .. }, Float { digits: b, unsigned: t, .. })
        | (Double { digits: a, unsigned: s, .. }, Double { digits: b, unsigned: t, .. }) => {
            if a == b {
                Values::same_if(s == t || *s)
            } else {
                Values::Respelt
            }
        }
        (Bit { bits: a }, Bit { bits: b }) => Values::same_if(a <= b),
        (Char { .. } | Varchar { .. } | Text { .. } | Json, Char { .. } | Varchar { .. } | Text { .. }) => {
            // CHAR drops blanks at the end.
            let keeps_blanks = !matches!(new, Char { .. }) || matches!(old, Char { .. });
            Values::same_if(keeps_blanks && text_fits(pair))
        }
        (Binary { length: a }, Varbinary { length: b })
        | (Varbinary { length: a }, Varbinary { length: b }) => Values::same_if(a <= b),
        (Binary { length } | Varbinary { length }, Blob { size }) => {
            Values::same_if(*length <= bytes_of(*size))
        }
        (Blob { size: a }, Blob { size: b }) => Values::same_if(a <= b),
        (Spatial { .. }, Spatial { kind: SpatialKind::Geometry }) => Values::Same,
        // Padding, fractions of seconds, two-digit years, and texts that a type brings into its own form.
        _ => Values::Respelt,
    }
}

/// Whether the longest text of the older type fits the newer one.
fn text_fits(pair: &ColumnPair<'_>) -> bool {
    let [old_set, new_set] =
        [pair.old, pair.new].map(|column| column.collation.as_deref().map_or("utf8mb4", charset_of));
    let (old, new) = (&pair.old.column_type, &pair.new.column_type);
    if let (Some(old), Some(new)) = (characters_of(old), characters_of(new)) {
        return old <= new;
    }
    let most_bytes = |column_type: &ColumnType| match column_type {
        ColumnType::Text { size } => u64::from(bytes_of(*size)),
        ColumnType::Json => u64::from(u32::MAX),
        other => u64::from(characters_of(other).unwrap_or(u32::MAX)) * bytes_per_character(new_set),
    };
    match (characters_of(old), characters_of(new)) {
        // n characters of the older text may each be as long as the newer set allows.
        (Some(_), None) => most_bytes(old) <= most_bytes(new),
        // A byte of the older text may be a character.
        (None, Some(n)) => most_bytes(old) <= u64::from(n),
        // Bytes of one set may become more in another.
        _ => most_bytes(old) <= most_bytes(new) && (old_set == new_set || most_bytes(old) < most_bytes(new)),
    }
}

fn characters_of(column_type: &ColumnType) -> Option<u32> {
    match column_type {
        ColumnType::Char { length } | ColumnType::Varchar { length } => Some(*length),
        _ => None,
    }
}

fn bytes_per_character(charset: &str) -> u64 {
    match charset {
        "utf8mb4" | "utf16" | "utf32" => 4,
        "utf8mb3" | "ujis" | "eucjpms" => 3,
        "ucs2" | "big5" | "gbk" | "sjis" | "cp932" | "euckr" | "gb2312" => 2,
        "gb18030" => 4,
        _ => 1,
    }
}

fn bytes_of(size: LobSize) -> u32 {
    match size {
        LobSize::Tiny => u8::MAX.into(),
        LobSize::Normal => u16::MAX.into(),
        LobSize::Medium => (1 << 24) - 1,
        LobSize::Long => u32::MAX,
    }
}
