use super::*;

/// Splits `sql` handed over in pieces of `step` bytes.
fn split(sql: &[u8], step: usize) -> Vec<Piece> {
    let mut splitter = Splitter::new();
    let mut pieces = Vec::new();
    let mut pending = Vec::new();
    let mut chunks = sql.chunks(step.max(1)).peekable();
    while let Some(chunk) = chunks.next() {
        pending.extend_from_slice(chunk);
        let last = chunks.peek().is_none();
        loop {
            let (done, piece) = splitter.next(&pending, last);
            pending.drain(..done);
            match piece {
                Some(piece) => pieces.push(piece),
                None => break,
            }
        }
    }
    pieces
}

fn statements(sql: &str) -> Vec<String> {
    let whole = split(sql.as_bytes(), sql.len());
    for step in [1, 2, 3, 7, 64] {
        assert_eq!(split(sql.as_bytes(), step), whole, "in pieces of {step} bytes: {sql}");
    }
    let text = |piece| match piece {
        Piece::Statement(statement) => Some(String::from_utf8(statement.text).unwrap()),
        Piece::Data => Some("(data)".to_owned()),
        Piece::ClientCommand(command) => {
            Some(format!("(client: {})", String::from_utf8(command.text).unwrap()))
        }
        Piece::Comment(_) | Piece::Endless(_) => None,
    };
    whole.into_iter().filter_map(text).collect()
}

#[test]
fn semicolons_in_strings_names_and_comments_do_not_split() {
    let sql = "CREATE TABLE `a;b` (x int COMMENT 'it''s; \\'y\\';', /* ; */ y int -- ;\n, z int # ;\n);DROP TABLE c";
    assert_eq!(statements(sql), [sql.strip_suffix(";DROP TABLE c").unwrap(), "DROP TABLE c"]);
}

#[test]
fn rows_are_not_kept_whatever_stands_in_them() {
    let sql = "INSERT INTO t VALUES (1,'a;\\'CREATE TABLE x (y int);'), -- it's\n (2,\"b;\"),(3,'');CREATE TABLE u (a int);\n\
               /*!40000 INSERT INTO t VALUES (';') */;";
    assert_eq!(statements(sql), ["(data)", "CREATE TABLE u (a int)", "(data)"]);
}

#[test]
fn version_comments_belong_to_the_statement() {
    let sql = "/*!50003 CREATE*/ /*!50017 DEFINER=`r`@`h`*/ /*!50003 VIEW x; y */;\n/*M!999999\\- sandbox */ \n-- c\nUSE a;";
    let found = statements(sql);
    assert_eq!(found[0], "/*!50003 CREATE*/ /*!50017 DEFINER=`r`@`h`*/ /*!50003 VIEW x; y */");
    assert!(found[1].ends_with("USE a"), "the next statement is still found: {found:?}");
}

#[test]
fn a_foreign_delimiter_splits_routines_only_at_itself_and_tables_at_both() {
    let sql = "DELIMITER $$\nCREATE DEFINER=`a`@`%` PROCEDURE p() BEGIN SELECT 1; SELECT 2; END$$\n\
               CREATE TABLE a (x int);\nCREATE TABLE b (y int)$$\ndelimiter ;\nCREATE TABLE c (z int);";
    assert_eq!(
        statements(sql),
        [
            "CREATE DEFINER=`a`@`%` PROCEDURE p() BEGIN SELECT 1; SELECT 2; END",
            "CREATE TABLE a (x int)",
            "CREATE TABLE b (y int)",
            "CREATE TABLE c (z int)",
        ]
    );
}

#[test]
fn byte_order_marks_and_dashes_without_a_space_are_passed_over() {
    let sql = "\u{feff}-- a\n\u{feff}--x\nCREATE TABLE t (a int);\r\n\u{feff}DROP TABLE t;\nsource more.sql\nUSE b;";
    assert_eq!(
        statements(sql),
        ["CREATE TABLE t (a int)", "DROP TABLE t", "(client: source more.sql)", "USE b"]
    );
}

#[test]
fn lines_and_columns_count_what_was_run_past() {
    let sql = b"-- one\nINSERT INTO t VALUES ('\n\n');\n  CREATE TABLE t (a int);";
    for step in [1, 5, 1000] {
        let pieces = split(sql, step);
        let Some(Piece::Statement(statement)) = pieces.last() else { panic!("{pieces:?}") };
        assert_eq!((statement.line, statement.column), (5, 3));
    }
}

#[test]
fn a_statement_without_an_end_is_given_up_and_not_kept() {
    let mut splitter = Splitter::new();
    assert_eq!(splitter.next(b"CREATE TABLE t (a int COMMENT 'open", false).1, None);
    let filler = vec![b'x'; 1 << 20];
    for _ in 0..70 {
        let mut bytes = filler.clone();
        bytes.extend_from_slice(&[b' '; LOOK_AHEAD]);
        splitter.next(&bytes, false);
    }
    assert!(splitter.kept.capacity() < 1 << 20, "the text was let go");
    let (_, piece) = splitter.next(b"", true);
    assert!(matches!(piece, Some(Piece::Endless(start)) if start.line == 1));
}

#[test]
fn backslashes_can_be_plain() {
    let mut splitter = Splitter::new();
    splitter.backslash_is_plain = true;
    let sql = b"CREATE TABLE t (a int COMMENT '\\');DROP TABLE t;";
    let (done, piece) = splitter.next(sql, true);
    assert_eq!(&sql[done..], b"DROP TABLE t;");
    assert!(matches!(piece, Some(Piece::Statement(_))));
}
