//! Bytes to a plan, by way of `physio-schema`; its errors become messages.

use super::Source;
use physio_schema::config::{self, Config};
use physio_schema::describe::describe;
use physio_schema::dump;
use physio_schema::plan;
use std::path::PathBuf;

/// physio.toml as a value.
pub(super) fn parse_config(name: &str, bytes: &[u8]) -> Result<Config, Vec<String>> {
    let text = std::str::from_utf8(bytes).map_err(|_| vec![format!("{name} is not UTF-8")])?;
    config::parse(text).map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

/// The dump as a value, and the plan of both.
pub(super) fn read_source(
    config_name: &str,
    config_path: PathBuf,
    dump_path: PathBuf,
    config: &Config,
    dump: &[u8],
) -> Result<Source, Vec<String>> {
    let dump = dump::parse(dump, &config.app.dump_options()).map_err(|errors| {
        let name = &config.app.dump;
        errors.errors.iter().map(|error| format!("{name}:{error}")).collect::<Vec<_>>()
    })?;
    let plan = plan::build(&dump.schema, config)
        .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    let description = describe(&plan, &dump.schema);
    Ok(Source {
        config_name: config_name.to_owned(),
        config_path,
        dump_path,
        schema: dump.schema,
        plan,
        description,
    })
}
