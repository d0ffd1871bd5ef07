//! Real PHP over real MariaDB under test.

use super::target::{GOOD_TOKEN, Target, Token};
use crate::harness::{App, Host, Stack};
use mysql::prelude::Queryable;
use mysql::{Value, params};

/// PHP's web server over a database of its own.
#[derive(Debug)]
pub struct PhpTarget {
    stack: Stack,
}

impl PhpTarget {
    /// Starts the stack with the good token.
    ///
    /// # Panics
    ///
    /// When MariaDB or PHP is missing; the message says what to install.
    pub fn start(app: App) -> Self {
        Self::start_on(app, Host::default())
    }

    /// Starts the stack on a host of another kind.
    ///
    /// # Panics
    ///
    /// As [`start`](Self::start), also when the host's web server is missing.
    pub fn start_on(app: App, host: Host) -> Self {
        let stack = Stack::start_on(app, host).unwrap_or_else(|error| panic!("{error}"));
        let target = Self { stack };
        target.add_token(GOOD_TOKEN, Token::Good);
        target
    }

    /// The servers themselves.
    pub fn stack(&self) -> &Stack {
        &self.stack
    }

    fn connect(&self) -> mysql::Conn {
        self.stack.connect().expect("the database lets its owner in")
    }
}

impl Target for PhpTarget {
    fn app(&self) -> &App {
        &self.stack.app
    }

    fn url(&self) -> String {
        self.stack.url()
    }

    fn add_token(&self, token: &str, state: Token) {
        let expires = match state {
            Token::Good | Token::Revoked => "UTC_TIMESTAMP() + INTERVAL 2 DAY",
            Token::Expired => "UTC_TIMESTAMP() - INTERVAL 2 DAY",
        };
        self.stack.add_token(token, expires, state == Token::Revoked).expect("the token table takes a token");
    }

    fn add_user(&self, token: &str, role: &str, branch: Option<u32>) {
        self.stack.add_user(token, role, branch).expect("the clinic takes a user");
    }

    fn revoke(&self, token: &str) {
        let tokens = &self.stack.app.config.server.tokens;
        let revoked = tokens.revoked.as_deref().expect("the application's tokens can be revoked");
        let sql = format!("UPDATE `{}` SET `{revoked}` = 1 WHERE `{}` = :token", tokens.table, tokens.token);
        self.connect().exec_drop(sql, params! { token }).expect("the token table takes the change");
    }

    fn execute(&self, sql: &str) {
        let mut conn = self.connect();
        for statement in sql.split(';').filter(|statement| !statement.trim().is_empty()) {
            conn.query_drop(statement).expect("the statement is good");
        }
    }

    fn execute_and_roll_back(&self, sql: &str) {
        let mut conn = self.connect();
        conn.query_drop("BEGIN").expect("a transaction begins");
        for statement in sql.split(';').filter(|statement| !statement.trim().is_empty()) {
            conn.query_drop(statement).expect("the statement is good");
        }
        conn.query_drop("ROLLBACK").expect("the transaction is undone");
    }

    fn query(&self, sql: &str) -> Vec<Option<String>> {
        let rows: Vec<mysql::Row> = self.connect().query(sql).expect("the query is good");
        let text = |row: mysql::Row| match row.unwrap().swap_remove(0) {
            Value::NULL => None,
            Value::Bytes(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            other => Some(other.as_sql(true).trim_matches('\'').to_owned()),
        };
        rows.into_iter().map(text).collect()
    }

    fn check_clean(&self) {
        self.stack.php.assert_clean();
    }
}
