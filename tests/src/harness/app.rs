//! An application under test: its dump, its physio.toml, and what is generated from them.

use super::{HarnessError, Result};
use physio_schema::config::{self, AccessConfig, Config};
use physio_schema::dump::{self, DumpOptions};
use physio_schema::model::Schema;
use physio_schema::plan::{self, Plan};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One application with everything that is generated for it.
#[derive(Debug, Clone)]
pub struct App {
    /// What its physio.toml says.
    pub config: Config,
    /// The dump's text.
    pub dump: String,
    /// The dump's model.
    pub schema: Schema,
    /// The plan.
    pub plan: Arc<Plan>,
}

impl App {
    /// The clinic of the repository's own physio.toml, with access open to every token: for what has nothing to do with
    /// who asks.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    pub fn clinic() -> Result<Self> {
        let Self { mut config, dump, schema, .. } = Self::clinic_by_role()?;
        config.access = AccessConfig { open: true, never: config.access.never, ..AccessConfig::default() };
        config.tables.values_mut().for_each(|table| table.scope = None);
        Self::of(config, dump, schema)
    }

    /// The clinic as the repository's own physio.toml has it: what one may do and see is by role and branch.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    pub fn clinic_by_role() -> Result<Self> {
        Self::load(&repository().join("physio.toml"))
    }

    /// The inventory shop.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    pub fn shop() -> Result<Self> {
        Self::load(&repository().join("tests/shop/physio.toml"))
    }

    /// The application that a physio.toml describes.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, or does not say what it should.
    pub fn load(physio_toml: &Path) -> Result<Self> {
        let text = read(physio_toml)?;
        let config = config::parse(&text).map_err(|errors| problems(physio_toml, &errors))?;
        let dump_file = physio_toml.with_file_name(&config.app.dump);
        let dump = read(&dump_file)?;
        let schema = parse_dump(&dump, &dump_file)?;
        Self::of(config, dump, schema)
    }

    /// The application of a physio.toml and a dump that are given as text.
    ///
    /// # Errors
    ///
    /// When one of them does not say what it should.
    ///
    /// ```
    /// let toml = "[app]\nname = \"a\"\ndump = \"a.sql\"\n[server.tokens]\ntable = \"tokens\"\ntoken = \"token\"\n\
    ///             [access]\nopen = true\n[[waves]]\nname = \"all\"\ntables = [\"*\"]\n";
    /// let app = physio_tests::harness::App::of_texts(toml, "CREATE TABLE t (id INT PRIMARY KEY);")?;
    /// assert_eq!(app.plan.tables[0].name, "t");
    /// # Ok::<(), physio_tests::harness::HarnessError>(())
    /// ```
    pub fn of_texts(physio_toml: &str, dump: &str) -> Result<Self> {
        let config =
            config::parse(physio_toml).map_err(|errors| problems(Path::new("physio.toml"), &errors))?;
        let schema = parse_dump(dump, Path::new("the dump"))?;
        Self::of(config, dump.to_owned(), schema)
    }

    /// The same application over another dump.
    ///
    /// # Errors
    ///
    /// When the dump cannot be read or does not fit physio.toml.
    pub fn with_dump(&self, dump: &str) -> Result<Self> {
        let schema = parse_dump(dump, Path::new("the dump"))?;
        Self::of(self.config.clone(), dump.to_owned(), schema)
    }

    fn of(config: Config, dump: String, schema: Schema) -> Result<Self> {
        let plan =
            plan::build(&schema, &config).map_err(|errors| problems(Path::new("physio.toml"), &errors))?;
        Ok(Self { config, dump, schema, plan: Arc::new(plan) })
    }
}

/// The root of this repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned).unwrap_or_default()
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path)
        .map_err(|error| HarnessError::new(format!("cannot read {}: {error}", path.display())))
}

/// The model of a dump.
///
/// # Errors
///
/// When something that shapes a table was not understood.
pub fn parse_dump(dump: &str, path: &Path) -> Result<Schema> {
    let parsed = dump::parse(dump.as_bytes(), &DumpOptions::default());
    parsed
        .map(|dump| dump.schema)
        .map_err(|errors| HarnessError::new(format!("{}: {errors}", path.display())))
}

fn problems<E: std::fmt::Display>(path: &Path, errors: &[E]) -> HarnessError {
    let list: Vec<String> = errors.iter().map(E::to_string).collect();
    HarnessError::new(format!("{}: {}", path.display(), list.join("\n")))
}
