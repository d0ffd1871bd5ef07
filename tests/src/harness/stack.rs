//! The whole server side for real: MariaDB with the dump and the install SQL, PHP over `php-bridge/`.

use super::app::{App, repository};
use super::host::{Host, WebServer};
use super::{HarnessError, PhpServer, PrivateMariaDb, Result};
use mysql::Conn;
use mysql::prelude::Queryable;
use physio_schema::server;
use std::path::Path;

/// A database of its own on the shared MariaDB and a PHP server of its own in front of it.
#[derive(Debug)]
pub struct Stack {
    /// The application that it serves.
    pub app: App,
    /// The database's name; its user has the same name and password.
    pub database: String,
    /// PHP's web server.
    pub php: PhpServer,
    maria: &'static PrivateMariaDb,
    folder: tempfile::TempDir,
    host: Host,
}

impl Stack {
    /// Loads the application's dump into a new database, installs the sync tables and starts PHP.
    ///
    /// # Errors
    ///
    /// When MariaDB or PHP is missing, or a script fails.
    pub fn start(app: App) -> Result<Self> {
        Self::start_on(app, Host::default())
    }

    /// As [`start`](Self::start), on a host of another kind.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start), also when the host's web server is missing.
    pub fn start_on(app: App, host: Host) -> Result<Self> {
        let stack = Self::start_bare_on(app, host)?;
        stack.install()?;
        Ok(stack)
    }

    /// As [`start`](Self::start), but without the sync tables: rows can be loaded without triggers first,
    /// then [`install`](Self::install).
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub fn start_bare(app: App) -> Result<Self> {
        Self::start_bare_on(app, Host::default())
    }

    /// [`start_bare`](Self::start_bare) on a host of another kind.
    ///
    /// # Errors
    ///
    /// As [`start_on`](Self::start_on).
    pub fn start_bare_on(app: App, host: Host) -> Result<Self> {
        let maria = PrivateMariaDb::shared()?;
        let database = maria.create_database()?;
        maria.run_script(&database, &app.dump)?;
        let folder = tempfile::Builder::new().prefix("physio-php-").tempdir()?;
        copy_folder(&repository().join("php-bridge"), folder.path())?;
        write_generated(folder.path(), &app)?;
        let php = start_php(folder.path(), maria, &database, &host)?;
        Ok(Self { app, database, php, maria, folder, host })
    }

    /// Changes the database by `alter` and uploads the bridge of `app`, as an owner does who updates the server.
    ///
    /// # Errors
    ///
    /// When the server refuses a statement.
    pub fn deploy(&mut self, app: App, alter: &str) -> Result<()> {
        self.maria.run_script(&self.database, alter)?;
        self.upload(app)?;
        self.install()
    }

    /// Uploads the bridge of `app` and nothing else.
    ///
    /// # Errors
    ///
    /// When a file cannot be written.
    pub fn upload(&mut self, app: App) -> Result<()> {
        write_generated(self.folder.path(), &app)?;
        self.app = app;
        Ok(())
    }

    /// Starts PHP anew and kills the old one, whatever it is doing; the address changes.
    ///
    /// # Errors
    ///
    /// When it does not get ready.
    pub fn replace_php(&mut self) -> Result<()> {
        self.php = start_php(self.folder.path(), self.maria, &self.database, &self.host)?;
        Ok(())
    }

    /// Installs the sync tables and triggers as the owner of the database would.
    ///
    /// # Errors
    ///
    /// When the server refuses a statement.
    pub fn install(&self) -> Result<()> {
        let script = server::emit_install_sql(&self.app.plan, &self.app.schema, &self.app.config);
        self.maria.run_script(&self.database, &script)
    }

    /// The address of the bridge.
    pub fn url(&self) -> String {
        self.php.url()
    }

    /// The MariaDB server.
    pub fn maria(&self) -> &'static PrivateMariaDb {
        self.maria
    }

    /// The folder that PHP serves.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A connection to the database as another application would use it.
    ///
    /// # Errors
    ///
    /// When the server does not let us in.
    pub fn connect(&self) -> Result<Conn> {
        self.maria.connect_as(&self.database, &self.database, Some(&self.database))
    }

    /// Puts a token into the application's token table; `expires` is the SQL of a time.
    ///
    /// # Errors
    ///
    /// When the server refuses the row.
    pub fn add_token(&self, token: &str, expires: &str, revoked: bool) -> Result<()> {
        let tokens = &self.app.config.server.tokens;
        let mut conn = self.connect()?;
        // The user need not exist: only the token is looked at.
        conn.query_drop("SET foreign_key_checks = 0")?;
        let mut columns = vec![format!("`{}`", tokens.token)];
        let mut values = vec!["?".to_owned()];
        if let Some(user) = &tokens.user {
            columns.push(format!("`{user}`"));
            values.push("1".to_owned());
        }
        if let Some(column) = &tokens.expires {
            columns.push(format!("`{column}`"));
            values.push(expires.to_owned());
        }
        if let Some(column) = &tokens.revoked {
            columns.push(format!("`{column}`"));
            values.push(u8::from(revoked).to_string());
        }
        let (columns, values) = (columns.join(", "), values.join(", "));
        let sql = format!("INSERT INTO `{}` ({columns}) VALUES ({values})", tokens.table);
        Ok(conn.exec_drop(sql, (token,))?)
    }
}

impl Stack {
    /// Puts the token of a new employee of the clinic with this role and branch into the token table.
    ///
    /// # Errors
    ///
    /// When the server refuses a row, as for a branch that is not there.
    pub fn add_user(&self, token: &str, role: &str, branch: Option<u32>) -> Result<()> {
        let mut conn = self.connect()?;
        // The default of `expenses.approved_by_user_id` refers to it.
        conn.query_drop("INSERT IGNORE INTO users (id) VALUES (1)")?;
        conn.exec_drop("INSERT IGNORE INTO roles (role_name) VALUES (?)", (role,))?;
        let employee = "INSERT INTO employees (branch_id, role_id, first_name, last_name, date_of_joining)
            SELECT ?, role_id, 'Person', 'Synthetic', '2026-01-05' FROM roles WHERE role_name = ?";
        conn.exec_drop(employee, (branch, role))?;
        let sql = "INSERT INTO api_tokens (employee_id, token, expires_at)
            VALUES (LAST_INSERT_ID(), ?, UTC_TIMESTAMP() + INTERVAL 2 DAY)";
        Ok(conn.exec_drop(sql, (token,))?)
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // The server goes anyway when the process ends; this only keeps it small until then.
        drop(self.maria.drop_database(&self.database));
    }
}

/// Each file is there whole or not at all: PHP may answer a request meanwhile.
fn write_generated(folder: &Path, app: &App) -> Result<()> {
    let generated = folder.join("generated");
    std::fs::create_dir_all(&generated)?;
    let whitelist = server::emit_whitelist(&app.plan, &app.schema, &app.config);
    for (name, text) in [("whitelist.php", whitelist), ("errors.php", server::emit_errors_php())] {
        let unfinished = generated.join(format!("{name}.new"));
        std::fs::write(&unfinished, text)?;
        std::fs::rename(unfinished, generated.join(name))?;
    }
    Ok(())
}

fn start_php(folder: &Path, maria: &PrivateMariaDb, database: &str, host: &Host) -> Result<PhpServer> {
    let mut environment = vec![
        ("PHYSIO_DB_NAME", database.to_owned()),
        ("PHYSIO_DB_USER", database.to_owned()),
        ("PHYSIO_DB_PASSWORD", database.to_owned()),
        ("PHYSIO_TOKEN_STORAGE", "plain".to_owned()),
    ];
    // Nobody but us gets at the socket, and web servers that root starts run PHP as somebody else.
    environment.extend(if host.server == WebServer::BuiltIn {
        [
            ("PHYSIO_DB_HOST", "localhost".to_owned()),
            ("PHYSIO_DB_SOCKET", maria.socket().display().to_string()),
        ]
    } else {
        [("PHYSIO_DB_HOST", "127.0.0.1".to_owned()), ("PHYSIO_DB_PORT", maria.port().to_string())]
    });
    let environment: Vec<_> = environment.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    PhpServer::start_on(host, folder, &environment)
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    let entries = std::fs::read_dir(from)
        .map_err(|error| HarnessError::new(format!("cannot read {}: {error}", from.display())))?;
    for entry in entries {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            std::fs::create_dir_all(&target)?;
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
