//! Columns in the words of MariaDB's `information_schema.COLUMNS`.

use super::{Column, ColumnDefault, ColumnType};

impl Column {
    /// `COLUMN_DEFAULT`: `None` when there is no default, `NULL` in words when the default is NULL.
    ///
    /// ```
    /// use physio_schema::model::{Column, ColumnDefault, ColumnType};
    /// let mut column = Column::new("state", ColumnType::Varchar { length: 20 });
    /// assert_eq!(column.default_text().as_deref(), Some("NULL"));
    /// column.default = ColumnDefault::Literal("it's due".into());
    /// assert_eq!(column.default_text().as_deref(), Some("'it''s due'"));
    /// column.default = ColumnDefault::CurrentTimestamp(6);
    /// assert_eq!(column.default_text().as_deref(), Some("current_timestamp(6)"));
    /// ```
    pub fn default_text(&self) -> Option<String> {
        match &self.default {
            ColumnDefault::Missing => None,
            ColumnDefault::Null => Some("NULL".to_owned()),
            ColumnDefault::Literal(text) if self.column_type.is_numeric() => Some(text.clone()),
            // MariaDB keeps the default of a TEXT as an expression, and prints it like one.
            ColumnDefault::Literal(text)
                if matches!(self.column_type, ColumnType::Text { .. } | ColumnType::Blob { .. }) =>
            {
                Some(escaped(text))
            }
            ColumnDefault::Literal(text) => Some(quoted(text)),
            ColumnDefault::CurrentTimestamp(fraction) => Some(current_timestamp(*fraction)),
            ColumnDefault::Bytes(bytes) => Some(match self.column_type {
                ColumnType::Bit { .. } => bit_text(bytes),
                _ => quoted(&bytes_text(bytes)),
            }),
            ColumnDefault::Expression(text) => Some(text.clone()),
        }
    }

    /// `COLUMN_TYPE`: the type, and how it is stored where MariaDB says so beside it.
    pub fn type_text(&self) -> String {
        let stored = if self.compressed { " /*M!100301 COMPRESSED*/" } else { "" };
        format!("{}{stored}", self.column_type)
    }

    /// `EXTRA`: `auto_increment`, `on update current_timestamp()`, `STORED GENERATED`, `INVISIBLE`.
    pub fn extra_text(&self) -> String {
        let mut words = Vec::new();
        if self.auto_increment {
            words.push("auto_increment".to_owned());
        }
        if let Some(fraction) = self.on_update {
            words.push(format!("on update {}", current_timestamp(fraction)));
        }
        if let Some(generated) = &self.generated {
            words.push(if generated.stored { "STORED GENERATED" } else { "VIRTUAL GENERATED" }.to_owned());
        }
        if self.invisible {
            words.push("INVISIBLE".to_owned());
        }
        if self.unversioned {
            words.push("WITHOUT SYSTEM VERSIONING".to_owned());
        }
        words.join(", ")
    }

    /// A nullable column of that name and type without anything else to it.
    pub fn new(name: &str, column_type: ColumnType) -> Self {
        Self {
            name: name.to_owned(),
            column_type,
            nullable: true,
            default: ColumnDefault::Null,
            on_update: None,
            auto_increment: false,
            generated: None,
            collation: None,
            comment: String::new(),
            invisible: false,
            compressed: false,
            unversioned: false,
        }
    }
}

impl ColumnType {
    /// Whether values are numbers, whose defaults are written without quotes.
    pub fn is_numeric(&self) -> bool {
        matches!(
            self,
            Self::Integer { .. }
                | Self::Decimal { .. }
                | Self::Float { .. }
                | Self::Double { .. }
                | Self::Bit { .. }
                | Self::Year { .. }
        )
    }
}

/// A string literal as MariaDB prints it within an expression.
fn escaped(text: &str) -> String {
    let quoted = quoted(text);
    format!("'{}'", quoted[1..quoted.len() - 1].replace("''", "\\'"))
}

fn current_timestamp(fraction: u8) -> String {
    if fraction == 0 { "current_timestamp()".to_owned() } else { format!("current_timestamp({fraction})") }
}

/// A string literal as `information_schema` prints it.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('\'');
    for character in text.chars() {
        match character {
            '\'' => quoted.push_str("''"),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\0' => quoted.push_str("\\0"),
            other => quoted.push(other),
        }
    }
    quoted.push('\'');
    quoted
}

/// Bytes as the server shows them in a text: one question mark for each that belongs to no character.
fn bytes_text(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|_| text.push('?'));
    }
    text
}

/// `b'101'`, without leading zeros.
fn bit_text(bytes: &[u8]) -> String {
    let bits: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    let bits = match bits.trim_start_matches('0') {
        "" => "0",
        bits => bits,
    };
    format!("b'{bits}'")
}
