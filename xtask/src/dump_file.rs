//! Dumps as files: how they are to be read, and reading them piece by piece.

use anyhow::{Context, Result};
use physio_schema::dump::{Dump, DumpErrors, DumpOptions, DumpReader, Server};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// What is read at once; memory does not grow with the file.
const PIECE: usize = 1 << 20;

/// How a dump is to be read, for every command that takes one.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Reading {
    /// Text for a placeholder of the file, such as '{$db_prefix}=smf_'; may be repeated.
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_define)]
    pub(crate) define: Vec<(String, String)>,
    /// Only the tables of this database.
    #[arg(long, value_name = "NAME")]
    pub(crate) database: Option<String>,
    /// Collation of databases that name none.
    #[arg(long, value_name = "COLLATION")]
    pub(crate) default_collation: Option<String>,
}

impl Reading {
    /// The reader's options for a file.
    pub(crate) fn options(&self, path: &Path) -> DumpOptions {
        DumpOptions {
            file_name: Some(path.display().to_string()),
            database: self.database.clone(),
            every_database: self.database.is_none(),
            default_collation: self.default_collation.clone(),
            defines: self.define.iter().cloned().collect(),
            ..DumpOptions::default()
        }
    }

    /// The same as arguments of another program.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let defines = self.define.iter().map(|(name, value)| format!("--define={name}={value}"));
        let database = self.database.iter().map(|name| format!("--database={name}"));
        let collation = self.default_collation.iter().map(|name| format!("--default-collation={name}"));
        defines.chain(database).chain(collation).collect()
    }
}

/// Who is asked how a dump is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReadAs {
    /// The server that the dump names, or MariaDB 10.11 when it names none.
    Dump,
    /// This one, whatever the dump says.
    Server(Server),
}

impl std::str::FromStr for ReadAs {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        if text.eq_ignore_ascii_case("dump") { Ok(Self::Dump) } else { Ok(Self::Server(text.parse()?)) }
    }
}

/// Reads a dump, `-` being standard input; all its mistakes come at once.
///
/// # Errors
///
/// When the file cannot be read. What is wrong in it is the inner result.
pub(crate) fn read_dump(path: &Path, options: &DumpOptions) -> Result<std::result::Result<Dump, DumpErrors>> {
    let name = path.display();
    let mut input: Box<dyn Read> = if path == Path::new("-") {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(path).with_context(|| format!("cannot open {name}"))?)
    };
    let mut reader = DumpReader::new(options);
    let mut piece = vec![0; PIECE];
    loop {
        match input.read(&mut piece) {
            Ok(0) => return Ok(reader.finish()),
            Ok(length) => reader.feed(&piece[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error).with_context(|| format!("cannot read {name}")),
        }
    }
}

/// `NAME=VALUE`; the name may hold anything but `=`, and the value anything.
fn parse_define(text: &str) -> Result<(String, String)> {
    let (name, value) = text.split_once('=').context("write NAME=VALUE")?;
    anyhow::ensure!(!name.is_empty(), "the placeholder before `=` is missing");
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_ends_at_the_first_equals_sign() {
        let (name, value) = parse_define(" COLLATION= COLLATE=utf8mb4_bin").expect("a good definition");
        assert_eq!((name.as_str(), value.as_str()), (" COLLATION", " COLLATE=utf8mb4_bin"));
        assert!(parse_define("PREFIX_").is_err() && parse_define("=x").is_err());
    }

    #[test]
    fn a_dump_may_be_read_as_any_server() {
        assert_eq!("dump".parse::<ReadAs>().expect("a word"), ReadAs::Dump);
        let server = "mariadb-10.11".parse::<ReadAs>().expect("a server");
        assert_eq!(server, ReadAs::Server(Server::DEFAULT));
        assert!("oracle-19.1".parse::<ReadAs>().is_err());
    }
}
