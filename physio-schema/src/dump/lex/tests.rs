use super::*;
use crate::dump::options::Flavour;

fn tokens_on(server: Server, text: &str) -> Vec<String> {
    let (lexed, unfinished) = lex(text.to_owned(), 1, 1, server, Quoting::default());
    assert_eq!(unfinished, None, "{text}");
    assert_eq!(lexed.tokens.len(), lexed.ranges.len());
    lexed.tokens.iter().map(|token| token.token.to_string()).collect()
}

fn tokens(text: &str) -> Vec<String> {
    tokens_on(Server::DEFAULT, text)
}

#[test]
fn version_comments_run_as_on_the_server() {
    let text = "a /*!40101 b */ /*!80023 c */ /*M!100303 d*/ /*! e */ /* f */ /*!999999\\- g */ h";
    assert_eq!(tokens(text), ["a", "b", "d", "e", "h"]);
    let mysql = Server { flavour: Flavour::MySql, version: 80_036 };
    assert_eq!(tokens_on(mysql, text), ["a", "b", "c", "e", "h"]);
}

#[test]
fn a_comment_that_is_not_run_takes_its_inner_comments_along() {
    assert_eq!(tokens("a /*!80000 b /* c */ d */ e"), ["a", "e"]);
    assert_eq!(tokens("a /*!40000 b /* c */ d */ e"), ["a", "b", "d", "e"]);
}

#[test]
fn names_may_begin_with_a_digit_and_numbers_may_not_end_in_letters() {
    assert_eq!(
        tokens("2fa 1st_name 1e3 12 1.5 .5 0x41 0b1 1e a$b é 0xzz"),
        ["2fa", "1st_name", "1e3", "12", "1.5", ".5", "X'41'", "B'1'", "1e", "a$b", "é", "0xzz"]
    );
    assert_eq!(tokens("db.2t `a`.`b` t.1"), ["db", ".", "2t", "`a`", ".", "`b`", "t", ".", "1"]);
}

#[test]
fn strings_come_without_their_escapes() {
    let (lexed, _) =
        lex(r#"'it''s \'x\' \\ \n' "a""b" 'a' 'b' N'c'"#.into(), 1, 1, Server::DEFAULT, Quoting::default());
    let values: Vec<_> = lexed.tokens.into_iter().map(|token| token.token).collect();
    assert_eq!(
        values,
        [Token::SingleQuotedString("it's 'x' \\ \na\"bab".into()), Token::NationalStringLiteral("c".into()),]
    );
}

#[test]
fn double_quotes_are_names_under_ansi() {
    let quoting = Quoting { ansi: true, backslash_is_plain: false };
    let (lexed, _) = lex(r#""a""b""#.into(), 1, 1, Server::DEFAULT, quoting);
    assert!(
        matches!(&lexed.tokens[0].token, Token::Word(word) if word.value == "a\"b" && word.quote_style.is_some())
    );
}

#[test]
fn places_are_those_of_the_file() {
    let (lexed, _) = lex("a\n  ü b".into(), 7, 5, Server::DEFAULT, Quoting::default());
    let places: Vec<_> = lexed.tokens.iter().map(|t| (t.span.start.line, t.span.start.column)).collect();
    assert_eq!(places, [(7, 5), (8, 3), (8, 5)]);
}

#[test]
fn what_does_not_end_is_said() {
    for (text, what, at) in [("a 'b", "string", 2), ("`b", "quoted name", 0), ("a /* b", "comment", 2)] {
        let (_, unfinished) = lex(text.into(), 1, 1, Server::DEFAULT, Quoting::default());
        assert_eq!(unfinished, Some(Unfinished { at, what }));
    }
}
