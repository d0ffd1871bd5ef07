//! Small sources for the tests of the other passes.

use super::{Source, read};
use std::path::PathBuf;

/// `order lines` with a column of every kind, a hidden `secret`, and `api_tokens`, which is not synced.
pub(crate) fn source() -> Source {
    source_of(
        "CREATE TABLE api_tokens (token varchar(64) PRIMARY KEY);
         CREATE TABLE `order lines` (
           order_id int NOT NULL AUTO_INCREMENT PRIMARY KEY,
           line smallint unsigned NOT NULL,
           amount decimal(10,2) NOT NULL COMMENT 'Net of `discount`',
           `unit price` varchar(20),
           photo blob,
           weight float NOT NULL,
           due date NOT NULL,
           status enum('open','paid','unknown') NOT NULL,
           flags set('gift','express') NOT NULL,
           total decimal(10,2) GENERATED ALWAYS AS (amount * line) STORED NOT NULL,
           type date,
           secret text
         );",
    )
}

/// The source of a dump whose tables are all synced, but for a table `api_tokens`; a column `secret` of
/// `order lines` is hidden.
pub(crate) fn source_of(sql: &str) -> Source {
    let mut text = "[app]\nname = \"sample\"\ndump = \"dump.sql\"\n\
                    [server.tokens]\ntable = \"api_tokens\"\ntoken = \"token\"\n\
                    [access]\nopen = true\n[[waves]]\nname = \"all\"\ntables = [\"*\"]\n"
        .to_owned();
    if sql.contains("secret") {
        text.push_str("[tables.\"order lines\"]\nhidden = [\"secret\"]\n");
    }
    let config = read::parse_config("physio.toml", text.as_bytes()).expect("the sample is valid");
    let path = |name: &str| PathBuf::from("/sample").join(name);
    read::read_source("physio.toml", path("physio.toml"), path("dump.sql"), &config, sql.as_bytes())
        .expect("the sample is valid")
}
