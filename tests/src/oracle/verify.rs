//! One dump, read by the reader and by the server, compared value by value.

use super::refused::without;
use super::{Oracle, Refusal, SYSTEM};
use crate::harness::{HarnessError, Result};
use physio_schema::dump::{Dump, DumpError, DumpErrors, DumpOptions, DumpReader, Server, StructureFilter};
use physio_schema::facts::{Difference, TableFacts, compare};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// What is read at once.
const PIECE: usize = 1 << 20;

/// How a dump is to be read, by both sides.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Text for placeholders.
    pub defines: BTreeMap<String, String>,
    /// Collation of databases that name none.
    pub default_collation: String,
    /// Only the tables of this database are compared.
    pub database: Option<String>,
    /// Load the rows too.
    pub with_data: bool,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            defines: BTreeMap::new(),
            default_collation: "utf8mb4_general_ci".to_owned(),
            database: None,
            with_data: false,
        }
    }
}

/// What came out.
#[derive(Debug)]
pub struct Verified {
    /// The server's tables, in its own words.
    pub server: Vec<TableFacts>,
    /// In what the model and the server differ.
    pub differences: Vec<Difference>,
    /// What the reader did not understand, though the server did not refuse it.
    pub errors: Vec<DumpError>,
    /// Statements about tables that the server refused; they were left out of both sides.
    pub refused: Vec<Refusal>,
    /// Refused statements about anything else.
    pub n_refused_others: usize,
    /// What else the reader wants to be known.
    pub notes: Vec<String>,
}

impl Verified {
    /// Whether both read the same.
    pub fn is_equal(&self) -> bool {
        self.differences.is_empty() && self.errors.is_empty()
    }
}

/// Loads a dump's structure into the server and compares it with the model.
///
/// # Errors
///
/// When the file cannot be read or the server is not to be had; what differs is in the result.
pub fn verify(oracle: &mut Oracle, path: &Path, reading: &Reading) -> Result<Verified> {
    let (mut script, doubtful) = read_script(path, reading)?;
    let stand_ins = stand_ins(&script);
    for (name, other) in &stand_ins {
        script = replaced(&script, name.as_bytes(), other.as_bytes());
    }
    let options = DumpOptions {
        server: Some(server_of(oracle.version())?),
        every_database: true,
        foreign_key_checks: Some(false),
        default_collation: Some(reading.default_collation.clone()),
        ..DumpOptions::default()
    };
    let mut notes: Vec<String> = doubtful
        .iter()
        .map(|line| {
            format!("line {line} begins as a statement, among rows that were left out: try --with-data")
        })
        .collect();
    notes.extend(stand_ins.iter().map(|(name, other)| {
        format!("{other} stands for {name} on both sides: this MariaDB does not have MySQL's")
    }));
    let refusals = load(oracle, &script, reading)?;
    let (refused, others): (Vec<_>, Vec<_>) = refusals.into_iter().partition(Refusal::is_about_structure);
    let (kept, lost) = without(&script, refused.iter());
    notes.extend(lost.iter().map(|refusal| {
        format!("line {}: a refused statement was not found in the text and stays in the model", refusal.line)
    }));
    let mut server = oracle.read_facts()?;
    server.retain(|table| is_wanted(table, reading));
    let mut compared = server.clone();
    let (mut model, errors) = facts_of(read(&kept, &options));
    let (whole, _) = facts_of(read_file(path, &options, reading, stand_ins)?);
    let (skeleton, _) = facts_of(read(&script, &options));
    // Both are the model: of the file as it is, and of what the server was sent.
    let by_rows = compare(&whole, &skeleton);
    if !by_rows.is_empty() {
        notes.push("the rows change how the rest is read: see the differences".to_owned());
    }
    model.retain(|table| is_wanted(table, reading));
    unite(&mut model, &mut compared);
    let mut differences = compare(&model, &compared);
    differences.extend(by_rows);
    let touches_system =
        whole.iter().any(|table| table.table_schema.as_deref().is_some_and(|name| SYSTEM.contains(&name)));
    oracle.is_used_up |= touches_system;
    Ok(Verified { server, differences, errors, refused, n_refused_others: others.len(), notes })
}

/// Loads the script, again when it puts tables into databases that it does not make.
fn load(oracle: &mut Oracle, script: &[u8], reading: &Reading) -> Result<Vec<Refusal>> {
    const UNKNOWN_DATABASE: u32 = 1049;
    let mut known: Vec<String> = Vec::new();
    loop {
        let refusals = oracle.load(script, &known, &reading.default_collation)?;
        let missing = refusals.iter().filter(|refusal| refusal.code == UNKNOWN_DATABASE);
        let mut names: Vec<String> = missing
            .filter_map(|refusal| Some(refusal.message.split('\'').nth(1)?.to_owned()))
            .filter(|name| !name.is_empty() && !known.contains(name))
            .collect();
        if names.is_empty() {
            return Ok(refusals);
        }
        names.dedup();
        known.append(&mut names);
    }
}

/// The file without its rows and with its placeholders filled in.
fn read_script(path: &Path, reading: &Reading) -> Result<(Vec<u8>, Vec<u64>)> {
    let mut script = Vec::new();
    let mut filter = StructureFilter::new();
    each_piece(path, |piece| {
        if reading.with_data {
            script.extend_from_slice(piece);
        } else {
            filter.feed(piece, &mut script);
        }
    })?;
    filter.finish(&mut script);
    for (name, value) in &reading.defines {
        script = replaced(&script, name.as_bytes(), value.as_bytes());
    }
    Ok((script, filter.doubtful_lines().to_vec()))
}

/// The collations of MySQL 8 in a script, each with the one of MariaDB that is nearest to it.
fn stand_ins(script: &[u8]) -> BTreeMap<String, String> {
    let text = String::from_utf8_lossy(script);
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let names = text.split(|letter| !is_letter(letter)).filter(|word| word.starts_with("utf8mb4_"));
    let names = names.filter(|word| word.contains("_0900_") && word.len() < 64);
    let other = |name: &str| match name.rsplit_once("_0900_").map(|(_, rules)| rules) {
        Some("bin") => "utf8mb4_bin".to_owned(),
        Some(rules @ ("ai_ci" | "as_ci" | "as_cs")) => format!("utf8mb4_uca1400_{rules}"),
        _ => "utf8mb4_uca1400_ai_ci".to_owned(),
    };
    names.map(|name| (name.to_owned(), other(name))).collect()
}

fn each_piece(path: &Path, mut each: impl FnMut(&[u8])) -> Result<()> {
    let unreadable = |error| HarnessError::new(format!("cannot read {}: {error}", path.display()));
    let mut file = File::open(path).map_err(unreadable)?;
    let mut piece = vec![0; PIECE];
    loop {
        match file.read(&mut piece).map_err(unreadable)? {
            0 => return Ok(()),
            length => each(&piece[..length]),
        }
    }
}

fn replaced(text: &[u8], name: &[u8], value: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.windows(name.len()).position(|part| part == name) {
        result.extend_from_slice(&rest[..at]);
        result.extend_from_slice(value);
        rest = &rest[at + name.len()..];
    }
    result.extend_from_slice(rest);
    result
}

/// The server's own version, as whose the dump is read.
fn server_of(version: &str) -> Result<Server> {
    let number = version.split('-').next().unwrap_or_default();
    format!("mariadb-{number}").parse().map_err(|error| HarnessError::new(format!("{version}: {error}")))
}

fn read(script: &[u8], options: &DumpOptions) -> Result<Dump, DumpErrors> {
    let mut reader = DumpReader::new(options);
    reader.feed(script);
    reader.finish()
}

fn read_file(
    path: &Path,
    options: &DumpOptions,
    reading: &Reading,
    stand_ins: BTreeMap<String, String>,
) -> Result<Result<Dump, DumpErrors>> {
    let mut defines = reading.defines.clone();
    defines.extend(stand_ins);
    let options = DumpOptions { defines, ..options.clone() };
    let mut reader = DumpReader::new(&options);
    each_piece(path, |piece| reader.feed(piece))?;
    Ok(reader.finish())
}

fn facts_of(result: Result<Dump, DumpErrors>) -> (Vec<TableFacts>, Vec<DumpError>) {
    let (dump, errors) = match result {
        Ok(dump) => (dump, Vec::new()),
        Err(errors) => (*errors.partial, errors.errors),
    };
    let tables = dump.databases.iter().flat_map(|(name, schema)| {
        schema.tables.iter().map(move |table| TableFacts::of(name.as_deref(), table))
    });
    (tables.collect(), errors)
}

/// A file that names one database, somewhere, means it everywhere: where its tables stand is not compared.
fn unite(model: &mut [TableFacts], server: &mut [TableFacts]) {
    let names: std::collections::BTreeSet<Option<String>> =
        model.iter().map(|table| table.table_schema.clone()).collect();
    if names.len() <= 1 {
        model.iter_mut().chain(server).for_each(|table| table.table_schema = None);
    }
}

fn is_wanted(table: &TableFacts, reading: &Reading) -> bool {
    match (&table.table_schema, &reading.database) {
        (Some(name), _) if SYSTEM.contains(&name.as_str()) => false,
        (Some(name), Some(wanted)) => name == wanted,
        _ => true,
    }
}
