//! The server named in a dump's comments, in the words of each tool and of its translations.

use super::options::{Flavour, Server};

/// What the comments have said so far; a line about the server outweighs one about the tool.
#[derive(Debug, Default)]
pub(crate) struct Header {
    server: Option<Server>,
    certain: bool,
}

/// Lines about something else that also has a version.
const NOT_THE_SERVER: [&str; 6] =
    ["php", "heidisql version", "adminer version", "navicat", "dump version", "target server"];

impl Header {
    /// Takes in one comment, of one line or of many.
    pub(crate) fn read(&mut self, comment: &[u8]) {
        if self.certain {
            return;
        }
        let comment = String::from_utf8_lossy(&comment[..comment.len().min(4096)]);
        for line in comment.lines().take(40) {
            self.read_line(line);
        }
    }

    /// The server the dump was written by, if it says so.
    pub(crate) fn server(&self) -> Option<Server> {
        self.server
    }

    fn read_line(&mut self, line: &str) {
        let lower = line.to_lowercase();
        if self.certain || NOT_THE_SERVER.iter().any(|other| lower.contains(other)) {
            return;
        }
        let is_mariadb = lower.contains("mariadb");
        // `Server version: 8.0.36`, `Versión del servidor: 5.7`, `Source Server Version : 80034 (8.0.34)`.
        let says_server = (lower.contains("serv") && (lower.contains("vers") || lower.contains("type")))
            || lower.starts_with("mysql - ")
            || lower.contains("(mysql ")
            || lower.contains("(mariadb ");
        let names_distribution = lower.contains("distrib ") || lower.starts_with("adminer ");
        if !says_server && !names_distribution {
            // Translations in which the word for the server is another one still say `-MariaDB`.
            if is_mariadb && let Some(version) = best_version(&lower, true) {
                self.server = Some(Server { flavour: Flavour::MariaDb, version });
            }
            return;
        }
        if let Some(version) = best_version(&lower, is_mariadb) {
            let was_mariadb =
                self.server.is_some_and(Server::is_mariadb) && lower.contains("server version :");
            let flavour = if is_mariadb || was_mariadb { Flavour::MariaDb } else { Flavour::MySql };
            self.server = Some(Server { flavour, version });
            self.certain = says_server;
        } else if is_mariadb {
            self.server = Some(Server { flavour: Flavour::MariaDb, ..Server::DEFAULT });
        }
    }
}

/// The version in a line: the one before `-mariadb` if that is what is looked for (`5.5.5-10.4.8-mariadb`
/// holds an older one for old clients), else the last with three parts, else the last with two.
fn best_version(lower: &str, is_mariadb: bool) -> Option<u32> {
    let versions = versions(lower);
    if is_mariadb
        && let Some(found) = versions.iter().find(|found| lower[found.end..].starts_with("-mariadb"))
    {
        return Some(found.number);
    }
    let with_parts = |parts| versions.iter().rev().find(|found| found.n_parts == parts);
    with_parts(3).or_else(|| with_parts(2)).map(|found| found.number)
}

struct Found {
    number: u32,
    n_parts: usize,
    end: usize,
}

/// Everything in `line` that looks like `8.0` or `8.0.36`.
fn versions(line: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let length = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
        let text = line[at..at + length].trim_end_matches('.');
        let parts: Vec<u32> = text.split('.').filter_map(|part| part.parse().ok()).collect();
        let small = |index: usize| parts.get(index).copied().unwrap_or(0).min(99);
        if (2..=3).contains(&parts.len()) && (3..=99).contains(&parts[0]) {
            let number = parts[0] * 10_000 + small(1) * 100 + small(2);
            found.push(Found { number, n_parts: parts.len(), end: at + text.len() });
        }
        at += length;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server_of(comments: &[&str]) -> Option<String> {
        let mut header = Header::default();
        for comment in comments {
            header.read(comment.as_bytes());
        }
        header.server().map(|server| server.to_string())
    }

    #[test]
    fn every_tool_says_it_in_its_own_words() {
        let cases: [(&[&str], &str); 13] = [
            (&["MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)"], "MySQL 8.0.36"),
            (
                &[
                    "MySQL dump 10.13  Distrib 5.7.44, for Linux (x86_64)",
                    "Server version\t5.5.5-10.4.8-MariaDB",
                ],
                "MariaDB 10.4.8",
            ),
            (
                &["MariaDB dump 10.19  Distrib 10.11.6-MariaDB, for debian-linux-gnu (x86_64)"],
                "MariaDB 10.11.6",
            ),
            (
                &["phpMyAdmin SQL Dump", "version 5.2.1", "Server version: 8.0.35", "PHP Version: 8.2.4"],
                "MySQL 8.0.35",
            ),
            (
                &[
                    "phpMyAdmin SQL Dump",
                    "version 4.8.5",
                    "Versión del servidor: 10.1.38-MariaDB",
                    "Versión de PHP: 7.1",
                ],
                "MariaDB 10.1.38",
            ),
            (&["Version du serveur : 5.7.31", "Version de PHP : 7.3.21"], "MySQL 5.7.31"),
            (&["Serverversion: 10.4.32-MariaDB"], "MariaDB 10.4.32"),
            (&["Server version:               8.0.30 - MySQL Community Server - GPL"], "MySQL 8.0.30"),
            (&["Adminer 4.8.1 MySQL 10.4.32-MariaDB dump"], "MariaDB 10.4.32"),
            (&["Adminer 4.8.1 MySQL 8.0.36 dump"], "MySQL 8.0.36"),
            (&["Host: 127.0.0.1 (MySQL 5.7.23)"], "MySQL 5.7.23"),
            (
                &[
                    "Navicat Premium Data Transfer\n\n Source Server         : local\n Source Server Type    : MySQL\n Source Server Version : 80034 (8.0.34)\n Source Host : 10.1.2.3:3306\n Target Server Version : 50799 (5.7.99)",
                ],
                "MySQL 8.0.34",
            ),
            (&["SQLyog Ultimate v13.1.1 (64 bit)\nMySQL - 5.7.26 : Database - shop\n****"], "MySQL 5.7.26"),
        ];
        for (comments, expected) in cases {
            assert_eq!(server_of(comments).as_deref(), Some(expected), "{comments:?}");
        }
    }

    #[test]
    fn other_comments_name_no_server() {
        assert_eq!(
            server_of(&["version 5.2.1", "Generation Time: Jan 1, 2024", "Host: 10.0.0.12", "MySQL Script"]),
            None
        );
    }
}
