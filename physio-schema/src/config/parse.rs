//! Text to [`Config`], with errors that say where and what to do.

use super::places::line_of;
use super::{Config, ConfigError, Places};
use crate::suggest::nearest;

/// Reads a physio.toml.
///
/// # Errors
///
/// Everything that can be told without the dump: the first mistake of TOML or of an option's name or type, or
/// else all settings that are out of range.
pub fn parse(text: &str) -> Result<Config, Vec<ConfigError>> {
    let mut config: Config = toml::from_str(text).map_err(|error| vec![explain(text, &error)])?;
    config.places = Places::of(text);
    let errors = check_ranges(&config);
    if errors.is_empty() { Ok(config) } else { Err(errors) }
}

fn explain(text: &str, error: &toml::de::Error) -> ConfigError {
    let line = error.span().map(|span| line_of(text, span.start));
    let message = error.message().to_owned();
    let help = if let Some((unknown, known)) = unknown_name(&message) {
        match nearest(unknown, known.iter().copied()) {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!("it can be {}", known.join(", ")),
        }
    } else if message.starts_with("missing field") {
        "add it; the documentation of physio_schema::config shows every option".to_owned()
    } else if message.contains("offset from UTC") {
        "write the offset itself; named zones change theirs with the season".to_owned()
    } else {
        "the documentation of physio_schema::config shows every option with its type".to_owned()
    };
    ConfigError { line, message, help }
}

/// Takes serde's "unknown field `x`, expected one of `a`, `b`" apart.
fn unknown_name(message: &str) -> Option<(&str, Vec<&str>)> {
    if !message.starts_with("unknown field") && !message.starts_with("unknown variant") {
        return None;
    }
    let mut quoted = message.split('`').skip(1).step_by(2);
    Some((quoted.next()?, quoted.collect()))
}

fn check_ranges(config: &Config) -> Vec<ConfigError> {
    let mut errors = Vec::new();
    let mut refuse = |path: &str, message: String, help: &str| {
        errors.push(ConfigError { line: config.places.line(path), message, help: help.to_owned() });
    };
    let sync = &config.sync;
    let numbers = [
        ("interval_s", sync.interval_s, 1, 86_400),
        ("stale_after_s", sync.stale_after_s, 0, 31_536_000),
        ("page_rows", sync.page_rows.into(), 1, 100_000),
        ("push_bytes", sync.push_bytes.into(), 1_000, 131_072),
        ("timeout_s", sync.timeout_s, 1, 3_600),
        ("audit_interval_s", sync.audit_interval_s, 0, 31_536_000),
        ("audit_tables", sync.audit_tables.into(), 1, 1_000),
        ("device_days", sync.device_days.into(), 1, 3_650),
        ("scan_interval_s", sync.scan_interval_s, 1, 86_400),
        ("full_scan_s", sync.full_scan_s, 1, 2_592_000),
    ];
    for (name, value, least, most) in numbers {
        if !(least..=most).contains(&value) {
            let message = format!("[sync] {name} is {value}");
            refuse(&format!("sync.{name}"), message, &format!("write a number from {least} to {most}"));
        }
    }
    if config.waves.is_empty() {
        refuse("waves", "there is no wave".into(), "add [[waves]] with a name and tables = [\"*\"]");
    }
    for (index, wave) in config.waves.iter().enumerate() {
        if config.waves[..index].iter().any(|earlier| earlier.name == wave.name) {
            let message = format!("two waves are called `{}`", wave.name);
            refuse(&format!("waves[{index}].name"), message, "give each wave a name of its own");
        }
    }
    for (table, settings) in &config.tables {
        for (column, target) in &settings.references {
            if target.rsplit_once('.').is_none_or(|(table, column)| table.is_empty() || column.is_empty()) {
                let path = format!("tables.{table}.references.{column}");
                refuse(&path, format!("`{target}` does not name a column"), "write it as \"table.column\"");
            }
        }
    }
    errors
}
