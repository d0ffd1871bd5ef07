//! The embedded bridge under test.

use super::target::{GOOD_TOKEN, Target, Token};
use crate::harness::App;
use physio_runtime::bridge::embedded::EmbeddedBridge;
use rusqlite::types::ValueRef;
use std::sync::Arc;

/// An embedded bridge of an application.
#[derive(Debug)]
pub struct EmbeddedTarget {
    app: App,
    bridge: EmbeddedBridge,
}

impl EmbeddedTarget {
    /// Starts the bridge with the good token.
    pub fn start(app: App) -> Self {
        let bridge = EmbeddedBridge::start(Arc::clone(&app.plan)).expect("the embedded bridge starts");
        bridge.add_token(GOOD_TOKEN);
        Self { app, bridge }
    }

    /// The bridge itself.
    pub fn bridge(&self) -> &EmbeddedBridge {
        &self.bridge
    }
}

impl Target for EmbeddedTarget {
    fn app(&self) -> &App {
        &self.app
    }

    fn url(&self) -> String {
        self.bridge.url()
    }

    fn add_token(&self, token: &str, state: Token) {
        match state {
            Token::Good => self.bridge.add_token(token),
            Token::Expired => self.bridge.add_token_until(token, 1),
            Token::Revoked => {
                self.bridge.add_token(token);
                self.bridge.revoke_token(token);
            }
        }
    }

    fn add_user(&self, token: &str, role: &str, branch: Option<u32>) {
        let branch = branch.map(|branch| branch.to_string());
        self.bridge.add_user_token(token, Some(role), branch.as_deref());
    }

    fn revoke(&self, token: &str) {
        assert!(self.bridge.revoke_token(token), "the token is known");
    }

    fn execute(&self, sql: &str) {
        self.bridge.with_store(|store| store.execute_batch(sql)).expect("the statements are good");
    }

    fn execute_and_roll_back(&self, sql: &str) {
        self.bridge
            .with_store(|store| store.execute_batch(&format!("BEGIN; {sql}; ROLLBACK")))
            .expect("the statements are good");
    }

    fn query(&self, sql: &str) -> Vec<Option<String>> {
        let text = |value: ValueRef<'_>| match value {
            ValueRef::Null => None,
            ValueRef::Integer(number) => Some(number.to_string()),
            ValueRef::Real(number) => Some(number.to_string()),
            ValueRef::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
            ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        };
        let all = |store: &mut rusqlite::Connection| {
            let mut statement = store.prepare(sql)?;
            let rows = statement.query_map([], |row| Ok(text(row.get_ref(0)?)))?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        self.bridge.with_store(all).expect("the query is good")
    }

    fn check_clean(&self) {}
}
