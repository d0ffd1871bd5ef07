//! Replays statements in the order of the file.

mod alter;
mod create;
mod rename;

use super::catalogue::{Catalogue, Database};
use super::error::{DumpError, DumpWarning};
use super::options::{DumpOptions, Server};
use super::rules::charset;
use super::session::Session;
use super::skipped::{SkippedCounts, note};
use super::spec::{KeySpec, Place, Skip, Statement, TableName};

/// The state of a replay.
pub(crate) struct Replay<'a> {
    pub(crate) catalogue: Catalogue,
    pub(crate) server: Server,
    /// The dump says by which server it was written.
    pub(crate) is_server_named: bool,
    pub(crate) options: &'a DumpOptions,
    pub(crate) session: Session,
    /// A variable may hold a statement that shapes a table.
    pub(crate) holds_structure: bool,
    pub(crate) skipped: SkippedCounts,
    pub(crate) errors: Vec<DumpError>,
    pub(crate) warnings: Vec<DumpWarning>,
}

impl<'a> Replay<'a> {
    /// A replay on an empty server.
    pub(crate) fn new(options: &'a DumpOptions) -> Self {
        Self {
            catalogue: Catalogue::default(),
            server: options.server.unwrap_or(Server::DEFAULT),
            is_server_named: false,
            options,
            session: Session::default(),
            holds_structure: false,
            skipped: SkippedCounts::default(),
            errors: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Carries out one statement.
    pub(crate) fn apply(&mut self, statement: Statement) {
        match statement {
            Statement::CreateTable { place, name, if_not_exists, or_replace, elements, options } => {
                self.create_table(place, &name, (if_not_exists, or_replace), elements, options);
            }
            Statement::CreateTableLike { place, name, source, if_not_exists, or_replace } => {
                self.create_like(place, &name, &source, (if_not_exists, or_replace));
            }
            Statement::AlterTable { place, name, if_exists, actions } => {
                self.alter_table(place, &name, if_exists, actions);
            }
            Statement::CreateIndex { table, key, or_replace } => self.create_index(&table, &key, or_replace),
            Statement::DropIndex { place, table, name, if_exists } => {
                self.drop_index(place, &table, &name, if_exists);
            }
            Statement::RenameTables { place, pairs } => {
                pairs.iter().for_each(|(old, new)| self.rename_table(place, old, new));
            }
            Statement::DropTables { names } => {
                for name in names {
                    self.database(&name).tables.remove(&name.table);
                }
            }
            Statement::CreateView { name } => note(&mut self.skipped.views, name.table),
            Statement::DropViews { names } => {
                let is_dropped = |view: &String| names.iter().any(|name| name.table == *view);
                self.skipped.views.retain(|view| !is_dropped(view));
            }
            Statement::CreateDatabase { name, if_not_exists, charset } => {
                if if_not_exists && self.catalogue.has_database(&name) {
                    return;
                }
                let collation = charset::resolve(&charset, &self.default_collation(), self.server);
                self.catalogue.database(Some(&name), &collation).collation = collation.clone();
            }
            Statement::AlterDatabase { name, charset } => {
                let default = self.default_collation();
                let server = self.server;
                let database = self.catalogue.database(name.as_deref(), &default);
                database.collation = charset::resolve(&charset, &database.collation, server);
            }
            Statement::DropDatabase { name } => self.catalogue.empty_database(&name),
            Statement::Use { name } => {
                let collation = self.default_collation();
                self.catalogue.set_current(&name, &collation);
            }
            Statement::Set(settings) => {
                self.session.apply(settings);
                self.skipped.session += 1;
            }
            Statement::Skip(skip) => self.skip(skip),
        }
    }

    fn skip(&mut self, skip: Skip) {
        match skip {
            Skip::Trigger(name) => note(&mut self.skipped.triggers, name),
            Skip::Routine(name) => note(&mut self.skipped.routines, name),
            Skip::Event(name) => note(&mut self.skipped.events, name),
            Skip::Sequence(name) => note(&mut self.skipped.sequences, name),
            Skip::TemporaryTable(name) => note(&mut self.skipped.temporary_tables, name),
            Skip::Data => self.skipped.data += 1,
            Skip::Session => self.skipped.session += 1,
            Skip::Account => self.skipped.accounts += 1,
            Skip::Other => self.skipped.other += 1,
            Skip::Execute(place) => self.execute(place),
            Skip::Unknown(place, words) => {
                self.skipped.other += 1;
                self.warn(
                    place,
                    format!("a statement that begins with `{words}` is not known and was passed over"),
                );
            }
            Skip::Nothing => {}
        }
    }

    /// A statement is run that the file keeps in a variable; only a server can say what it has become.
    fn execute(&mut self, place: Place) {
        self.skipped.session += 1;
        if self.holds_structure {
            return self.error(
                place,
                "EXECUTE",
                "a statement is run here that the file puts together itself, and such statements make or \
                 change tables"
                    .to_owned(),
                "run the file on a server and take the dump from there: mysqldump --no-data",
            );
        }
        self.warn(
            place,
            "a statement that the file puts together itself is run here and not followed".to_owned(),
        );
    }

    /// Collation of a database that says nothing.
    fn default_collation(&self) -> String {
        let given = self.options.default_collation.as_deref().map(charset::modern_name);
        given.unwrap_or_else(|| charset::server_collation(self.server))
    }

    /// The database of a table's name.
    fn database(&mut self, name: &TableName) -> &mut Database {
        let collation = self.default_collation();
        self.catalogue.database(name.database.as_deref(), &collation)
    }

    /// `foreign_key_checks` of the session.
    fn checks_foreign_keys(&self) -> bool {
        self.session.foreign_key_checks.or(self.options.foreign_key_checks).unwrap_or(true)
    }

    fn explicit_timestamps(&self) -> bool {
        self.options.explicit_timestamps.unwrap_or_else(|| self.server.has_explicit_timestamps())
    }

    fn error(&mut self, (line, column): Place, name: &str, message: String, help: &str) {
        let text = name.to_owned();
        self.errors.push(DumpError { line, column, text, message, help: help.to_owned() });
    }

    fn warn(&mut self, (line, column): Place, message: String) {
        self.warnings.push(DumpWarning { line, column, message });
    }

    /// The error for a statement about a table that is not there.
    fn missing_table(&mut self, place: Place, name: &TableName) {
        let lower = name.table.to_lowercase();
        let similar = self.database(name).tables.keys().find(|other| other.to_lowercase() == lower).cloned();
        if let Some(similar) = similar {
            return self.error(
                place,
                &name.table,
                format!("the file creates the table `{similar}` and changes `{}`", name.table),
                "table names differ by case on a server under Linux: spell both alike",
            );
        }
        self.error(
            place,
            &name.table,
            format!("the file changes the table `{}` but does not create it before", name.table),
            "take a dump that holds the whole structure, or put the files together in their order",
        );
    }

    fn create_index(&mut self, table: &TableName, key: &KeySpec, or_replace: bool) {
        let actions = or_replace.then(|| super::spec::AlterAction::DropKey {
            name: key.name.clone().unwrap_or_default(),
            if_exists: true,
        });
        let add = super::spec::AlterAction::AddKey(key.clone());
        self.alter_table(key.place, table, false, actions.into_iter().chain([add]).collect());
    }

    fn drop_index(&mut self, place: Place, table: &TableName, name: &str, if_exists: bool) {
        let action = super::spec::AlterAction::DropKey { name: name.to_owned(), if_exists };
        self.alter_table(place, table, false, vec![action]);
    }
}
